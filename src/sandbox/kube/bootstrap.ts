import { randomUUID } from 'node:crypto'
import type { Cloud } from '../cloud.ts'
import { groupVersion, resourceOf } from './resources.ts'
import type { KubeCluster, KubeObject, Open } from './state.ts'
import { erase, list, read, timestamp, write } from './store.ts'

export interface NodePool {
  name: string
  count: number
  osType?: 'Linux' | 'Windows'
  vmSize?: string
  mode?: 'System' | 'User'
}

/** Gives a new object what the server gives: an id, a time and the order of its parts. */
export function born(cloud: Cloud, kind: string, metadata: Open & { name: string }, body: Open = {}) {
  const { name, generateName, namespace, generation, labels, annotations, ...rest } = metadata
  return {
    kind,
    apiVersion: groupVersion(resourceOf(kind)),
    metadata: {
      name,
      ...(generateName ? { generateName } : {}),
      ...(namespace ? { namespace } : {}),
      uid: randomUUID(),
      resourceVersion: '',
      ...(generation ? { generation } : {}),
      creationTimestamp: timestamp(cloud.now()),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...rest,
    },
    ...body,
  } as KubeObject
}

/** Stores an object of the cluster's own, unless there is one of that name. */
export function seed(
  cloud: Cloud,
  cluster: KubeCluster,
  kind: string,
  metadata: Open & { name: string },
  body: Open = {},
): void {
  if (!read(cluster, resourceOf(kind), metadata.namespace ?? '', metadata.name))
    write(cloud, cluster, resourceOf(kind), born(cloud, kind, metadata, body))
}

/** What the controllers put into each namespace. */
export function furnish(cloud: Cloud, cluster: KubeCluster, namespace: string): void {
  seed(cloud, cluster, 'ServiceAccount', { name: 'default', namespace })
  seed(
    cloud,
    cluster,
    'ConfigMap',
    {
      name: 'kube-root-ca.crt',
      namespace,
      annotations: {
        'kubernetes.io/description':
          'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
      },
    },
    { data: { 'ca.crt': cloud.caPem } },
  )
}

