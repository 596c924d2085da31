import type { JsonObject } from '../apis.ts'
import { annotateAccount, type Fixture, type SeededFault, webhookNamespace } from '../fault.ts'
import { waitForRollout } from '../rolled-out.ts'

const configuration =
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/azure-wi-webhook-mutating-webhook-configuration'
const deployments = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments`
const controllerOf = (scene: Fixture) =>
  `${deployments(webhookNamespace(scene))}/azure-wi-webhook-controller-manager`
const binding = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/azure-wi-webhook-manager-rolebinding'

const bare = (
  { metadata: { name, labels, annotations }, ...rest }: JsonObject,
  namespace?: string,
): JsonObject => ({
  ...rest,
  metadata: { name, labels, annotations, ...(namespace ? { namespace } : {}) },
})

/** Changes the first webhook of the configuration. */
async function configure({ kube }: Fixture, change: (webhook: JsonObject) => JsonObject): Promise<void> {
  const { webhooks } = await kube('GET', configuration)
  await kube('PATCH', configuration, { webhooks: webhooks.map(change) })
}

/** Its pods are started anew: they read their ConfigMap once. */
async function restart(scene: Fixture): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  await scene.kube('PATCH', controllerOf(scene), { spec: { template: { metadata: { annotations } } } })
  await waitForRollout(scene.kube, controllerOf(scene))
}

export const webhookFaults: SeededFault[] = [
  {
    code: 'WI301',
    description: 'the webhook is scaled to nothing',
    api: 'Kubernetes',
    seed: (scene) => scene.kube('PATCH', controllerOf(scene), { spec: { replicas: 0 } }),
  },
  {
    code: 'WI301',
    description: "the webhook's configuration is deleted",
    api: 'Kubernetes',
    seed: ({ kube }) => kube('DELETE', configuration),
  },
  {
    code: 'WI303',
    description: 'a second webhook is installed beside the first',
    api: 'Kubernetes',
    seed: async (scene) => {
      const { kube } = scene
      const second = webhookNamespace(scene) === 'kube-system' ? 'azure-workload-identity-system' : 'platform'
      const { items } = await kube('GET', '/api/v1/namespaces')
      if (!items.some(({ metadata }: JsonObject) => metadata.name === second))
        await kube('POST', '/api/v1/namespaces', {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: second },
        })
      const account = {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'azure-wi-webhook-admin' },
      }
      await kube('POST', `/api/v1/namespaces/${second}/serviceaccounts`, account).catch(() => {})
      const { status: _, ...found } = await kube('GET', controllerOf(scene))
      await kube('POST', deployments(second), bare(found, second))
    },
  },
  {
    code: 'WI303',
    description: "the webhook's role is taken away",
    api: 'Kubernetes',
    seed: ({ kube }) => kube('DELETE', binding),
  },
  {
    code: 'WI304',
    description: 'the certificate authority is lost while the webhook may not write it',
    api: 'Kubernetes',
    seed: async (scene) => {
      const { kube } = scene
      const found = await kube('GET', binding)
      await kube('DELETE', binding)
      await configure(scene, (each) => ({ ...each, clientConfig: { ...each.clientConfig, caBundle: '' } }))
      // It tries, is refused, and waits; then it is given its role back.
      await kube('GET', controllerOf(scene))
      await kube('POST', binding.replace(/\/[^/]+$/, ''), bare(found))
    },
  },
  {
    code: 'WI305',
    description: 'the webhook is for another tenant, and the service account names none',
    api: 'Kubernetes',
    seed: async (scene) => {
      await scene.kube(
        'PATCH',
        `/api/v1/namespaces/${webhookNamespace(scene)}/configmaps/azure-wi-webhook-config`,
        {
          data: { AZURE_TENANT_ID: '99999999-0000-4000-8000-000000000000' },
        },
      )
      await annotateAccount(scene, { 'azure.workload.identity/tenant-id': null })
      await restart(scene)
    },
  },
  {
    code: 'WI206',
    description: "the namespace is labelled as one of AKS's own",
    aksOnly: "only AKS's admissions enforcer keeps webhooks away from such a namespace",
    api: 'Kubernetes',
    seed: ({ kube, settings }) =>
      kube('PATCH', `/api/v1/namespaces/${settings.namespace}`, {
        metadata: { labels: { 'control-plane': 'true' } },
      }),
  },
  {
    code: 'WI206',
    description: 'the webhook looks at other namespaces only',
    api: 'Kubernetes',
    seed: (scene) =>
      configure(scene, (each) => ({
        ...each,
        namespaceSelector: { matchLabels: { 'workload-identity': 'yes' } },
      })),
  },
  {
    code: 'WI201',
    description: 'the webhook selects by another label',
    api: 'Kubernetes',
    seed: (scene) =>
      configure(scene, (each) => ({ ...each, objectSelector: { matchLabels: { 'aad.use': 'true' } } })),
  },
]
