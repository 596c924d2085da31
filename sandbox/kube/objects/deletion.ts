import type { Simulator } from '../../simulator.ts'
import { conflict, forbidden } from '../errors.ts'
import { stopPods } from '../pods/processes.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { servedResources } from './custom-resources.ts'
import { type ApiResource, resourceForKind } from './resources.ts'
import { eraseObject, formatTime, listObjects, storeObject } from './store.ts'
import type { WriteContext } from './write-context.ts'

/** Erases the object, or sets its deletion timestamp if it has finalizers. */
function eraseOrMark(
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

/** Erases an object under deletion once its last finalizer is removed. */
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
    eraseOrMark(simulator, cluster, resource, object)
}

function orphan({ simulator, cluster }: WriteContext, owner: StoredObject): void {
  for (const resource of servedResources(cluster).filter((each) => !each.review))
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

/** Deletes the objects of a definition, which go with it. */
function deleteInstances({ simulator, cluster }: WriteContext, { spec }: StoredObject): void {
  const { group, names } = spec
  const [resource] = servedResources(cluster).filter(
    (each) => each.custom && each.group === group && each.name === names.plural,
  )
  for (const each of resource ? listObjects(cluster, resource) : [])
    eraseObject(simulator, cluster, resource!, each)
}

const kindsReturned = new Set(['Pod', 'Service', 'ServiceAccount', 'Namespace'])

/** Deletes an object. Returns the object or a `Status`, depending on its kind. Throws 403 or 409. */
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
  if (resource.kind === 'Namespace') return terminateNamespace(target, object)
  if (!dryRun && resource.kind === 'CustomResourceDefinition') deleteInstances(target, object)
  if (!dryRun && (propagationPolicy === 'Orphan' || options.orphanDependents)) orphan(target, object)
  const last = dryRun ? object : eraseOrMark(simulator, cluster, resource, object)
  if (kindsReturned.has(resource.kind)) return last
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(resource.group ? { group: resource.group } : {}), kind: resource.name, uid },
  }
}

/** Namespaces that the API server never deletes. */
const protectedNamespaces = ['default', 'kube-system', 'kube-public']

function terminateNamespace(
  { simulator, cluster, resource, dryRun }: WriteContext,
  namespace: StoredObject,
): StoredObject {
  const { name } = namespace.metadata
  if (protectedNamespaces.includes(name)) throw forbidden(resource, name, 'this namespace may not be deleted')
  if (namespace.metadata.deletionTimestamp) return namespace
  const terminating = {
    ...namespace,
    metadata: { ...namespace.metadata, deletionTimestamp: formatTime(simulator.now()) },
    status: { ...namespace.status, phase: 'Terminating' },
  }
  if (dryRun) return terminating
  cluster.namespaceDeletionTimes = {
    ...cluster.namespaceDeletionTimes,
    [name]: simulator.now() + simulator.durationOf('podStart') / 2,
  }
  return storeObject(simulator, cluster, resource, terminating)
}

/** Erases the namespaces whose deletion is due, with their contents. */
export function finishNamespaceDeletions(simulator: Simulator, cluster: KubeCluster): void {
  for (const namespace of listObjects(cluster, resourceForKind('Namespace'))) {
    const { name } = namespace.metadata
    if (
      !namespace.metadata.deletionTimestamp ||
      simulator.now() < (cluster.namespaceDeletionTimes?.[name] ?? 0)
    )
      continue
    let left = 0
    for (const resource of servedResources(cluster).filter((each) => each.namespaced && !each.review))
      for (const object of listObjects(cluster, resource, name)) {
        if (object.metadata.finalizers?.length) left++
        eraseOrMark(simulator, cluster, resource, object)
      }
    if (left || namespace.metadata.finalizers?.length) continue
    eraseObject(simulator, cluster, resourceForKind('Namespace'), namespace)
    delete cluster.namespaceDeletionTimes?.[name]
  }
}

/** Deletes objects whose owners no longer exist. */
export function collectGarbage(simulator: Simulator, cluster: KubeCluster): void {
  const uids = new Set(Object.values(cluster.objects).map((each) => each.metadata.uid))
  for (const resource of servedResources(cluster).filter((each) => !each.review))
    for (const object of listObjects(cluster, resource)) {
      const owners = (object.metadata.ownerReferences ?? []) as JsonObject[]
      if (owners.length && !owners.some((each) => uids.has(each.uid))) {
        eraseOrMark(simulator, cluster, resource, object)
        uids.delete(object.metadata.uid)
      }
    }
}
