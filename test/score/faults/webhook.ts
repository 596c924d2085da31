import type { Open } from '../ask.ts'
import { annotate, type Fault, homeOf, type Scene } from '../fault.ts'
import { rolledOut } from '../rolled-out.ts'

const configuration =
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/azure-wi-webhook-mutating-webhook-configuration'
const deployments = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments`
const controllerOf = (scene: Scene) => `${deployments(homeOf(scene))}/azure-wi-webhook-controller-manager`
const binding = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/azure-wi-webhook-manager-rolebinding'

const bare = ({ metadata: { name, labels, annotations }, ...rest }: Open, namespace?: string): Open => ({
  ...rest,
  metadata: { name, labels, annotations, ...(namespace ? { namespace } : {}) },
})

/** Changes the first webhook of the configuration. */
async function configure({ kube }: Scene, change: (webhook: Open) => Open): Promise<void> {
  const { webhooks } = await kube('GET', configuration)
  await kube('PATCH', configuration, { webhooks: webhooks.map(change) })
}

/** Its pods are started anew: they read their ConfigMap once. */
async function restart(scene: Scene): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  await scene.kube('PATCH', controllerOf(scene), { spec: { template: { metadata: { annotations } } } })
  await rolledOut(scene.kube, controllerOf(scene))
}

export const webhook: Fault[] = [
  {
    code: 'WI301',
    says: 'the webhook is scaled to nothing',
    by: 'Kubernetes',
    seed: (scene) => scene.kube('PATCH', controllerOf(scene), { spec: { replicas: 0 } }),
  },
  {
    code: 'WI301',
    says: "the webhook's configuration is deleted",
    by: 'Kubernetes',
    seed: ({ kube }) => kube('DELETE', configuration),
  },
  {
    code: 'WI303',
    says: 'a second webhook is installed beside the first',
    by: 'Kubernetes',
    seed: async (scene) => {
      const { kube } = scene
      const second = homeOf(scene) === 'kube-system' ? 'azure-workload-identity-system' : 'platform'
      const { items } = await kube('GET', '/api/v1/namespaces')
      if (!items.some(({ metadata }: Open) => metadata.name === second))
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
    says: "the webhook's role is taken away",
    by: 'Kubernetes',
    seed: ({ kube }) => kube('DELETE', binding),
  },
  {
    code: 'WI304',
    says: 'the certificate authority is lost while the webhook may not write it',
    by: 'Kubernetes',
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
    says: 'the webhook is for another tenant, and the service account names none',
    by: 'Kubernetes',
    seed: async (scene) => {
      await scene.kube('PATCH', `/api/v1/namespaces/${homeOf(scene)}/configmaps/azure-wi-webhook-config`, {
        data: { AZURE_TENANT_ID: '99999999-0000-4000-8000-000000000000' },
      })
      await annotate(scene, { 'azure.workload.identity/tenant-id': null })
      await restart(scene)
    },
  },
  {
    code: 'WI206',
    says: "the namespace is labelled as one of AKS's own",
    aksOnly: "only AKS's admissions enforcer keeps webhooks away from such a namespace",
    by: 'Kubernetes',
    seed: ({ kube, settings }) =>
      kube('PATCH', `/api/v1/namespaces/${settings.namespace}`, {
        metadata: { labels: { 'control-plane': 'true' } },
      }),
  },
  {
    code: 'WI206',
    says: 'the webhook looks at other namespaces only',
    by: 'Kubernetes',
    seed: (scene) =>
      configure(scene, (each) => ({
        ...each,
        namespaceSelector: { matchLabels: { 'workload-identity': 'yes' } },
      })),
  },
  {
    code: 'WI201',
    says: 'the webhook selects by another label',
    by: 'Kubernetes',
    seed: (scene) =>
      configure(scene, (each) => ({ ...each, objectSelector: { matchLabels: { 'aad.use': 'true' } } })),
  },
]
