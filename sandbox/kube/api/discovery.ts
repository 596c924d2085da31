import type { Simulator } from '../../simulator.ts'
import { type ApiResource, groupVersion, resources } from '../objects/resources.ts'
import type { JsonObject, KubeCluster } from '../state.ts'

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

const verbsOf: Record<string, string[]> = {
  proxy: ['create', 'delete', 'get', 'patch', 'update'],
  log: ['get'],
  token: ['create'],
  finalize: ['update'],
  status: ['get', 'patch', 'update'],
  scale: ['get', 'patch', 'update'],
}

const kindOf: Record<string, JsonObject> = {
  proxy: { kind: 'ServiceProxyOptions' },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
}

const entries = (resource: ApiResource) => [
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
  ...resource.subresources.map((part) => ({
    name: `${resource.name}/${part}`,
    singularName: '',
    namespaced: resource.namespaced,
    kind: resource.kind,
    ...(part === 'proxy' && resource.kind === 'Pod' ? { kind: 'PodProxyOptions' } : kindOf[part]),
    verbs: verbsOf[part] ?? ['get'],
  })),
]

const groupsOf = () => [...new Set(resources.map((each) => each.group).filter(Boolean))]

function group(name: string): JsonObject {
  const { version } = resources.find((each) => each.group === name)!
  const preferred = { groupVersion: `${name}/${version}`, version }
  return { name, versions: [preferred], preferredVersion: preferred }
}

const apiVersion = 'v1'

/** `/api`, `/apis`, `/api/v1` and `/apis/{group}[/{version}]`; undefined for a group that is not served. */
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
    return { kind: 'APIGroupList', apiVersion, groups: groupsOf().map(group) }
  if (root === 'apis' && second === undefined)
    return groupsOf().includes(first!) ? { kind: 'APIGroup', apiVersion, ...group(first!) } : undefined
  const wanted = root === 'api' ? (second === undefined ? first : undefined) : `${first}/${second}`
  const found = resources.filter((each) => groupVersion(each) === wanted)
  if (!found.length) return undefined
  return {
    kind: 'APIResourceList',
    ...(root === 'apis' ? { apiVersion } : {}),
    groupVersion: wanted,
    resources: found.flatMap(entries),
  }
}

/** `/version` as the cluster's API server tells it. */
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
