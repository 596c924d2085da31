import type { Cloud } from '../cloud.ts'
import type { ApplicationObject, ServicePrincipalObject } from './state.ts'

/** Deleted objects can be restored for this long, in ms. */
const retention = 30 * 86_400_000

/** A new object reaches the replica that answers reads after half of the time that it takes to be known everywhere. */
export const isReplicated = (cloud: Cloud, createdAt: number) =>
  cloud.now() - createdAt >= cloud.takes('directoryLag') / 2

/** True for an object that reads answer: it has arrived, and is not deleted. */
export const isVisible = (cloud: Cloud, object: ApplicationObject | ServicePrincipalObject) =>
  object.deletedAt === undefined && isReplicated(cloud, object.createdAt)

/** Removes for good what was deleted too long ago. */
export function purgeExpiredObjects(cloud: Cloud): void {
  for (const objects of Object.values(cloud.world.directory) as Record<string, ApplicationObject>[])
    for (const { id, deletedAt } of Object.values(objects)) {
      if (deletedAt === undefined || cloud.now() - deletedAt < retention) continue
      delete objects[id]
      cloud.changed()
    }
}
