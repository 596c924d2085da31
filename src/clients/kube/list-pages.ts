import type { HttpMethods } from '@azure/core-rest-pipeline'
import type { KubeObject } from '../kubernetes.ts'
import { makeListLimit } from '../list-limit.ts'
import { query } from './kinds.ts'

export type Call = <T>(method: HttpMethods, path: string) => Promise<T>

/** Returns the objects of all pages of a list. */
export async function listPages(call: Call, path: string, labels?: string): Promise<KubeObject[]> {
  const objects: KubeObject[] = []
  const limit = makeListLimit('kubernetes', path)
  let next: string | undefined
  do {
    const page: { items?: KubeObject[]; metadata?: { continue?: string } } = await call(
      'GET',
      `${path}${query({ labelSelector: labels, limit: '500', continue: next })}`,
    )
    limit(page.items?.length ?? 0)
    objects.push(...(page.items ?? []))
    next = page.metadata?.continue || undefined
  } while (next)
  return objects
}
