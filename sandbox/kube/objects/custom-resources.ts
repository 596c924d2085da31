import type { JsonObject, KubeCluster } from '../state.ts'
import { type ApiResource, resourceForKind, resources } from './resources.ts'
import { listObjects } from './store.ts'

const cache = new WeakMap<KubeCluster['objects'], { version: number; served: ApiResource[] }>()

/** Returns the resources that a CustomResourceDefinition adds: one for each served version. */
function resourcesOf({ spec }: JsonObject): ApiResource[] {
  const versions = (spec.versions ?? []) as JsonObject[]
  const storageVersion: string = versions.find((each) => each.storage)?.name ?? ''
  return versions
    .filter((each) => each.served)
    .map((each) => ({
      group: spec.group,
      version: each.name,
      name: spec.names.plural,
      kind: spec.names.kind,
      namespaced: spec.scope === 'Namespaced',
      status: each.subresources?.status !== undefined,
      review: false,
      shortNames: spec.names.shortNames ?? [],
      subresources: each.subresources?.status === undefined ? [] : ['status'],
      custom: { storageVersion, schema: each.schema?.openAPIV3Schema ?? {} },
    }))
}

/** Returns the resources that the cluster serves, those of its CustomResourceDefinitions included. */
export function servedResources(cluster: KubeCluster): readonly ApiResource[] {
  const cached = cache.get(cluster.objects)
  if (cached?.version === cluster.resourceVersion) return cached.served
  const definitions = listObjects(cluster, resourceForKind('CustomResourceDefinition'))
  const served = definitions.length ? [...resources, ...definitions.flatMap(resourcesOf)] : resources
  cache.set(cluster.objects, { version: cluster.resourceVersion, served })
  return served
}

export const findApiResource = (
  cluster: KubeCluster,
  group: string,
  version: string,
  name: string,
): ApiResource | undefined =>
  servedResources(cluster).find(
    (each) => each.group === group && each.version === version && each.name === name,
  )

/** Returns the status of a definition, which the API server accepts at once. */
export function definitionStatus({ spec }: JsonObject, time: string): JsonObject {
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: 'True',
    reason,
    message,
    lastTransitionTime: time,
  })
  return {
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    acceptedNames: { ...spec?.names, listKind: `${spec?.names?.kind}List` },
    storedVersions: ((spec?.versions ?? []) as JsonObject[])
      .filter((each) => each.storage)
      .map(({ name }) => name),
  }
}