const everything = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
const reading = ['get', 'list', 'watch']
const writing = ['create', 'delete', 'deletecollection', 'patch', 'update']
const namespacedParts = [
  {
    apiGroups: [''],
    resources: ['configmaps', 'endpoints', 'events', 'pods', 'pods/log', 'pods/status', 'services'],
  },
  {
    apiGroups: ['apps'],
    resources: ['daemonsets', 'deployments', 'deployments/scale', 'replicasets', 'statefulsets'],
  },
  { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'] },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'networkpolicies'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'] },
]
const grant = (verbs: string[]) => namespacedParts.map((part) => ({ ...part, verbs }))
const editing = [
  { apiGroups: [''], resources: ['pods/proxy', 'services/proxy', 'secrets'], verbs: reading },
  { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] },
  { apiGroups: [''], resources: ['secrets', 'serviceaccounts'], verbs: [...reading, ...writing] },
  { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: reading },
]
const roles: Record<string, Open[]> = {
  'cluster-admin': [...everything, { nonResourceURLs: ['*'], verbs: ['*'] }],
  admin: [
    ...grant([...reading, ...writing]),
    ...editing,
    {
      apiGroups: ['rbac.authorization.k8s.io'],
      resources: ['rolebindings', 'roles'],
      verbs: [...reading, ...writing],
    },
  ],
  edit: [...grant([...reading, ...writing]), ...editing],
  view: [
    ...grant(reading),
    { apiGroups: [''], resources: ['serviceaccounts', 'namespaces'], verbs: reading },
  ],
  'system:basic-user': [
    {
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      verbs: ['create'],
    },
    { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
  ],
  'system:discovery': [
    {
      nonResourceURLs: [
        '/api',
        '/api/*',
        '/apis',
        '/apis/*',
        '/healthz',
        '/livez',
        '/openapi',
        '/openapi/*',
        '/readyz',
        '/version',
        '/version/',
      ],
      verbs: ['get'],
    },
  ],
  'system:public-info-viewer': [
    { nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'], verbs: ['get'] },
  ],
  'system:service-account-issuer-discovery': [
    {
      nonResourceURLs: [
        '/.well-known/openid-configuration',
        '/.well-known/openid-configuration/',
        '/openid/v1/jwks',
        '/openid/v1/jwks/',
      ],
      verbs: ['get'],
    },
  ],
}
const bindings: [name: string, groups: string[]][] = [
  ['cluster-admin', ['system:masters']],
  ['system:basic-user', ['system:authenticated']],
  ['system:discovery', ['system:authenticated']],
  ['system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']],
  ['system:service-account-issuer-discovery', ['system:serviceaccounts']],
]

/** Everything that a new AKS cluster has before anyone has used it. */
export function bootstrap(cloud: Cloud, cluster: KubeCluster): void {
  for (const name of ['kube-system', 'default', 'kube-public', 'kube-node-lease']) {
    const managed =
      name === 'kube-system'
        ? {
            'addonmanager.kubernetes.io/mode': 'Reconcile',
            'control-plane': 'true',
            'kubernetes.azure.com/managedby': 'aks',
            'kubernetes.io/cluster-service': 'true',
          }
        : {}
    seed(
      cloud,
      cluster,
      'Namespace',
      { name, labels: { ...managed, 'kubernetes.io/metadata.name': name } },
      { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
    )
    furnish(cloud, cluster, name)
  }
  const bootstrapping = {
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  }
  for (const [name, rules] of Object.entries(roles))
    seed(cloud, cluster, 'ClusterRole', { name, ...bootstrapping }, { rules })
  for (const [name, groups] of bindings)
    seed(
      cloud,
      cluster,
      'ClusterRoleBinding',
      { name, ...bootstrapping },
      {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: groups.map((group) => ({
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'Group',
          name: group,
        })),
      },
    )
  seed(
    cloud,
    cluster,
    'Service',
    {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    {
      spec: {
        clusterIP: '10.0.0.1',
        clusterIPs: ['10.0.0.1'],
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 443 }],
        sessionAffinity: 'None',
        type: 'ClusterIP',
      },
      status: { loadBalancer: {} },
    },
  )
}

const suffix = (pool: string, cluster: KubeCluster) =>
  String(
    [...`${pool}${cluster.resourceId}`].reduce(
      (sum, char) => (sum * 31 + char.charCodeAt(0)) % 90_000_000,
      7,
    ) + 10_000_000,
  )

function nodeOf(cloud: Cloud, cluster: KubeCluster, pool: NodePool, index: number): KubeObject {
  const windows = pool.osType === 'Windows'
  const [, subscription = '', , group = '', , , , name = ''] = cluster.resourceId.split('/')
  const nodeGroup = `MC_${group}_${name}_${cluster.region}`
  const set = windows ? `aks${pool.name}` : `aks-${pool.name}-${suffix(pool.name, cluster)}-vmss`
  const host = `${set}${index.toString(36).padStart(6, '0')}`
  const os = windows ? 'windows' : 'linux'
  const since = timestamp(cloud.now())
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    lastHeartbeatTime: since,
    lastTransitionTime: since,
    reason,
    message,
  })
  return born(
    cloud,
    'Node',
    {
      name: host,
      labels: {
        agentpool: pool.name,
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': os,
        'kubernetes.azure.com/agentpool': pool.name,
        'kubernetes.azure.com/cluster': nodeGroup,
        'kubernetes.azure.com/mode': (pool.mode ?? 'System').toLowerCase(),
        'kubernetes.azure.com/os-sku': windows ? 'Windows2022' : 'Ubuntu',
        'kubernetes.azure.com/role': 'agent',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': host,
        'kubernetes.io/os': os,
        'node.kubernetes.io/instance-type': pool.vmSize || 'Standard_D2s_v5',
        'topology.kubernetes.io/region': cluster.region,
        'topology.kubernetes.io/zone': '0',
      },
    },
    {
      spec: {
        podCIDR: `10.244.${index}.0/24`,
        podCIDRs: [`10.244.${index}.0/24`],
        providerID: `azure:///subscriptions/${subscription}/resourceGroups/${nodeGroup.toLowerCase()}/providers/Microsoft.Compute/virtualMachineScaleSets/${set}/virtualMachines/${index}`,
      },
      status: {
        addresses: [
          { type: 'Hostname', address: host },
          { type: 'InternalIP', address: `10.224.0.${4 + index}` },
        ],
        allocatable: { cpu: '1900m', memory: '5368712Ki', pods: '110' },
        capacity: { cpu: '2', memory: '8129544Ki', pods: '110' },
        conditions: [
          condition(
            'MemoryPressure',
            'False',
            'KubeletHasSufficientMemory',
            'kubelet has sufficient memory available',
          ),
          condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
          condition(
            'PIDPressure',
            'False',
            'KubeletHasSufficientPID',
            'kubelet has sufficient PID available',
          ),
          condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
        ],
        nodeInfo: {
          architecture: 'amd64',
          containerRuntimeVersion: 'containerd://2.0.4-1',
          kubeletVersion: `v${cluster.version}`,
          operatingSystem: os,
          osImage: windows ? 'Windows Server 2022 Datacenter' : 'Ubuntu 22.04.5 LTS',
        },
      },
    },
  )
}

/** Makes the nodes those of the pools; nodes that stay keep their identity. */
export function placeNodes(cloud: Cloud, cluster: KubeCluster, pools: NodePool[]): void {
  const wanted = pools.flatMap((pool) =>
    Array.from({ length: Math.max(0, pool.count) }, (_, index) => nodeOf(cloud, cluster, pool, index)),
  )
  const names = new Set(wanted.map((node) => node.metadata.name))
  for (const node of list(cluster, resourceOf('Node')))
    if (!names.has(node.metadata.name)) erase(cloud, cluster, resourceOf('Node'), node)
  for (const node of wanted)
    if (!read(cluster, resourceOf('Node'), '', node.metadata.name))
      write(cloud, cluster, resourceOf('Node'), node)
}
