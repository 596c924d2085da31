import type { KubeObject, Kubernetes } from '../clients/kubernetes.ts'
import { absent, compared, step } from '../engine/step.ts'
import { Refusal } from '../refusal.ts'
import type { Settings } from '../settings/settings.ts'
import { cluster } from './cluster.ts'
import { chartNamespace, chartRelease, webhookConfiguration, webhookDeployment } from './webhook-names.ts'

export interface Webhook {
  /** Who installed it, in words: `AKS add-on`, `Helm release …`, `manifest`. */
  by: string
  namespace: string
  version: string | undefined
  ready: number
}

/** The mutating webhook that gives labelled pods their token. One that is there is used, whoever installed it. */
export const webhook = step<Webhook>()({
  id: 'webhook',
  title: 'webhook',
  command: 'webhook',
  uses: ['webhook', 'chart', 'chartVersion', 'tenant', 'context', 'kubeconfig', 'clusterResourceGroup'],
  needs: { cluster },
  usually: 'about 30 s',
  waiting: 'for its pods',
  deadline: 300_000,
  label: (settings) => (method(settings) === 'addon' ? 'AKS add-on' : 'Helm chart'),
  async inspect({ settings, cluster, kubernetes, once }) {
    if (settings.webhook === 'addon' && cluster.kind === 'other')
      throw new Refusal(
        '--webhook addon is for AKS; this cluster is reached by a kubeconfig',
        'Leave --webhook out, or give --webhook helm',
      )
    if (!cluster.connection) return absent()
    const found = await once('webhook', () => findWebhook(kubernetes(cluster.connection!)))
    if (!found) return absent(cluster.addon ? 'waiting for AKS to install it' : undefined)
    return compared(
      found,
      found.by.endsWith(`${chartNamespace}/${chartRelease}`),
      [found.ready === 0 && { field: 'ready pods', is: '0', want: '1 or more' }],
      found.by === 'AKS add-on' && method(settings) === 'addon' ? undefined : found.by,
    )
  },
  async apply({ settings, cluster, kubernetes, helm, cloud, aksClusters }, found) {
    if (found.state !== 'absent') return
    if (method(settings) === 'addon') {
      if (!cluster.addon)
        await aksClusters.enable(settings.clusterResourceGroup, cluster.name, { workloadIdentity: true })
      return
    }
    await helm.install(await kubernetes(cluster.connection).kubeconfig(), {
      namespace: chartNamespace,
      name: chartRelease,
      ...chartSource(settings.chart),
      ...(settings.chartVersion === undefined ? {} : { version: settings.chartVersion }),
      values: { azureTenantID: settings.tenant, azureEnvironment: cloud.environment },
    })
  },
  remove: async ({ cluster, kubernetes, helm }) =>
    helm.uninstall(await kubernetes(cluster.connection).kubeconfig(), chartNamespace, chartRelease),
})

type MethodSettings = Pick<Settings, 'webhook' | 'context' | 'kubeconfig'>

const method = (settings: MethodSettings) =>
  settings.webhook === 'auto'
    ? settings.context === undefined && settings.kubeconfig === undefined
      ? 'addon'
      : 'helm'
    : settings.webhook

/** A chart is a folder or archive, or a repository's URL with the chart's name as last segment. */
const chartSource = (chart: string) => {
  const split = /^(https?:\/\/.+)\/([^/]+)$/.exec(chart)
  return split && !chart.endsWith('.tgz') ? { repo: split[1]!, chart: split[2]! } : { chart }
}

export async function findWebhook(kube: Kubernetes): Promise<Webhook | undefined> {
  const configuration = await kube.get('MutatingWebhookConfiguration', webhookConfiguration)
  const namespace = configuration?.webhooks?.[0]?.clientConfig?.service?.namespace as string | undefined
  if (!configuration || !namespace) return undefined
  const deployment = await kube.get('Deployment', webhookDeployment, namespace)
  return {
    by: installedBy(configuration, namespace),
    namespace,
    version: /:v?([\d.]+[^:@]*)$/.exec(deployment?.spec?.template?.spec?.containers?.[0]?.image ?? '')?.[1],
    ready: deployment?.status?.readyReplicas ?? 0,
  }
}

function installedBy({ metadata }: KubeObject, namespace: string): string {
  const release = metadata.annotations?.['meta.helm.sh/release-name']
  if (
    metadata.labels?.['kubernetes.azure.com/managedby'] === 'aks' ||
    release === 'aks-managed-workload-identity'
  )
    return 'AKS add-on'
  return release
    ? `Helm release ${metadata.annotations?.['meta.helm.sh/release-namespace'] ?? namespace}/${release}`
    : 'manifest'
}
