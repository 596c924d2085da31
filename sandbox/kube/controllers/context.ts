import { isDeepStrictEqual } from 'node:util'
import type { Cloud } from '../../cloud.ts'
import { recordUpdate, type Writer } from '../objects/managed-fields.ts'
import { resourceForKind } from '../objects/resources.ts'
import { formatTime, storeObject } from '../objects/store.ts'
import type { WriteContext } from '../objects/writes.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'

/** A controller's place to write to. */
export const controllerContext = (
  cloud: Cloud,
  cluster: KubeCluster,
  kind: string,
  namespace: string,
  manager = 'kube-controller-manager',
): WriteContext => ({
  cloud,
  cluster,
  resource: resourceForKind(kind),
  namespace,
  writer: { manager, operation: 'Update', time: formatTime(cloud.now()) },
  dryRun: false,
})

/** Stores an object's status if it is another one. */
export function setStatus(
  cloud: Cloud,
  cluster: KubeCluster,
  object: StoredObject,
  status: JsonObject,
  manager = 'kube-controller-manager',
): StoredObject {
  if (isDeepStrictEqual(object.status, status)) return object
  const resource = resourceForKind(object.kind)
  const writer: Writer = {
    manager,
    operation: 'Update',
    subresource: 'status',
    time: formatTime(cloud.now()),
  }
  const next = { ...object, status }
  const managedFields = recordUpdate(resource, object, next, writer)
  return storeObject(cloud, cluster, resource, { ...next, metadata: { ...object.metadata, managedFields } })
}
