import type { Call } from '../http.ts'

/** Returns a header of the request; `undefined` if it is missing or empty. */
export function headerOf({ headers }: Call, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const prefix = 'x-ms-meta-'

/** Returns the metadata that a request sets. Node.js gives header names in lower case. */
export const metadataOf = ({ headers }: Call): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), String(value)]),
  )

export const metadataHeaders = (metadata: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`${prefix}${name}`, value]))

export const httpDate = (ms: number) => new Date(ms).toUTCString()

/** Returns the headers of what has been changed last at `changedAt`. */
export const versionHeaders = ({ etag, changedAt }: { etag: string; changedAt: number }) => ({
  etag: `"${etag}"`,
  'last-modified': httpDate(changedAt),
})
