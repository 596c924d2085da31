import type { Simulator } from '../simulator.ts'
import { finishCluster } from './cluster-behind.ts'
import { removeCluster } from './cluster-removal.ts'
import { purge, purgeOverdue } from './deleted-vaults.ts'
import { emptyGroup } from './groups.ts'
import { find } from './resources.ts'
import type { Operation, OperationKind } from './state.ts'
import { finishVault } from './vaults.ts'

/** What the end of each kind of operation does to the world. */
const effects: Record<OperationKind, (simulator: Simulator, operation: Operation) => void> = {
  createCluster: finishCluster,
  updateCluster: finishCluster,
  startCluster: finishCluster,
  stopCluster: finishCluster,
  rotateKeys: finishCluster,
  deleteCluster: (simulator, { resourceId }) => {
    const found = find(simulator, resourceId)
    if (found) removeCluster(simulator, found)
  },
  deleteGroup: (simulator, { resourceId }) => emptyGroup(simulator, resourceId),
  createVault: (simulator, { resourceId }) => finishVault(simulator, resourceId),
  purgeVault: (simulator, { resourceId }) => purge(simulator, resourceId),
}

/** The resource stays as it was begun, and says how that ended. */
function breakOff(simulator: Simulator, operation: Operation): void {
  const properties = find(simulator, operation.resourceId)?.body.properties
  if (properties) properties.provisioningState = operation.ending === 'failed' ? 'Failed' : 'Canceled'
  operation.error =
    operation.ending === 'failed'
      ? { code: 'InternalOperationError', message: 'Internal server error' }
      : { code: 'OperationCanceled', message: 'The operation was canceled.' }
}

const aDay = 86_400_000

/** Brings the world up to the clock: ends the operations whose time has come, in their order. */
export function finishDueOperations(simulator: Simulator): void {
  const { operations, roleAssignments } = simulator.state.arm
  const due = Object.values(operations)
    .filter(({ settled, endsAt }) => !settled && endsAt <= simulator.now())
    .sort((a, b) => a.endsAt - b.endsAt)
  for (const operation of due) {
    if (operation.settled) continue
    operation.settled = true
    if (operation.ending === 'failed' || operation.ending === 'canceled') breakOff(simulator, operation)
    else effects[operation.kind](simulator, operation)
    simulator.markChanged()
  }
  for (const { id, settled, endsAt } of Object.values(operations))
    if (settled && endsAt < simulator.now() - aDay) delete operations[id]
  for (const [id, { deletedAt }] of Object.entries(roleAssignments))
    if (deletedAt !== undefined && !simulator.isPending(deletedAt, 'roleLag')) delete roleAssignments[id]
  purgeOverdue(simulator)
}
