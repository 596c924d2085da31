import type { CustomKind, CustomObjects } from '../kubernetes.ts'
import { hasCode } from '../service-error.ts'
import { type Call, listPages } from './list-pages.ts'

interface ApiGroups {
  groups: { name: string; preferredVersion: { groupVersion: string } }[]
}

/**
 * Returns the objects of these kinds in the namespace, and of those without a namespace. A kind is listed only if the
 * API server serves its group; one that the caller may not list is returned by its name.
 */
export async function customObjects(
  call: Call,
  kinds: readonly CustomKind[],
  namespace: string,
): Promise<CustomObjects> {
  const { groups } = await call<ApiGroups>('GET', '/apis')
  const found = await Promise.all(
    kinds.map(async (kind): Promise<CustomObjects> => {
      const group = groups.find(({ name }) => name === kind.group)
      if (!group) return { objects: [], forbidden: [] }
      const { groupVersion } = group.preferredVersion
      const scope = kind.namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : ''
      try {
        const objects = await listPages(call, `/apis/${groupVersion}${scope}/${kind.plural}`)
        const type = { apiVersion: groupVersion, kind: kind.kind }
        return { objects: objects.map((each) => ({ ...each, ...type })), forbidden: [] }
      } catch (error) {
        // The group is served without this kind, or not in this version.
        if (hasCode(error, 'NotFound', 'MethodNotAllowed')) return { objects: [], forbidden: [] }
        if (hasCode(error, 'Forbidden')) return { objects: [], forbidden: [`${kind.plural}.${kind.group}`] }
        throw error
      }
    }),
  )
  return {
    objects: found.flatMap(({ objects }) => objects),
    forbidden: found.flatMap(({ forbidden }) => forbidden),
  }
}
