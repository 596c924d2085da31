import type { KubeObject } from '../kubernetes.ts'
import { hasCode } from '../service-error.ts'
import { listGroups } from './api-groups.ts'
import { type Call, listPages } from './list-pages.ts'

interface ApiResources {
  resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[]
}

/** Kinds that describe other objects, or are created and deleted with them. */
const derivedKinds = new Set(['Event', 'Endpoints', 'EndpointSlice', 'Lease', 'PodMetrics'])

/** Objects that controllers create in every namespace. */
const defaultObjects = new Set([
  'ServiceAccount/default',
  'ConfigMap/kube-root-ca.crt',
  'ConfigMap/istio-ca-root-cert',
])

/** Maximum number of parallel requests. */
const parallelism = 8

/** Returns the objects of every kind in the namespace, except derived, default and owned ones. */
export async function namespaceContents(call: Call, namespace: string): Promise<KubeObject[]> {
  const kinds = await listableKinds(call)
  const objects = await inBatches(kinds, ({ version, name, kind }) =>
    listKind(call, `${version}/namespaces/${encodeURIComponent(namespace)}/${name}`, kind),
  )
  return objects
    .flat()
    .filter(
      ({ kind, metadata }) =>
        !defaultObjects.has(`${kind}/${metadata.name}`) &&
        !(metadata.ownerReferences as unknown[] | undefined)?.length,
    )
}

/** Returns the kinds with the path of one of the versions that serve them, the preferred one if it does. */
async function listableKinds(call: Call) {
  const groups = await listGroups(call)
  const versions = [
    { group: '', path: '/api/v1' },
    ...groups
      .filter(({ name }) => name !== 'metrics.k8s.io')
      .flatMap(({ name, versions }) => versions.map((each) => ({ group: name, path: `/apis/${each}` }))),
  ]
  const kinds = await inBatches(versions, async ({ group, path }) =>
    (await call<ApiResources>('GET', path)).resources
      .filter(
        ({ name, kind, namespaced, verbs }) =>
          namespaced && verbs.includes('list') && !name.includes('/') && !derivedKinds.has(kind),
      )
      .map(({ name, kind }) => ({ group, version: path, name, kind })),
  )
  const seen = new Set<string>()
  return kinds.flat().filter(({ group, name }) => {
    const isNew = !seen.has(`${name}.${group}`)
    seen.add(`${name}.${group}`)
    return isNew
  })
}

async function listKind(call: Call, path: string, kind: string): Promise<KubeObject[]> {
  try {
    return (await listPages(call, path)).map((each) => ({ ...each, kind }))
  } catch (error) {
    // Some kinds can't be listed although discovery says so.
    if (hasCode(error, 'MethodNotAllowed', 'NotFound')) return []
    throw error
  }
}

async function inBatches<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (let start = 0; start < items.length; start += parallelism)
    results.push(...(await Promise.all(items.slice(start, start + parallelism).map(act))))
  return results
}
