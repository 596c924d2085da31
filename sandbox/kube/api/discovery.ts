import type { Simulator } from '../../simulator.ts'
import { pathNotFound } from '../errors.ts'
import { servedResources } from '../objects/custom-resources.ts'
import { type ApiResource, groupVersion } from '../objects/resources.ts'
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

const groupNames = (cluster: KubeCluster) => [
  ...new Set(
    servedResources(cluster)
      .map((each) => each.group)
      .filter(Boolean),
  ),
]

/** Versions in the order of Kubernetes: stable before beta before alpha, newer before older. */
const byPriority = (a: string, b: string) => {
  const rank = (version: string) => {
    const [, major = '0', level = '', minor = '0'] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? []
    return [level === '' ? 2 : level === 'beta' ? 1 : 0, Number(major), Number(minor)]
  }
  const [left, right] = [rank(a), rank(b)]
  const index = left.findIndex((number, at) => number !== right[at])
  return index < 0 ? 0 : right[index]! - left[index]!
}

function groupEntry(cluster: KubeCluster, name: string): JsonObject {
  const ofGroup = servedResources(cluster).filter((each) => each.group === name)
  const versions = [...new Set(ofGroup.map(({ version }) => version))]
    .sort(byPriority)
    .map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions, preferredVersion: versions[0] }
}

const apiVersion = 'v1'

/** Returns the document of `/api`. */
export const apiVersions = (simulator: Simulator): JsonObject => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [
    { clientCIDR: '0.0.0.0/0', serverAddress: new URL(simulator.addresses.kube).host },
  ],
})

/** Returns the document of `/apis`. */
export const apiGroupList = (cluster: KubeCluster): JsonObject => ({
  kind: 'APIGroupList',
  apiVersion,
  groups: groupNames(cluster).map((name) => groupEntry(cluster, name)),
})

/** Returns the document of `/apis/{group}`. Throws 404. */
export function apiGroup(cluster: KubeCluster, name: string): JsonObject {
  if (!groupNames(cluster).includes(name)) throw pathNotFound()
  return { kind: 'APIGroup', apiVersion, ...groupEntry(cluster, name) }
}

/** Returns the document of `/api/v1` or `/apis/{group}/{version}`. Throws 404. */
export function apiResourceList(cluster: KubeCluster, group: string, version: string): JsonObject {
  const found = servedResources(cluster).filter((each) => each.group === group && each.version === version)
  if (!found.length) throw pathNotFound()
  return {
    kind: 'APIResourceList',
    ...(group ? { apiVersion } : {}),
    groupVersion: groupVersion({ group, version }),
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
