import type { Cloud } from '../cloud.ts'
import type { Application, ServicePrincipal } from './state.ts'

/** Deleted objects can be restored for this long, in ms. */
const retention = 30 * 86_400_000

/** A new object reaches the replica that answers reads after half of the time that it takes to be known everywhere. */
export const hasArrived = (cloud: Cloud, createdAt: number) =>
  cloud.now() - createdAt >= cloud.takes('directoryLag') / 2

/** True for an object that reads answer: it has arrived, and is not deleted. */
export const isSeen = (cloud: Cloud, object: Application | ServicePrincipal) =>
  object.deletedAt === undefined && hasArrived(cloud, object.createdAt)

/** Removes for good what was deleted too long ago. */
export function dropExpired(cloud: Cloud): void {
  for (const objects of Object.values(cloud.world.directory) as Record<string, Application>[])
    for (const { id, deletedAt } of Object.values(objects)) {
      if (deletedAt === undefined || cloud.now() - deletedAt < retention) continue
      delete objects[id]
      cloud.changed()
    }
}
