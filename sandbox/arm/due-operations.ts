import type { Simulator } from '../simulator.ts'
import { purgeOverdueVaults } from './keyvault/deleted-vaults.ts'
import { operationType } from './providers.ts'
import { deleteGroup } from './resources/group-deletion.ts'
import { findResource } from './resources/resources.ts'
import type { Operation } from './state.ts'

/** Marks the resource and the operation as failed or canceled; the resource is not changed. */
function fail(simulator: Simulator, operation: Operation): void {
  const failed = operation.ending === 'failed'
  const properties = findResource(simulator, operation.resourceId)?.body.properties
  if (properties) properties.provisioningState = failed ? 'Failed' : 'Canceled'
  operation.error = failed
    ? { code: 'InternalOperationError', message: 'Internal server error' }
    : { code: 'OperationCanceled', message: 'The operation was canceled.' }
}

const day = 86_400_000

/** Finishes the operations that have ended by now, in their order, and drops what is expired. */
export function finishDueOperations(simulator: Simulator): void {
  const { operations, roleAssignments } = simulator.state.arm
  const due = Object.values(operations)
    .filter(({ finished, endsAt }) => !finished && endsAt <= simulator.now())
    .sort((a, b) => a.endsAt - b.endsAt)
  for (const operation of due) {
    // An operation may have been preempted by one before it.
    if (operation.finished) continue
    operation.finished = true
    if (operation.ending === 'failed' || operation.ending === 'canceled') fail(simulator, operation)
    else if (operation.kind === 'deleteGroup') deleteGroup(simulator, operation.resourceId)
    else operationType(operation.kind).finish(simulator, operation)
    simulator.markChanged()
  }
  for (const { id, finished, endsAt } of Object.values(operations))
    if (finished && endsAt < simulator.now() - day) delete operations[id]
  for (const [id, { deletedAt }] of Object.entries(roleAssignments))
    if (deletedAt !== undefined && !simulator.isPending(deletedAt, 'roleLag')) delete roleAssignments[id]
  if (purgeOverdueVaults(simulator)) simulator.markChanged()
}
