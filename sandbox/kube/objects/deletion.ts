import type { Cloud } from '../../cloud.ts'
import { conflict, forbidden } from '../errors.ts'
import { endPods } from '../pods/processes.ts'
import type { KubeCluster, KubeObject, Open } from '../state.ts'
import { type Resource, resourceOf, resources } from './resources.ts'
import { erase, list, timestamp, write } from './store.ts'
import type { Target } from './writes.ts'

/** Takes the object out of the store, unless a finalizer holds it: then it is only marked. */
function take(cloud: Cloud, cluster: KubeCluster, of: Resource, object: KubeObject): KubeObject {
  if (object.metadata.finalizers?.length) {
    if (object.metadata.deletionTimestamp) return object
    const metadata = {
      ...object.metadata,
      deletionTimestamp: timestamp(cloud.now()),
      deletionGracePeriodSeconds: 0,
    }
    return write(cloud, cluster, of, { ...object, metadata })
  }
  if (of.kind === 'Pod') endPods(cloud, [object.metadata.uid])
  erase(cloud, cluster, of, object)
  return object
}

/** Removes what a marked object waited with, once its last finalizer is gone. */
export function settleFinalizers(cloud: Cloud, cluster: KubeCluster, of: Resource, object: KubeObject): void {
  if (object.metadata.deletionTimestamp && !object.metadata.finalizers?.length && of.kind !== 'Namespace')
    take(cloud, cluster, of, object)
}

function orphan({ cloud, cluster }: Target, owner: KubeObject): void {
  for (const of of resources.filter((each) => !each.review))
    for (const child of list(cluster, of)) {
      const references = (child.metadata.ownerReferences ?? []) as Open[]
      const left = references.filter((each) => each.uid !== owner.metadata.uid)
      if (left.length === references.length) continue
      const { ownerReferences: _, ...metadata } = child.metadata
      write(cloud, cluster, of, {
        ...child,
        metadata: (left.length ? { ...metadata, ownerReferences: left } : metadata) as KubeObject['metadata'],
      })
    }
}

const returned = new Set(['Pod', 'Service', 'ServiceAccount', 'Namespace'])

/** Deletes the object; answers it, or a `Status`, as the API server does for its kind. */
export function remove(target: Target, object: KubeObject, options: Open): Open {
  const { cloud, cluster, of, dryRun } = target
  const { name, uid, resourceVersion } = object.metadata
  const { preconditions = {}, propagationPolicy } = options
  if (preconditions.uid && preconditions.uid !== uid)
    throw conflict(
      of,
      name,
      `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`,
    )
  if (preconditions.resourceVersion && preconditions.resourceVersion !== resourceVersion)
    throw conflict(
      of,
      name,
      `Precondition failed: ResourceVersion in precondition: ${preconditions.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`,
    )
  if (of.kind === 'Namespace') return terminate(target, object)
  if (!dryRun && (propagationPolicy === 'Orphan' || options.orphanDependents)) orphan(target, object)
  const last = dryRun ? object : take(cloud, cluster, of, object)
  if (returned.has(of.kind)) return last
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(of.group ? { group: of.group } : {}), kind: of.name, uid },
  }
}

/** Without these a cluster is none. */
const immortal = ['default', 'kube-system', 'kube-public']

function terminate({ cloud, cluster, of, dryRun }: Target, namespace: KubeObject): KubeObject {
  const { name } = namespace.metadata
  if (immortal.includes(name)) throw forbidden(of, name, 'this namespace may not be deleted')
  if (namespace.metadata.deletionTimestamp) return namespace
  const marked = {
    ...namespace,
    metadata: { ...namespace.metadata, deletionTimestamp: timestamp(cloud.now()) },
    status: { ...namespace.status, phase: 'Terminating' },
  }
  if (dryRun) return marked
  cluster.endings = {
    ...cluster.endings,
    [name]: cloud.now() + cloud.takes('podStart') / 2,
  }
  return write(cloud, cluster, of, marked)
}

/** Ends the namespaces whose time has come, with all that is in them. */
export function endNamespaces(cloud: Cloud, cluster: KubeCluster): void {
  for (const namespace of list(cluster, resourceOf('Namespace'))) {
    const { name } = namespace.metadata
    if (!namespace.metadata.deletionTimestamp || cloud.now() < (cluster.endings?.[name] ?? 0)) continue
    let left = 0
    for (const of of resources.filter((each) => each.namespaced && !each.review))
      for (const object of list(cluster, of, name)) {
        if (object.metadata.finalizers?.length) left++
        take(cloud, cluster, of, object)
      }
    if (left || namespace.metadata.finalizers?.length) continue
    erase(cloud, cluster, resourceOf('Namespace'), namespace)
    delete cluster.endings?.[name]
  }
}

/** Removes what belongs to owners that are gone. */
export function collectGarbage(cloud: Cloud, cluster: KubeCluster): void {
  const uids = new Set(Object.values(cluster.objects).map((each) => each.metadata.uid))
  for (const of of resources.filter((each) => !each.review))
    for (const object of list(cluster, of)) {
      const owners = (object.metadata.ownerReferences ?? []) as Open[]
      if (owners.length && !owners.some((each) => uids.has(each.uid))) {
        take(cloud, cluster, of, object)
        uids.delete(object.metadata.uid)
      }
    }
}
