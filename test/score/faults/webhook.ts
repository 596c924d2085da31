import type { JsonObject } from '../apis.ts'
import { annotateAccount, type Fixture, type SeededFault, webhookNamespace } from '../fault.ts'
import { waitForRollout } from '../rolled-out.ts'

const configuration =
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/azure-wi-webhook-mutating-webhook-configuration'
const deployments = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments`
const controllerOf = (fixture: Fixture) =>
  `${deployments(webhookNamespace(fixture))}/azure-wi-webhook-controller-manager`
const binding = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/azure-wi-webhook-manager-rolebinding'

const withoutServerFields = (
  { metadata: { name, labels, annotations }, ...rest }: JsonObject,
  namespace?: string,
): JsonObject => ({
  ...rest,
  metadata: { name, labels, annotations, ...(namespace ? { namespace } : {}) },
})

/** Changes each webhook of the configuration. */
async function changeConfiguration(
  { kube }: Fixture,
  change: (webhook: JsonObject) => JsonObject,
): Promise<void> {
  const { webhooks } = await kube('GET', configuration)
  await kube('PATCH', configuration, { webhooks: webhooks.map(change) })
}

/** Restarts the webhook's pods, which read their ConfigMap at start. */
async function restartWebhook(fixture: Fixture): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  await fixture.kube('PATCH', controllerOf(fixture), { spec: { template: { metadata: { annotations } } } })
  await waitForRollout(fixture.kube, controllerOf(fixture))
}

export const webhookFaults: SeededFault[] = [
  {
    code: 'WI301',
    description: 'the webhook is scaled to 0',
    api: 'Kubernetes',
    seed: (fixture) => fixture.kube('PATCH', controllerOf(fixture), { spec: { replicas: 0 } }),
  },
  {
    code: 'WI301',
    description: "the webhook's configuration is deleted",
    api: 'Kubernetes',
    seed: ({ kube }) => kube('DELETE', configuration),
  },
  {
    code: 'WI303',
    description: 'a second webhook is installed',
    api: 'Kubernetes',
    seed: async (fixture) => {
      const { kube } = fixture
      const second =
        webhookNamespace(fixture) === 'kube-system' ? 'azure-workload-identity-system' : 'platform'
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
      const { status: _, ...found } = await kube('GET', controllerOf(fixture))
      await kube('POST', deployments(second), withoutServerFields(found, second))
    },
  },
  {
    code: 'WI303',
    description: "the webhook's role binding is deleted",
    api: 'Kubernetes',
    seed: ({ kube }) => kube('DELETE', binding),
  },
  {
    code: 'WI304',
    description: 'the CA certificate is lost while the webhook cannot write it',
    api: 'Kubernetes',
    seed: async (fixture) => {
      const { kube } = fixture
      const found = await kube('GET', binding)
      await kube('DELETE', binding)
      await changeConfiguration(fixture, (each) => ({
        ...each,
        clientConfig: { ...each.clientConfig, caBundle: '' },
      }))
      // The webhook fails to write it and backs off; then its role binding is restored.
      await kube('GET', controllerOf(fixture))
      await kube('POST', binding.replace(/\/[^/]+$/, ''), withoutServerFields(found))
    },
  },
  {
    code: 'WI305',
    description: "the webhook's tenant is another, and the service account has no tenant annotation",
    api: 'Kubernetes',
    seed: async (fixture) => {
      await fixture.kube(
        'PATCH',
        `/api/v1/namespaces/${webhookNamespace(fixture)}/configmaps/azure-wi-webhook-config`,
        {
          data: { AZURE_TENANT_ID: '99999999-0000-4000-8000-000000000000' },
        },
      )
      await annotateAccount(fixture, { 'azure.workload.identity/tenant-id': null })
      await restartWebhook(fixture)
    },
  },
  {
    code: 'WI206',
    description: "the namespace has a label of AKS's own namespaces",
    aksOnly: "only AKS's admissions enforcer excludes such namespaces",
    api: 'Kubernetes',
    seed: ({ kube, settings }) =>
      kube('PATCH', `/api/v1/namespaces/${settings.namespace}`, {
        metadata: { labels: { 'control-plane': 'true' } },
      }),
  },
  {
    code: 'WI206',
    description: 'the webhook selects other namespaces',
    api: 'Kubernetes',
    seed: async (fixture) => {
      // The fix of an earlier run has added the label.
      await fixture.kube('PATCH', `/api/v1/namespaces/${fixture.settings.namespace}`, {
        metadata: { labels: { 'workload-identity': null } },
      })
      await changeConfiguration(fixture, (each) => ({
        ...each,
        namespaceSelector: { matchLabels: { 'workload-identity': 'yes' } },
      }))
    },
  },
  {
    code: 'WI201',
    description: 'the webhook selects another label',
    api: 'Kubernetes',
    seed: (fixture) =>
      changeConfiguration(fixture, (each) => ({
        ...each,
        objectSelector: { matchLabels: { 'aad.use': 'true' } },
      })),
  },
]
