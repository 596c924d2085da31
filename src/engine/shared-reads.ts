import type { Clients } from '../clients/clients.ts'
import type { Kubernetes } from '../clients/kubernetes.ts'
import { duringRequest } from './pending-requests.ts'
import type { Run } from './run.ts'

/** What only reads, by client. */
const reading = {
  account: ['subscriptions', 'locations', 'caller', 'kubernetesVersions', 'cores'],
  providers: ['state'],
  groups: ['get', 'list', 'resources'],
  aksClusters: ['get', 'list'],
  identities: ['get', 'list', 'credentials'],
  directory: [
    'canRegisterApplications',
    'application',
    'applicationByClientId',
    'applicationsNamed',
    'applicationsTrusting',
    'deletedApplication',
    'servicePrincipal',
    'keys',
    'owners',
    'permissions',
    'credentials',
  ],
  roles: ['assignments', 'assignmentsWithin', 'assignmentsInSubscription', 'permissions'],
  vaults: ['get', 'list', 'deleted', 'nameTaken', 'contents'],
  secrets: ['get', 'deleted', 'names'],
  issuers: ['documents'],
} as const satisfies { [K in keyof Clients]?: readonly (keyof Clients[K])[] }

const ofKubernetes = [
  'server',
  'version',
  'get',
  'list',
  'contents',
  'issuer',
  'keyIds',
  'can',
  'ownRights',
  'callerName',
  'canUser',
] as const satisfies readonly (keyof Kubernetes)[]

// biome-ignore lint/suspicious/noExplicitAny: any method of any client
type Methods = Record<string, (...args: any[]) => Promise<unknown>>

/** Who answers, as told to a person who waits for it. */
const answerer: Record<string, string> = {
  directory: 'Graph',
  secrets: 'the vault',
  entra: 'Entra',
  issuers: 'the issuer',
}

/**
 * The same clients, but a read that was made is not made again until the reads are forgotten: steps and checks share
 * what was seen. Every call is named while it goes on.
 */
export function shareReads(clients: Clients, once: Run['once']): Clients {
  const shared = <T extends object>(client: T, name: string, who: string, methods: readonly string[]): T => {
    const all = client as unknown as Methods
    const over: Methods = {}
    for (const method of Object.keys(all).filter((key) => typeof all[key] === 'function'))
      over[method] = (...args) => {
        const ask = () => all[method]!(...args)
        // A read with a credential of its own is nobody else's.
        if (!methods.includes(method) || args.some((arg) => arg?.token !== undefined))
          return duringRequest(`${who} (${method})`, ask)
        const texts = args.filter((arg) => typeof arg === 'string')
        return duringRequest(`${who} (${[method, ...texts].join(' ')})`, () =>
          once(`${name}.${method}(${JSON.stringify(args)})`, ask),
        )
      }
    return { ...client, ...over }
  }
  const kubernetes: Clients['kubernetes'] = (connection) =>
    shared(
      clients.kubernetes(connection),
      `kubernetes ${JSON.stringify(connection)}`,
      'the cluster',
      ofKubernetes,
    )
  const plain = new Set<string>(['cloud', 'clock', 'kubernetes', 'http'])
  const wrapped = Object.entries(clients)
    .filter(([name]) => !plain.has(name))
    .map(([name, client]) => [
      name,
      shared(client, name, answerer[name] ?? 'Azure', reading[name as keyof typeof reading] ?? []),
    ])
  return { ...clients, ...Object.fromEntries(wrapped), kubernetes }
}
