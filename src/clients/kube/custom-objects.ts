import type { CustomKind, CustomObjects } from '../kubernetes.ts'
import { hasCode } from '../service-error.ts'
import { listGroups } from './api-groups.ts'
import { type Call, listPages } from './list-pages.ts'

/**
 * Returns the objects of these kinds in the namespace, and of those without a namespace. A kind is listed only if the
 * API server serves its group; one that the caller may not list is returned by its name.
 */
export async function customObjects(
  call: Call,
  kinds: readonly CustomKind[],
  namespace: string,
): Promise<CustomObjects> {
  const groups = await listGroups(call)
  const found = await Promise.all(
    kinds.map((kind) => {
      const { versions = [] } = groups.find(({ name }) => name === kind.group) ?? {}
      return objectsOf(call, kind, { versions, namespace })
    }),
  )
  return {
    objects: found.flatMap(({ objects }) => objects),
    forbidden: found.flatMap(({ forbidden }) => forbidden),
  }
}

/** Returns the objects of a kind in the first of its group's versions that serves it. */
async function objectsOf(
  call: Call,
  { group, kind, plural, namespaced }: CustomKind,
  { versions, namespace }: { versions: readonly string[]; namespace: string },
): Promise<CustomObjects> {
  const scope = namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  for (const apiVersion of versions)
    try {
      const objects = await listPages(call, `/apis/${apiVersion}${scope}/${plural}`)
      return { objects: objects.map((each) => ({ ...each, apiVersion, kind })), forbidden: [] }
    } catch (error) {
      if (hasCode(error, 'Forbidden')) return { objects: [], forbidden: [`${plural}.${group}`] }
      if (!hasCode(error, 'NotFound', 'MethodNotAllowed')) throw error
    }
  return { objects: [], forbidden: [] }
}
