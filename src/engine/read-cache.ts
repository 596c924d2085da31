import type { Clients, SubscriptionClients } from '../clients/clients.ts'
import { type ClientName, type MethodKind, methodKinds } from './client-methods.ts'
import { duringRequest } from './pending-requests.ts'

/** The reads of one run, shared by steps and checks. */
export interface ReadCache {
  /** Returns the result of `read`, which runs once per key until the reads are forgotten. Failures are not shared. */
  once: <T>(key: string, read: () => Promise<T>) => Promise<T>
  /** For polling: what was read may have changed. Writes through `shareReads` forget by themselves. */
  forgetReads: () => void
}

export function makeReadCache(): ReadCache {
  const reads = new Map<string, Promise<unknown>>()
  return {
    once<T>(key: string, read: () => Promise<T>) {
      let reading = reads.get(key) as Promise<T> | undefined
      if (!reading) {
        reading = read()
        reads.set(key, reading)
        reading.catch(() => reads.delete(key))
      }
      return reading
    },
    forgetReads: () => reads.clear(),
  }
}

/** The name of a service in a message about a pending request. */
const serviceNames: { [Name in ClientName]?: string } = {
  directory: 'Microsoft Graph',
  secrets: 'the vault',
  dataPlane: 'the service',
  entra: 'Microsoft Entra',
  issuers: 'the issuer',
  helm: 'Helm',
  kubernetes: 'the cluster',
}

type AnyMethods = Record<string, (...args: unknown[]) => Promise<unknown>>

/** A pod is polled until it ends, and a read with another identity's token is valid only for that identity. */
const isShareable = (method: string, args: readonly unknown[]) =>
  !(method === 'get' && args[0] === 'Pod') &&
  !args.some((arg) => (arg as { token?: string } | undefined)?.token !== undefined)

const notShared = ['cloud', 'clock', 'kubernetes', 'http', 'github', 'job', 'inSubscription']

/** Returns the same clients with reads shared through the cache; a write forgets them. Each call is listed as pending. */
export function shareReads(clients: Clients, cache: ReadCache): Clients {
  const share = <T extends object>(client: T, name: ClientName, key: string = name): T => {
    const methods = client as unknown as AnyMethods
    const kinds: Readonly<Record<string, MethodKind>> = methodKinds[name]
    const wrap = (method: string) => {
      const isRead = kinds[method] === 'read'
      return (...args: unknown[]) => {
        const send = () => methods[method]!(...args)
        // Arguments of other methods may hold credentials.
        const texts = isRead ? args.filter((arg) => typeof arg === 'string') : []
        const request = `${serviceNames[name] ?? 'Azure'} (${[method, ...texts].join(' ')})`
        return duringRequest(request, () => {
          if (isRead && isShareable(method, args))
            return cache.once(`${key}.${method}(${JSON.stringify(args)})`, send)
          return kinds[method] === 'write' ? send().finally(cache.forgetReads) : send()
        })
      }
    }
    const names = Object.keys(methods).filter((method) => typeof methods[method] === 'function')
    return { ...client, ...Object.fromEntries(names.map((method) => [method, wrap(method)])) }
  }
  const shareAll = <T extends object>(some: T, suffix = ''): T => {
    const shared = Object.entries(some)
      .filter(([name]) => !notShared.includes(name))
      .map(([name, client]) => [name, share(client, name as ClientName, `${name}${suffix}`)])
    return { ...some, ...Object.fromEntries(shared) }
  }
  const main = shareAll(clients)
  const ofSubscriptions = new Map<SubscriptionClients, SubscriptionClients>()
  return {
    ...main,
    inSubscription(id) {
      const own = clients.inSubscription(id)
      if (own.groups === clients.groups) return main
      const shared = ofSubscriptions.get(own) ?? shareAll(own, ` ${id.toLowerCase()}`)
      ofSubscriptions.set(own, shared)
      return shared
    },
    kubernetes: (connection) =>
      share(clients.kubernetes(connection), 'kubernetes', `kubernetes ${JSON.stringify(connection)}`),
  }
}
