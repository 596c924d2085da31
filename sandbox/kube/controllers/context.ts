import { isDeepStrictEqual } from 'node:util'
import type { Cloud } from '../../cloud.ts'
import { recordUpdate, type Writer } from '../objects/managed-fields.ts'
import { resourceOf } from '../objects/resources.ts'
import { timestamp, write } from '../objects/store.ts'
import type { Target } from '../objects/writes.ts'
import type { KubeCluster, KubeObject, Open } from '../state.ts'

/** A controller's place to write to. */
export const controller = (
  cloud: Cloud,
  cluster: KubeCluster,
  kind: string,
  namespace: string,
  manager = 'kube-controller-manager',
): Target => ({
  cloud,
  cluster,
  of: resourceOf(kind),
  namespace,
  writer: { manager, operation: 'Update', time: timestamp(cloud.now()) },
  dryRun: false,
})

/** Stores an object's status if it is another one. */
export function setStatus(
  cloud: Cloud,
  cluster: KubeCluster,
  object: KubeObject,
  status: Open,
  manager = 'kube-controller-manager',
): KubeObject {
  if (isDeepStrictEqual(object.status, status)) return object
  const of = resourceOf(object.kind)
  const writer: Writer = {
    manager,
    operation: 'Update',
    subresource: 'status',
    time: timestamp(cloud.now()),
  }
  const next = { ...object, status }
  const managedFields = recordUpdate(of, object, next, writer)
  return write(cloud, cluster, of, { ...next, metadata: { ...object.metadata, managedFields } })
}
