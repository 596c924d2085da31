import type { Simulator } from '../simulator.ts'
import { covers } from './authorization.ts'
import type { RoleAssignment } from './state.ts'

/** Takes an assignment away; it may take effect a little longer. */
export function endAssignment(simulator: Simulator, assignment: RoleAssignment): void {
  assignment.deletedAt = simulator.now()
  simulator.markChanged()
}

/** Assignments on a resource, and on what is in it, go when it goes; those of its principal elsewhere stay. */
export function removeAssignmentsAt(simulator: Simulator, id: string): void {
  for (const [key, { scope }] of Object.entries(simulator.state.arm.roleAssignments))
    if (covers(id, scope)) delete simulator.state.arm.roleAssignments[key]
}
