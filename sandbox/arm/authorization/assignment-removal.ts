import type { Simulator } from '../../simulator.ts'
import type { RoleAssignment } from '../state.ts'
import { covers } from './permissions.ts'

/** Deletes an assignment. It may stay in effect for a while. */
export function deleteAssignment(simulator: Simulator, assignment: RoleAssignment): void {
  assignment.deletedAt = simulator.now()
}

/** Deletes the assignments on a resource that is deleted, and on its parts. */
export function deleteAssignmentsAt(simulator: Simulator, id: string): void {
  for (const [key, { scope }] of Object.entries(simulator.state.arm.roleAssignments))
    if (covers(id, scope)) delete simulator.state.arm.roleAssignments[key]
}
