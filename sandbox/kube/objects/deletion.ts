import type { Simulator } from '../../simulator.ts'
import { conflict, forbidden } from '../errors.ts'
import { stopPods } from '../pods/processes.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { type ApiResource, resourceForKind, resources } from './resources.ts'
import { eraseObject, formatTime, listObjects, storeObject } from './store.ts'
import type { WriteContext } from './write-context.ts'

/** Takes the object out of the store, unless a finalizer holds it: then it is only marked. */
function take(
  simulator: Simulator,
  cluster: KubeCluster,
  resource: ApiResource,
  object: StoredObject,
): StoredObject {
  if (object.metadata.finalizers?.length) {
    if (object.metadata.deletionTimestamp) return object
    const metadata = {
      ...object.metadata,
      deletionTimestamp: formatTime(simulator.now()),
      deletionGracePeriodSeconds: 0,
    }
    return storeObject(simulator, cluster, resource, { ...object, metadata })
  }
  if (resource.kind === 'Pod') stopPods(simulator, [object.metadata.uid])
  eraseObject(simulator, cluster, resource, object)
  return object
}

/** Removes what a marked object waited with, once its last finalizer is gone. */
export function finishDeletion(
  simulator: Simulator,
  cluster: KubeCluster,
  resource: ApiResource,
  object: StoredObject,
): void {
  if (
    object.metadata.deletionTimestamp &&
    !object.metadata.finalizers?.length &&
    resource.kind !== 'Namespace'
  )
    take(simulator, cluster, resource, object)
}

function orphan({ simulator, cluster }: WriteContext, owner: StoredObject): void {
  for (const resource of resources.filter((each) => !each.review))
    for (const child of listObjects(cluster, resource)) {
      const references = (child.metadata.ownerReferences ?? []) as JsonObject[]
      const left = references.filter((each) => each.uid !== owner.metadata.uid)
      if (left.length === references.length) continue
      const { ownerReferences: _, ...metadata } = child.metadata
      storeObject(simulator, cluster, resource, {
        ...child,
        metadata: (left.length
          ? { ...metadata, ownerReferences: left }
          : metadata) as StoredObject['metadata'],
      })
    }
}

const returned = new Set(['Pod', 'Service', 'ServiceAccount', 'Namespace'])

/** Deletes the object; answers it, or a `Status`, as the API server does for its kind. */
export function deleteObject(target: WriteContext, object: StoredObject, options: JsonObject): JsonObject {
  const { simulator, cluster, resource, dryRun } = target
  const { name, uid, resourceVersion } = object.metadata
  const { preconditions = {}, propagationPolicy } = options
  if (preconditions.uid && preconditions.uid !== uid)
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`,
    )
  if (preconditions.resourceVersion && preconditions.resourceVersion !== resourceVersion)
    throw conflict(
      resource,
      name,
      `Precondition failed: ResourceVersion in precondition: ${preconditions.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`,
    )
  if (resource.kind === 'Namespace') return terminate(target, object)
  if (!dryRun && (propagationPolicy === 'Orphan' || options.orphanDependents)) orphan(target, object)
  const last = dryRun ? object : take(simulator, cluster, resource, object)
  if (returned.has(resource.kind)) return last
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(resource.group ? { group: resource.group } : {}), kind: resource.name, uid },
  }
}

/** Without these a cluster is none. */
const immortal = ['default', 'kube-system', 'kube-public']

function terminate(
  { simulator, cluster, resource, dryRun }: WriteContext,
  namespace: StoredObject,
): StoredObject {
  const { name } = namespace.metadata
  if (immortal.includes(name)) throw forbidden(resource, name, 'this namespace may not be deleted')
  if (namespace.metadata.deletionTimestamp) return namespace
  const marked = {
    ...namespace,
    metadata: { ...namespace.metadata, deletionTimestamp: formatTime(simulator.now()) },
    status: { ...namespace.status, phase: 'Terminating' },
  }
  if (dryRun) return marked
  cluster.namespaceDeletionTimes = {
    ...cluster.namespaceDeletionTimes,
    [name]: simulator.now() + simulator.durationOf('podStart') / 2,
  }
  return storeObject(simulator, cluster, resource, marked)
}

/** Ends the namespaces whose time has come, with all that is in them. */
export function finishNamespaceDeletions(simulator: Simulator, cluster: KubeCluster): void {
  for (const namespace of listObjects(cluster, resourceForKind('Namespace'))) {
    const { name } = namespace.metadata
    if (
      !namespace.metadata.deletionTimestamp ||
      simulator.now() < (cluster.namespaceDeletionTimes?.[name] ?? 0)
    )
      continue
    let left = 0
    for (const resource of resources.filter((each) => each.namespaced && !each.review))
      for (const object of listObjects(cluster, resource, name)) {
        if (object.metadata.finalizers?.length) left++
        take(simulator, cluster, resource, object)
      }
    if (left || namespace.metadata.finalizers?.length) continue
    eraseObject(simulator, cluster, resourceForKind('Namespace'), namespace)
    delete cluster.namespaceDeletionTimes?.[name]
  }
}

/** Removes what belongs to owners that are gone. */
export function collectGarbage(simulator: Simulator, cluster: KubeCluster): void {
  const uids = new Set(Object.values(cluster.objects).map((each) => each.metadata.uid))
  for (const resource of resources.filter((each) => !each.review))
    for (const object of listObjects(cluster, resource)) {
      const owners = (object.metadata.ownerReferences ?? []) as JsonObject[]
      if (owners.length && !owners.some((each) => uids.has(each.uid))) {
        take(simulator, cluster, resource, object)
        uids.delete(object.metadata.uid)
      }
    }
}
