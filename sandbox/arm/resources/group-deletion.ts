import type { Simulator } from '../../simulator.ts'
import { deleteAssignmentsAt } from '../authorization/assignment-removal.ts'
import { providerOfType } from '../providers.ts'
import { resourcesWithin } from './resources.ts'

/** Deletes a group and its resources. Key vaults are soft-deleted. */
export function deleteGroup(simulator: Simulator, id: string): void {
  const group = simulator.state.arm.groups[id]
  if (!group) return
  for (const resource of resourcesWithin(simulator, group.body.id))
    providerOfType(resource.body.type)?.deleteResource?.(simulator, resource)
  deleteAssignmentsAt(simulator, id)
  delete simulator.state.arm.groups[id]
}
