import { randomUUID } from 'node:crypto'
import type { Simulator } from '../../simulator.ts'
import { groupVersion, resourceForKind } from '../objects/resources.ts'
import { formatTime, getObject, storeObject } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { bootstrapBindings, bootstrapRoles } from './bootstrap-roles.ts'

/** Returns a new object with the metadata that the API server sets, in its order. */
export function newObject(
  simulator: Simulator,
  kind: string,
  metadata: JsonObject & { name: string },
  body: JsonObject = {},
) {
  const { name, generateName, namespace, generation, labels, annotations, ...rest } = metadata
  return {
    kind,
    apiVersion: groupVersion(resourceForKind(kind)),
    metadata: {
      name,
      ...(generateName ? { generateName } : {}),
      ...(namespace ? { namespace } : {}),
      uid: randomUUID(),
      resourceVersion: '',
      ...(generation ? { generation } : {}),
      creationTimestamp: formatTime(simulator.now()),
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...rest,
    },
    ...body,
  } as StoredObject
}

/** Stores an object unless one of that name exists. */
export function createIfAbsent(
  simulator: Simulator,
  cluster: KubeCluster,
  kind: string,
  metadata: JsonObject & { name: string },
  body: JsonObject = {},
): void {
  if (!getObject(cluster, resourceForKind(kind), metadata.namespace ?? '', metadata.name))
    storeObject(simulator, cluster, resourceForKind(kind), newObject(simulator, kind, metadata, body))
}

/** Creates the objects that controllers create in each namespace. */
export function createNamespaceDefaults(simulator: Simulator, cluster: KubeCluster, namespace: string): void {
  createIfAbsent(simulator, cluster, 'ServiceAccount', { name: 'default', namespace })
  createIfAbsent(
    simulator,
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
    { data: { 'ca.crt': simulator.caPem } },
  )
}

const aksLabels = {
  'addonmanager.kubernetes.io/mode': 'Reconcile',
  'control-plane': 'true',
  'kubernetes.azure.com/managedby': 'aks',
  'kubernetes.io/cluster-service': 'true',
}

function createSystemNamespaces(simulator: Simulator, cluster: KubeCluster): void {
  for (const name of ['kube-system', 'default', 'kube-public', 'kube-node-lease']) {
    const labels = { ...(name === 'kube-system' ? aksLabels : {}), 'kubernetes.io/metadata.name': name }
    const body = { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }
    createIfAbsent(simulator, cluster, 'Namespace', { name, labels }, body)
    createNamespaceDefaults(simulator, cluster, name)
  }
}

function createDefaultRoles(simulator: Simulator, cluster: KubeCluster): void {
  const apiGroup = 'rbac.authorization.k8s.io'
  const metadata = {
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  }
  for (const [name, rules] of Object.entries(bootstrapRoles))
    createIfAbsent(simulator, cluster, 'ClusterRole', { name, ...metadata }, { rules })
  for (const [name, groups] of bootstrapBindings) {
    const roleRef = { apiGroup, kind: 'ClusterRole', name }
    const subjects = groups.map((group) => ({ apiGroup, kind: 'Group', name: group }))
    createIfAbsent(simulator, cluster, 'ClusterRoleBinding', { name, ...metadata }, { roleRef, subjects })
  }
}

const apiServerService = {
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
}

/** Creates the objects of a new AKS cluster. */
export function bootstrapCluster(simulator: Simulator, cluster: KubeCluster): void {
  createSystemNamespaces(simulator, cluster)
  createDefaultRoles(simulator, cluster)
  const labels = { component: 'apiserver', provider: 'kubernetes' }
  const metadata = { name: 'kubernetes', namespace: 'default', labels }
  createIfAbsent(simulator, cluster, 'Service', metadata, structuredClone(apiServerService))
}
