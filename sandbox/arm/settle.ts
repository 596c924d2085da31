import type { Cloud } from '../cloud.ts'
import { finishCluster } from './cluster-behind.ts'
import { removeCluster } from './cluster-removal.ts'
import { purge, purgeOverdue } from './deleted-vaults.ts'
import { emptyGroup } from './groups.ts'
import { find } from './resources.ts'
import type { Operation, OperationKind } from './state.ts'
import { finishVault } from './vaults.ts'

/** What the end of each kind of operation does to the world. */
const effects: Record<OperationKind, (cloud: Cloud, operation: Operation) => void> = {
  createCluster: finishCluster,
  updateCluster: finishCluster,
  startCluster: finishCluster,
  stopCluster: finishCluster,
  rotateKeys: finishCluster,
  deleteCluster: (cloud, { resourceId }) => {
    const found = find(cloud, resourceId)
    if (found) removeCluster(cloud, found)
  },
  deleteGroup: (cloud, { resourceId }) => emptyGroup(cloud, resourceId),
  createVault: (cloud, { resourceId }) => finishVault(cloud, resourceId),
  purgeVault: (cloud, { resourceId }) => purge(cloud, resourceId),
}

/** The resource stays as it was begun, and says how that ended. */
function breakOff(cloud: Cloud, operation: Operation): void {
  const properties = find(cloud, operation.resourceId)?.body.properties
  if (properties) properties.provisioningState = operation.fate === 'failed' ? 'Failed' : 'Canceled'
  operation.error =
    operation.fate === 'failed'
      ? { code: 'InternalOperationError', message: 'Internal server error' }
      : { code: 'OperationCanceled', message: 'The operation was canceled.' }
}

const aDay = 86_400_000

/** Brings the world up to the clock: ends the operations whose time has come, in their order. */
export function settle(cloud: Cloud): void {
  const { operations, roleAssignments } = cloud.world.arm
  const due = Object.values(operations)
    .filter(({ settled, endsAt }) => !settled && endsAt <= cloud.now())
    .sort((a, b) => a.endsAt - b.endsAt)
  for (const operation of due) {
    if (operation.settled) continue
    operation.settled = true
    if (operation.fate === 'failed' || operation.fate === 'canceled') breakOff(cloud, operation)
    else effects[operation.kind](cloud, operation)
    cloud.changed()
  }
  for (const { id, settled, endsAt } of Object.values(operations))
    if (settled && endsAt < cloud.now() - aDay) delete operations[id]
  for (const [id, { deletedAt }] of Object.entries(roleAssignments))
    if (deletedAt !== undefined && !cloud.lags(deletedAt, 'roleLag')) delete roleAssignments[id]
  purgeOverdue(cloud)
}
