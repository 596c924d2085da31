import type { ServiceName } from './service-error.ts'

/** Words for types and paths whose own name is not the field's. */
const words: Readonly<Record<string, string>> = {
  managedClusters: 'clusters',
  userAssignedIdentities: 'managed identities',
  federatedIdentityCredentials: 'federated credentials',
  appRoleAssignments: 'app role assignments',
  oauth2PermissionGrants: 'permission grants',
  serviceaccounts: 'service accounts',
  configmaps: 'config maps',
  networkpolicies: 'network policies',
  mutatingwebhookconfigurations: 'webhook configurations',
  rolebindings: 'role bindings',
  clusterroles: 'cluster roles',
  clusterrolebindings: 'cluster role bindings',
  replicasets: 'replica sets',
  daemonsets: 'daemon sets',
  statefulsets: 'stateful sets',
  cronjobs: 'cron jobs',
  deletedsecrets: 'deleted secrets',
}

/** Words for a path as a whole. */
const operations: readonly [RegExp, string][] = [
  [/\/oauth2\/v2\.0\/token$/, 'request a token'],
  [/\/oauth2\/v2\.0\/devicecode$/, 'request a device code'],
  [/\/discovery\/instance$|\/v2\.0\/\.well-known\/openid-configuration$/, 'read the sign-in endpoints'],
  [/\/\.well-known\/openid-configuration$/, 'read the discovery document'],
  [/\/(jwks|keys|jwks\.json)$/, 'read the key set'],
  [/\/metadata\/endpoints$/, "read the cloud's endpoints"],
  [/\/version$/, 'read the version'],
  [/^\/(v1\.0|beta)\/me$/, 'read the signed-in user'],
  [/\/(local|self)?subject\w*reviews$/i, 'check permissions'],
  [/\/listcluster(user|admin)credential$/i, 'read the kubeconfig'],
]

const verbs: Readonly<Record<string, string>> = {
  GET: 'read',
  HEAD: 'read',
  PUT: 'write',
  PATCH: 'change',
  DELETE: 'delete',
}

/** `managedClusters` → `clusters`, `roleAssignments` → `role assignments`. */
const plural = (type: string) =>
  words[type] ?? type.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

const singular = (type: string) =>
  plural(type)
    .replace(/ies$/, 'y')
    .replace(/(?<=(?:s|x|ch))es$|(?<!s)s$/, '')

/** A resource: its type and its name, without a name the collection; innermost last. */
type Part = [type: string, name: string | undefined]

function pairs(segments: readonly string[]): Part[] {
  return segments.flatMap((type, index): Part[] => (index % 2 ? [] : [[type, segments[index + 1]]]))
}

/** Splits `…/providers/Microsoft.KeyVault/vaults/kv/providers/Microsoft.Authorization/roleAssignments`. */
function armParts(path: string): Part[] {
  const [scope = '', ...providers] = path.split(/\/providers\/[^/]+(?=\/|$)/i)
  const split = (text: string) => text.split('/').filter(Boolean)
  return [...pairs(split(scope)), ...providers.flatMap((each) => pairs(split(each)))]
}

/** Splits `/v1.0/applications(appId='…')/owners`. */
const graphParts = (path: string): Part[] =>
  pairs(
    path
      .replace(/^.*?\/(v1\.0|beta)\//, '')
      .replace(/\((?:\w+=)?'([^']*)'\)/g, '/$1')
      .split('/'),
  )

/** Splits `/api/v1/namespaces/shop/pods/checkout`: an object's name has its namespace in front. */
function kubernetesParts(path: string): Part[] {
  const [, rest = ''] = /\/(?:api\/v\d\w*|apis\/[^/]+\/v\d\w*)\/(.*)$/.exec(path) ?? []
  const [first, namespace, ...inside] = rest.split('/')
  if (first !== 'namespaces' || !inside.length) return pairs(rest.split('/'))
  const [type = '', name, ...more] = inside
  return [[type, name === undefined ? undefined : `${namespace}/${name}`], ...pairs(more)]
}

/** Splits `https://kv-shop.vault.azure.net/secrets/db-password/version`. */
const vaultParts = ({ pathname, hostname }: URL): Part[] => [
  ['vaults', hostname.split('.')[0]],
  ...pairs(pathname.split('/').filter(Boolean).slice(0, 2)),
]

function partsOf(service: ServiceName, url: URL): Part[] {
  const path = decodeURIComponent(url.pathname)
  if (service === 'graph') return graphParts(path)
  if (service === 'kubernetes') return kubernetesParts(path)
  return service === 'vault' ? vaultParts(url) : armParts(path)
}

const named = ([type, name]: Part) => `${singular(type)} ${name}`

/** Returns what a request does, such as `read secret db-password of vault kv-shop`. */
export function operationOf(service: ServiceName, method: string, address: string): string {
  const url = new URL(address)
  const known = operations.find(([path]) => path.test(url.pathname))
  if (known) return known[1]
  if (!['arm', 'graph', 'vault', 'kubernetes'].includes(service))
    return `${verbs[method] ?? 'call'} ${resourceOf(address)}`
  const parts = partsOf(service, url)
  const last = parts.at(-1)
  if (!last) return `read ${resourceOf(address)}`
  // A scope is only named if nothing else is: each resource of Azure is in a subscription and a group.
  const [outer] = parts.slice(0, -1).toReversed()
  const within = outer && !/^(subscriptions|resourceGroups)$/i.test(outer[0]) ? ` of ${named(outer)}` : ''
  const [type, name] = last
  if (name !== undefined) return `${verbs[method] ?? 'change'} ${named(last)}${within}`
  if (method === 'POST')
    return service === 'arm' ? `call ${type}${within}` : `create ${singular(type)}${within}`
  return `${method === 'GET' ? 'list' : (verbs[method] ?? 'change')} ${plural(type)}${within}`
}

/** Returns the address without its query, which may hold signatures. */
export function resourceOf(address: string): string {
  const { origin, pathname } = new URL(address)
  return `${origin}${pathname}`
}
