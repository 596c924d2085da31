import type { JsonObject, KubeRequest } from './apis.ts'
import { clusterPath, type Fixture } from './fault.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const system = 'kube-system'

/** Paths of the objects in a backup of the cluster: the webhook with its RBAC, then the workload. */
const backupPaths = ({ settings: { namespace, serviceAccount } }: Fixture): string[] => [
  `/api/v1/namespaces/${namespace}`,
  `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}`,
  `/api/v1/namespaces/${system}/serviceaccounts/azure-wi-webhook-admin`,
  `/api/v1/namespaces/${system}/configmaps/azure-wi-webhook-config`,
  `/api/v1/namespaces/${system}/secrets/azure-wi-webhook-server-cert`,
  `${rbac}/clusterroles/azure-wi-webhook-manager-role`,
  `${rbac}/clusterrolebindings/azure-wi-webhook-manager-rolebinding`,
  `${rbac}/namespaces/${system}/roles/azure-wi-webhook-manager-role`,
  `${rbac}/namespaces/${system}/rolebindings/azure-wi-webhook-manager-rolebinding`,
  `/api/v1/namespaces/${system}/services/azure-wi-webhook-webhook-service`,
  `/apis/apps/v1/namespaces/${system}/deployments/azure-wi-webhook-controller-manager`,
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/azure-wi-webhook-mutating-webhook-configuration',
  `/api/v1/namespaces/${namespace}/configmaps/vault-reader`,
  `/apis/apps/v1/namespaces/${namespace}/deployments/vault-reader`,
  `/api/v1/namespaces/${namespace}/services/vault-reader`,
]

/** Returns an object without the fields that belong to the old cluster. */
function withoutClusterFields({ status: _, ...object }: JsonObject): JsonObject {
  const { name, namespace, labels = {}, annotations = {} } = object.metadata
  // The new cluster has no add-on, so AKS would delete objects labeled as part of it.
  delete labels['kubernetes.azure.com/managedby']
  for (const part of ['name', 'namespace']) delete annotations[`meta.helm.sh/release-${part}`]
  const { clusterIP: _ip, clusterIPs: _ips, finalizers: _f, ...spec } = object.spec ?? {}
  return {
    ...object,
    metadata: { name, ...(namespace ? { namespace } : {}), labels, annotations },
    ...(object.spec ? { spec } : {}),
  }
}

async function restore(kube: KubeRequest, objects: [string, JsonObject][]): Promise<void> {
  for (const [path, object] of objects)
    await kube('POST', path.slice(0, path.lastIndexOf('/')), withoutClusterFields(object)).catch(
      (error: Error) => {
        if (!/AlreadyExists/.test(error.message)) throw error
      },
    )
}

/** Deletes the cluster, recreates it with these properties, and restores its objects. */
export async function rebuildCluster(fixture: Fixture, properties: JsonObject): Promise<void> {
  const { apis, kube } = fixture
  const objects = await Promise.all(
    backupPaths(fixture).map(async (path): Promise<[string, JsonObject]> => [path, await kube('GET', path)]),
  )
  const { location, tags } = await apis.arm('GET', clusterPath(fixture))
  await apis.arm('DELETE', clusterPath(fixture))
  await apis.arm('PUT', clusterPath(fixture), {
    location,
    tags,
    sku: { name: 'Base', tier: 'Free' },
    identity: { type: 'SystemAssigned' },
    properties: {
      dnsPrefix: 'rebuilt',
      agentPoolProfiles: [{ name: 'system', mode: 'System', count: 1, osType: 'Linux' }],
      ...properties,
    },
  })
  await restore(kube, objects)
}
