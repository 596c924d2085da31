import type { Simulator } from '../simulator.ts'
import { deleteManagedCluster } from './aks/deletion.ts'
import { finishCluster } from './aks/provisioning.ts'
import { purgeOverdue, purgeVault } from './keyvault/deleted-vaults.ts'
import { finishVault } from './keyvault/vaults.ts'
import { deleteGroup } from './resources/groups.ts'
import { findResource } from './resources/resources.ts'
import type { Operation, OperationKind } from './state.ts'

/** What the end of each kind of operation does to the world. */
const effects: Record<OperationKind, (simulator: Simulator, operation: Operation) => void> = {
  createCluster: finishCluster,
  updateCluster: finishCluster,
  startCluster: finishCluster,
  stopCluster: finishCluster,
  rotateKeys: finishCluster,
  deleteCluster: (simulator, { resourceId }) => {
    const found = findResource(simulator, resourceId)
    if (found) deleteManagedCluster(simulator, found)
  },
  deleteGroup: (simulator, { resourceId }) => deleteGroup(simulator, resourceId),
  createVault: (simulator, { resourceId }) => finishVault(simulator, resourceId),
  purgeVault: (simulator, { resourceId }) => purgeVault(simulator, resourceId),
}

/** The resource stays as it was begun, and says how that ended. */
function breakOff(simulator: Simulator, operation: Operation): void {
  const properties = findResource(simulator, operation.resourceId)?.body.properties
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
    .filter(({ finished, endsAt }) => !finished && endsAt <= simulator.now())
    .sort((a, b) => a.endsAt - b.endsAt)
  for (const operation of due) {
    if (operation.finished) continue
    operation.finished = true
    if (operation.ending === 'failed' || operation.ending === 'canceled') breakOff(simulator, operation)
    else effects[operation.kind](simulator, operation)
    simulator.markChanged()
  }
  for (const { id, finished, endsAt } of Object.values(operations))
    if (finished && endsAt < simulator.now() - aDay) delete operations[id]
  for (const [id, { deletedAt }] of Object.entries(roleAssignments))
    if (deletedAt !== undefined && !simulator.isPending(deletedAt, 'roleLag')) delete roleAssignments[id]
  purgeOverdue(simulator)
}
