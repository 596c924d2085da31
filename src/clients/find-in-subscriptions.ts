import type { Clients, SubscriptionClients } from './clients.ts'
import { ServiceError } from './service-error.ts'

/** How many other subscriptions are searched, and how many of them at a time. */
const [searchLimit, atATime] = [100, 10]

/** A subscription that refuses, or lacks the resource provider, has nothing for the caller. Others may fail for a moment. */
async function emptyIfRefused<T>(read: () => Promise<T[]>): Promise<T[]> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ServiceError && [401, 403, 404, 409].includes(error.status ?? 0)) return []
    throw error
  }
}

/**
 * Returns the first match in the subscription of `own`, else in the caller's other subscriptions. Lists a hundred of
 * those at most.
 */
export async function findInSubscriptions<T>(
  { azureAccount, inSubscription }: Pick<Clients, 'azureAccount' | 'inSubscription'>,
  own: () => Promise<T[]>,
  list: (services: SubscriptionClients) => Promise<T[]>,
  isMatch: (item: T) => boolean,
): Promise<T | undefined> {
  const near = (await emptyIfRefused(own)).find(isMatch)
  if (near) return near
  const all = (await emptyIfRefused(() => azureAccount.subscriptions())).filter(
    ({ state }) => state !== 'Disabled' && state !== 'Deleted',
  )
  for (let start = 0; start < Math.min(all.length, searchLimit); start += atATime) {
    const lists = await Promise.all(
      all.slice(start, start + atATime).map(({ id }) => emptyIfRefused(() => list(inSubscription(id)))),
    )
    const match = lists.flat().find(isMatch)
    if (match) return match
  }
  return undefined
}
