import type { Simulator } from '../simulator.ts'
import type { ApplicationObject, ServicePrincipalObject } from './state.ts'

/** Deleted objects can be restored for 30 days. */
const retention = 30 * 86_400_000

/** True once a new object has reached the replica that serves reads: after half of the directory lag. */
export const isReplicated = (simulator: Simulator, createdAt: number) =>
  simulator.now() - createdAt >= simulator.durationOf('directoryLag') / 2

/** True for an object that reads return: replicated and not deleted. */
export const isVisible = (simulator: Simulator, object: ApplicationObject | ServicePrincipalObject) =>
  object.deletedAt === undefined && isReplicated(simulator, object.createdAt)

/** Permanently deletes objects whose retention has ended. */
export function purgeExpiredObjects(simulator: Simulator): void {
  for (const objects of Object.values(simulator.state.directory) as Record<string, ApplicationObject>[])
    for (const { id, deletedAt } of Object.values(objects)) {
      if (deletedAt === undefined || simulator.now() - deletedAt < retention) continue
      delete objects[id]
      simulator.markChanged()
    }
}
