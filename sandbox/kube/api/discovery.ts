import type { Simulator } from '../../simulator.ts'
import { type ApiResource, groupVersion, resources } from '../objects/resources.ts'
import type { JsonObject, KubeCluster } from '../state.ts'

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

const subresourceVerbs: Record<string, string[]> = {
  proxy: ['create', 'delete', 'get', 'patch', 'update'],
  log: ['get'],
  token: ['create'],
  finalize: ['update'],
  status: ['get', 'patch', 'update'],
  scale: ['get', 'patch', 'update'],
}

const subresourceKinds: Record<string, JsonObject> = {
  proxy: { kind: 'ServiceProxyOptions' },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
}

const resourceEntries = (resource: ApiResource) => [
  {
    name: resource.name,
    singularName: resource.kind.toLowerCase(),
    namespaced: resource.namespaced,
    kind: resource.kind,
    verbs: resource.review ? ['create'] : verbs,
    ...(resource.shortNames.length ? { shortNames: resource.shortNames } : {}),
    ...([
      'pods',
      'services',
      'deployments',
      'replicasets',
      'jobs',
      'statefulsets',
      'daemonsets',
      'cronjobs',
    ].includes(resource.name)
      ? { categories: ['all'] }
      : {}),
  },
  ...resource.subresources.map((subresource) => ({
    name: `${resource.name}/${subresource}`,
    singularName: '',
    namespaced: resource.namespaced,
    kind: resource.kind,
    ...(subresource === 'proxy' && resource.kind === 'Pod'
      ? { kind: 'PodProxyOptions' }
      : subresourceKinds[subresource]),
    verbs: subresourceVerbs[subresource] ?? ['get'],
  })),
]

const groupNames = () => [...new Set(resources.map((each) => each.group).filter(Boolean))]

function groupEntry(name: string): JsonObject {
  const { version } = resources.find((each) => each.group === name)!
  const preferred = { groupVersion: `${name}/${version}`, version }
  return { name, versions: [preferred], preferredVersion: preferred }
}

const apiVersion = 'v1'

/** Returns the document of `/api`, `/apis`, `/api/v1` or `/apis/{group}[/{version}]`, or `undefined` if it does not exist. */
export function discoveryDocument(simulator: Simulator, segments: string[]): JsonObject | undefined {
  const [root, first, second, ...more] = segments
  if (more.length) return undefined
  if (root === 'api' && first === undefined)
    return {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [
        { clientCIDR: '0.0.0.0/0', serverAddress: new URL(simulator.addresses.kube).host },
      ],
    }
  if (root === 'apis' && first === undefined)
    return { kind: 'APIGroupList', apiVersion, groups: groupNames().map(groupEntry) }
  if (root === 'apis' && second === undefined)
    return groupNames().includes(first!) ? { kind: 'APIGroup', apiVersion, ...groupEntry(first!) } : undefined
  const wanted = root === 'api' ? (second === undefined ? first : undefined) : `${first}/${second}`
  const found = resources.filter((each) => groupVersion(each) === wanted)
  if (!found.length) return undefined
  return {
    kind: 'APIResourceList',
    ...(root === 'apis' ? { apiVersion } : {}),
    groupVersion: wanted,
    resources: found.flatMap(resourceEntries),
  }
}

/** Returns the document of `/version`. */
export function versionInfo(cluster: KubeCluster): JsonObject {
  const [major = '1', minor = '34'] = cluster.version.split('.')
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: `v${cluster.version}`,
    gitCommit: '8cc511e399b929453cd98ae65b419c3cc227ec79',
    gitTreeState: 'clean',
    buildDate: '2025-11-11T19:03:50Z',
    goVersion: 'go1.24.9',
    compiler: 'gc',
    platform: 'linux/amd64',
  }
}
