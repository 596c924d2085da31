import type { Simulator } from '../../simulator.ts'
import type { RoleAssignment } from '../state.ts'
import { covers } from './permissions.ts'

/** Takes an assignment away; it may take effect a little longer. */
export function deleteAssignment(simulator: Simulator, assignment: RoleAssignment): void {
  assignment.deletedAt = simulator.now()
}

/** Assignments on a resource, and on what is in it, go when it goes; those of its principal elsewhere stay. */
export function deleteAssignmentsAt(simulator: Simulator, id: string): void {
  for (const [key, { scope }] of Object.entries(simulator.state.arm.roleAssignments))
    if (covers(id, scope)) delete simulator.state.arm.roleAssignments[key]
}
