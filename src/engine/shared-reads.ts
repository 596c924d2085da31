import type { Clients } from '../clients/clients.ts'
import type { Kubernetes } from '../clients/kubernetes.ts'
import type { Run } from './run.ts'

/** What only reads, by client. */
const reading = {
  account: ['subscriptions', 'locations', 'caller', 'kubernetesVersions'],
  providers: ['state'],
  groups: ['get', 'list'],
  aksClusters: ['get', 'list'],
  identities: ['get', 'list', 'credentials'],
  directory: [
    'application',
    'applicationByClientId',
    'applicationsNamed',
    'deletedApplication',
    'servicePrincipal',
    'credentials',
  ],
  roles: ['assignments', 'permissions'],
  vaults: ['get', 'list', 'deleted', 'nameTaken'],
  secrets: ['get', 'deleted', 'names'],
  issuers: ['documents'],
} as const satisfies { [K in keyof Clients]?: readonly (keyof Clients[K])[] }

const ofKubernetes = [
  'server',
  'version',
  'get',
  'list',
  'issuer',
] as const satisfies readonly (keyof Kubernetes)[]

// biome-ignore lint/suspicious/noExplicitAny: any method of any client
type Methods = Record<string, (...args: any[]) => Promise<unknown>>

/** The same clients, but a read that was made is not made again until the reads are forgotten: steps and checks share what was seen. */
export function shareReads(clients: Clients, once: Run['once']): Clients {
  const shared = <T extends object>(client: T, name: string, methods: readonly (keyof T)[]): T => {
    const all = client as unknown as Methods
    const over: Methods = {}
    for (const method of methods as readonly string[])
      over[method] = (...args) =>
        // A read with a credential of its own is nobody else's.
        args.some((arg) => typeof arg === 'object' && arg !== null)
          ? all[method]!(...args)
          : once(`${name}.${method}(${JSON.stringify(args)})`, () => all[method]!(...args))
    return { ...client, ...over }
  }
  const kubernetes: Clients['kubernetes'] = (connection) =>
    shared(clients.kubernetes(connection), `kubernetes ${JSON.stringify(connection)}`, ofKubernetes)
  const wrapped = Object.entries(reading).map(([name, methods]) => {
    const client = clients[name as keyof typeof reading]
    return [name, shared(client, name, methods as unknown as readonly never[])]
  })
  return { ...clients, ...Object.fromEntries(wrapped), kubernetes }
}
