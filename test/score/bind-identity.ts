import type { Apis } from './apis.ts'

/** A service account and the managed identity that its pods use through an identity binding of AKS. */
export interface BoundAccount {
  apis: Apis
  /** Relative to the subscription. */
  clusterPath: string
  identityId: string
  clientId: string
  namespace: string
  account: string
}

const rbac = 'rbac.authorization.k8s.io'

export const bindingPath = ({ clusterPath, namespace }: BoundAccount) =>
  `${clusterPath}/identityBindings/${namespace}`

export const roleName = ({ namespace }: BoundAccount) => `use-identity-of-${namespace}`

/** Creates the binding as az does, the permission of the service account, and a pod that opts in. */
export async function bindIdentity(bound: BoundAccount): Promise<void> {
  const { apis, identityId, clientId, namespace, account } = bound
  await apis.arm('PUT', bindingPath(bound), {
    properties: { managedIdentity: { resourceId: identityId } },
  })
  const metadata = { name: roleName(bound) }
  await apis.kube('POST', `/apis/${rbac}/v1/clusterroles`, {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata,
    rules: [{ apiGroups: ['cid.wi.aks.azure.com'], resources: [clientId], verbs: ['use-managed-identity'] }],
  })
  await apis.kube('POST', `/apis/${rbac}/v1/clusterrolebindings`, {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', namespace, name: account }],
  })
  await apis.kube('POST', `/api/v1/namespaces/${namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'bound',
      labels: { 'azure.workload.identity/use': 'true' },
      annotations: { 'azure.workload.identity/use-identity-binding': 'true' },
    },
    spec: { serviceAccountName: account, containers: [{ name: 'app', image: 'registry.example/app:1' }] },
  })
}
