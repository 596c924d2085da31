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

const activeSubscriptions = async ({ azureAccount }: Pick<Clients, 'azureAccount'>): Promise<string[]> =>
  (await emptyIfRefused(() => azureAccount.subscriptions()))
    .filter(({ state }) => state !== 'Disabled' && state !== 'Deleted')
    .map(({ id }) => id)

type Lister<T> = (services: SubscriptionClients) => Promise<T[]>

/** Yields what these subscriptions contain, up to the limit. */
async function* listEach<T>(
  { inSubscription }: Pick<Clients, 'inSubscription'>,
  ids: readonly string[],
  list: Lister<T>,
): AsyncGenerator<T[]> {
  for (let start = 0; start < Math.min(ids.length, searchLimit); start += atATime) {
    const some = ids.slice(start, Math.min(start + atATime, searchLimit))
    yield (await Promise.all(some.map((id) => emptyIfRefused(() => list(inSubscription(id)))))).flat()
  }
}

/**
 * Returns the first match in the subscription of `own`, else in the caller's other subscriptions. Lists a hundred of
 * those at most.
 */
export async function findInSubscriptions<T>(
  clients: Pick<Clients, 'azureAccount' | 'inSubscription'>,
  own: () => Promise<T[]>,
  list: Lister<T>,
  isMatch: (item: T) => boolean,
): Promise<T | undefined> {
  const near = (await emptyIfRefused(own)).find(isMatch)
  if (near) return near
  for await (const items of listEach(clients, await activeSubscriptions(clients), list)) {
    const match = items.find(isMatch)
    if (match) return match
  }
  return undefined
}

/** Returns what the caller's subscriptions contain, that of `first` before the others. Lists a hundred of them at most. */
export async function listInSubscriptions<T>(
  clients: Pick<Clients, 'azureAccount' | 'inSubscription'>,
  first: string | undefined,
  list: Lister<T>,
): Promise<T[]> {
  const ids = [...(first === undefined ? [] : [first]), ...(await activeSubscriptions(clients))]
  const found: T[] = []
  for await (const items of listEach(clients, [...new Set(ids)], list)) found.push(...items)
  return found
}
