import type { HttpMethods } from '@azure/core-rest-pipeline'
import type { CustomKind, CustomObjects, KubeObject } from '../kubernetes.ts'
import { makeListLimit } from '../list-limit.ts'
import { hasCode } from '../service-error.ts'

type Call = <T>(method: HttpMethods, path: string) => Promise<T>

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
        const objects = await listAll(call, `/apis/${groupVersion}${scope}/${kind.plural}`)
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

async function listAll(call: Call, path: string): Promise<KubeObject[]> {
  const objects: KubeObject[] = []
  const limit = makeListLimit('kubernetes', path)
  let next: string | undefined
  do {
    const page: { items?: KubeObject[]; metadata?: { continue?: string } } = await call(
      'GET',
      `${path}?limit=500${next === undefined ? '' : `&continue=${encodeURIComponent(next)}`}`,
    )
    limit(page.items?.length ?? 0)
    objects.push(...(page.items ?? []))
    next = page.metadata?.continue || undefined
  } while (next)
  return objects
}
