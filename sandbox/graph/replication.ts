import type { Simulator } from '../simulator.ts'
import type { ApplicationObject, ServicePrincipalObject } from './state.ts'

/** Deleted objects can be restored for this long, in ms. */
const retention = 30 * 86_400_000

/** A new object reaches the replica that answers reads after half of the time that it takes to be known everywhere. */
export const isReplicated = (simulator: Simulator, createdAt: number) =>
  simulator.now() - createdAt >= simulator.durationOf('directoryLag') / 2

/** True for an object that reads answer: it has arrived, and is not deleted. */
export const isVisible = (simulator: Simulator, object: ApplicationObject | ServicePrincipalObject) =>
  object.deletedAt === undefined && isReplicated(simulator, object.createdAt)

/** Removes for good what was deleted too long ago. */
export function purgeExpiredObjects(simulator: Simulator): void {
  for (const objects of Object.values(simulator.state.directory) as Record<string, ApplicationObject>[])
    for (const { id, deletedAt } of Object.values(objects)) {
      if (deletedAt === undefined || simulator.now() - deletedAt < retention) continue
      delete objects[id]
      simulator.markChanged()
    }
}
