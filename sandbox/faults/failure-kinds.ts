import type { Reply } from '../http.ts'

/** Failures that a fault rule can inject and that each service words in its own way. */
export const failureKinds = ['408', '429', '500', '502', '503', '504', 'busy', 'concurrent-write'] as const

export type FailureKind = (typeof failureKinds)[number]

/** Returns the HTML page of a gateway whose service did not respond. */
export const gatewayPage = (status: number, title: string): Reply => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: `<html><head><title>${title}</title></head><body><h1>${title}</h1><p>The page cannot be displayed because an internal server error has occurred.</p></body></html>`,
})
