import { ownProperty } from '../own-property.ts'
import type { Simulator } from '../simulator.ts'
import { newEtag } from './etag.ts'
import type { Collection } from './state.ts'

/** Returns a container, queue or table that is not deleted. */
export function findCollection<C extends Collection>(all: Record<string, C>, key: string): C | undefined {
  const found = ownProperty(all, key)
  return found?.deletedAt === undefined ? found : undefined
}

/** True for a name that was deleted so recently that it can't be used again. */
export function isBeingDeleted(simulator: Simulator, all: Record<string, Collection>, key: string): boolean {
  const deletedAt = ownProperty(all, key)?.deletedAt
  return deletedAt !== undefined && simulator.isPending(deletedAt, 'storageDelete')
}

/** Returns what is not deleted, by name. */
export const listCollections = <C extends Collection>(all: Record<string, C>): C[] =>
  Object.keys(all)
    .sort()
    .map((key) => all[key]!)
    .filter(({ deletedAt }) => deletedAt === undefined)

/** Returns the members that every new container, queue and table has. */
export const newCollection = (
  simulator: Simulator,
  name: string,
  metadata: Record<string, string> = {},
): Collection => ({
  name,
  etag: newEtag(simulator.now()),
  createdAt: simulator.now(),
  changedAt: simulator.now(),
  metadata,
})

/** Deletes a container, queue or table. */
export function deleteCollection(simulator: Simulator, collection: Collection): void {
  collection.deletedAt = simulator.now()
}
