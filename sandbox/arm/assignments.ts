import type { Cloud } from '../cloud.ts'
import { covers } from './authorization.ts'
import type { RoleAssignment } from './state.ts'

/** Takes an assignment away; it may take effect a little longer. */
export function endAssignment(cloud: Cloud, assignment: RoleAssignment): void {
  assignment.deletedAt = cloud.now()
  cloud.changed()
}

/** Assignments on a resource, and on what is in it, go when it goes; those of its principal elsewhere stay. */
export function removeAssignmentsAt(cloud: Cloud, id: string): void {
  for (const [key, { scope }] of Object.entries(cloud.world.arm.roleAssignments))
    if (covers(id, scope)) delete cloud.world.arm.roleAssignments[key]
}
