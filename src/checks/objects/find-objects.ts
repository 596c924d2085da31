import type { CustomKind, CustomObjects, KubeObject, Kubernetes } from '../../clients/kubernetes.ts'
import type { ManifestLocation } from '../workloads/workload.ts'
import { objectKindOf, objectKinds } from './index.ts'
import type { AccountReference, IdentityObject, ObjectContext } from './object-kind.ts'

interface LocatedObject {
  object: KubeObject
  location: ManifestLocation | undefined
}

/** Returns the objects among these that use workload identity and whose kind is known. */
export const identityObjects = (all: readonly LocatedObject[], context: ObjectContext): IdentityObject[] =>
  all.flatMap(({ object, location }) => {
    const kind = objectKindOf(object)
    return kind?.uses(object, context) ? [{ kind, object, location }] : []
  })

/** Returns the service accounts that the objects refer to. */
export const accountsOf = (objects: readonly KubeObject[]): AccountReference[] =>
  objects.flatMap((object) => objectKindOf(object)?.accounts?.(object) ?? [])

/** The kinds to read from clusters. */
export const clusterKinds: readonly CustomKind[] = objectKinds
  .filter(({ manifestsOnly }) => !manifestsOnly)
  .flatMap(({ group, kinds, clusterScoped }) =>
    Object.entries(kinds).map(([kind, plural]) => ({
      group,
      kind,
      plural,
      namespaced: !clusterScoped?.includes(kind),
    })),
  )

/** Reads the objects of the known kinds: those in the namespace, and those without one that refer to no other. */
export async function readObjects(kube: Kubernetes, namespace: string): Promise<CustomObjects> {
  const { objects, forbidden } = await kube.customObjects(clusterKinds, namespace)
  return {
    objects: objects.filter((each) => accountsOf([each]).every((account) => account.namespace === namespace)),
    forbidden,
  }
}
