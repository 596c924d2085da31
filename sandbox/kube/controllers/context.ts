import { isDeepStrictEqual } from 'node:util'
import type { Simulator } from '../../simulator.ts'
import { recordUpdate, type Writer } from '../objects/managed-fields.ts'
import { resourceForKind } from '../objects/resources.ts'
import { formatTime, storeObject } from '../objects/store.ts'
import type { WriteContext } from '../objects/write-context.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'

/** Returns the write context of a controller. */
export const controllerContext = (
  simulator: Simulator,
  cluster: KubeCluster,
  kind: string,
  namespace: string,
  manager = 'kube-controller-manager',
): WriteContext => ({
  simulator,
  cluster,
  resource: resourceForKind(kind),
  namespace,
  writer: { manager, operation: 'Update', time: formatTime(simulator.now()) },
  dryRun: false,
})

/** Stores an object's status if it changed. */
export function setStatus(
  simulator: Simulator,
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
    time: formatTime(simulator.now()),
  }
  const next = { ...object, status }
  const managedFields = recordUpdate(resource, object, next, writer)
  return storeObject(simulator, cluster, resource, {
    ...next,
    metadata: { ...object.metadata, managedFields },
  })
}
