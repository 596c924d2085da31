import type { KubeObject, Kubernetes } from '../clients/kubernetes.ts'
import { hasCode } from '../clients/service-error.ts'
import { absent, compared, differs, gone, kept, notOurs, ours, step } from '../engine/step.ts'
import { Refusal } from '../refusal.ts'
import type { Settings } from '../settings/settings.ts'
import { cluster } from './cluster.ts'
import { isKubeMarked, kubeMark } from './namespace.ts'
import {
  chartNamespace,
  chartRelease,
  releaseMark,
  webhookConfig,
  webhookConfiguration,
  webhookDeployment,
} from './webhook-names.ts'

export interface Webhook {
  /** Who installed it, in words: `AKS add-on`, `Helm release …`, `manifest`. */
  by: string
  namespace: string
  version: string | undefined
  ready: number
}

const readyField = 'ready pods'
const releaseField = 'Helm release'

/** The mutating webhook that gives labelled pods their token. One that is there is used, whoever installed it. */
export const webhook = step<Webhook>()({
  id: 'webhook',
  title: 'webhook',
  command: 'webhook',
  uses: [
    'webhook',
    'audience',
    'chart',
    'chartVersion',
    'tenant',
    'context',
    'kubeconfig',
    'clusterResourceGroup',
  ],
  needs: { cluster },
  usually: 'about 30 s',
  waiting: 'for its pods',
  deadline: 300_000,
  label: (settings) => (method(settings) === 'addon' ? 'AKS add-on' : 'Helm chart'),
  async inspect({ settings, cluster, kubernetes, once, cloud }) {
    if (settings.webhook === 'addon' && cluster.kind === 'other')
      throw new Refusal(
        '--webhook addon is for AKS; this cluster is reached by a kubeconfig',
        'Leave --webhook out, or give --webhook helm',
      )
    const found =
      cluster.connection && (await once('webhook', () => findWebhook(kubernetes(cluster.connection!))))
    if (!found || found.by === 'AKS add-on' || found.by === ownRelease)
      requireUsualAudience(settings.audience)
    if (!cluster.connection) return absent()
    if (!found) return absent(cluster.addon ? 'waiting for AKS to install it' : undefined)
    const own = found.by === ownRelease
    const release = own
      ? await once('webhook-release', () => readRelease(kubernetes(cluster.connection!)))
      : undefined
    return compared(
      found,
      own,
      [
        ...(release
          ? [
              differs(releaseField, release.status, 'deployed'),
              release.tenant !== undefined && differs('tenant', release.tenant, settings.tenant),
              release.environment !== undefined &&
                differs('environment', release.environment, cloud.environment),
            ]
          : []),
        found.ready === 0 && { field: readyField, is: '0', want: '1 or more' },
      ],
      found.by === 'AKS add-on' && method(settings) === 'addon' ? undefined : found.by,
    )
  },
  async apply({ settings, cluster, kubernetes, helm, cloud, aksClusters, note }, found) {
    // Pods that are not ready yet are waited for; a release of ours that was broken off, or has other values, is upgraded.
    if (found.state === 'drifted' && found.diff.every(({ field }) => field === readyField)) return
    if (found.state === 'absent' && method(settings) === 'addon') {
      if (!cluster.addon)
        await aksClusters.enable(settings.clusterResourceGroup, cluster.name, { workloadIdentity: true })
      return
    }
    const kube = kubernetes(cluster.connection)
    // Before the chart, so that a release of ours is known for ours whatever happens.
    if (found.state === 'absent') await markRelease(kube)
    await helm.install(await kubernetes(cluster.connection).kubeconfig(), {
      namespace: chartNamespace,
      name: chartRelease,
      ...chartSource(settings.chart),
      ...(settings.chartVersion === undefined ? {} : { version: settings.chartVersion }),
      values: { azureTenantID: settings.tenant, azureEnvironment: cloud.environment },
      note,
    })
  },
  within: () => 'cluster',
  async remains({ settings, cluster, kubernetes }) {
    if (!cluster.connection) return gone
    const kube = kubernetes(cluster.connection)
    const [found, home] = await Promise.all([findWebhook(kube), kube.get('Namespace', chartNamespace)])
    const mine = home?.metadata.annotations?.[releaseMark] === chartRelease
    if (found?.by === 'AKS add-on')
      return { ...kept(found, "is AKS's, and stays with the cluster"), parts: true }
    if (!mine) return found ? kept(found, notOurs) : gone
    if (found && found.by !== ownRelease) return kept(found, notOurs)
    const users = await otherUsers(kube, settings)
    return users.length
      ? kept(found ?? {}, `others use it: ${users.slice(0, 3).join(', ')}`)
      : ours(found ?? {})
  },
  async remove({ cluster, kubernetes, helm }) {
    const kube = kubernetes(cluster.connection)
    if ((await kube.list('Secret', chartNamespace, `owner=helm,name=${chartRelease}`)).length)
      await helm.uninstall(await kube.kubeconfig(), chartNamespace, chartRelease)
    const home = await kube.fresh('Namespace', chartNamespace)
    if (!home) return
    if (isKubeMarked(home) && (await kube.contents(chartNamespace)).length === 0)
      await kube.remove('Namespace', chartNamespace)
    else await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: chartNamespace } })
  },
})

/** The webhook mounts tokens for the cloud's own audience, and no chart and no add-on lets one choose another. */
function requireUsualAudience(audience: string): void {
  if (audience.startsWith('api://AzureADTokenExchange')) return
  throw new Refusal(
    `The webhook gives pods no tokens for the audience ${audience}`,
    'Leave --audience out; or give --webhook none, and mount such a token into your pods yourself',
  )
}

const ownRelease = `Helm release ${chartNamespace}/${chartRelease}`

/** Says on the release's namespace that it is ours; a new namespace is ours, too. */
async function markRelease(kube: Kubernetes): Promise<void> {
  const home = await kube.get('Namespace', chartNamespace)
  await kube.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: chartNamespace,
      annotations: { [releaseMark]: chartRelease },
      ...(home === undefined || isKubeMarked(home) ? { labels: kubeMark } : {}),
    },
  })
}

/** Service accounts and pods of other workloads that the webhook serves. */
async function otherUsers(
  kube: Kubernetes,
  { namespace, serviceAccount }: Pick<Settings, 'namespace' | 'serviceAccount'>,
): Promise<string[]> {
  const [accounts, pods] = await Promise.all([
    kube.list('ServiceAccount'),
    kube.list('Pod', undefined, 'azure.workload.identity/use=true'),
  ])
  const isTheirs = (inside: string | undefined, account: string) =>
    inside !== namespace || account !== serviceAccount
  return [
    ...accounts
      .filter(({ metadata }) => metadata.annotations?.['azure.workload.identity/client-id'] !== undefined)
      .filter(({ metadata }) => isTheirs(metadata.namespace, metadata.name)),
    ...pods.filter(({ metadata, spec }) => isTheirs(metadata.namespace, spec?.serviceAccountName)),
  ].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
}

type MethodSettings = Pick<Settings, 'webhook' | 'context' | 'kubeconfig'>

export const method = (settings: MethodSettings) =>
  settings.webhook === 'auto'
    ? settings.context === undefined && settings.kubeconfig === undefined
      ? 'addon'
      : 'helm'
    : settings.webhook

/** A chart is a folder or archive, or a repository's URL with the chart's name as last segment. */
export const chartSource = (chart: string) => {
  const split = /^(https?:\/\/.+)\/([^/]+)$/.exec(chart)
  return split && !chart.endsWith('.tgz') ? { repo: split[1]!, chart: split[2]! } : { chart }
}

/** Who may not look takes what is there as good. */
const hidden =
  <T>(value: T) =>
  (error: unknown): T => {
    if (hasCode(error, 'Forbidden')) return value
    throw error
  }

/** How our own Helm release stands, and what its chart was told. Read from what helm stores, so that no helm is needed to look. */
async function readRelease(
  kube: Kubernetes,
): Promise<{ status: string; tenant: string | undefined; environment: string | undefined }> {
  const [revisions, config] = await Promise.all([
    kube.list('Secret', chartNamespace, `owner=helm,name=${chartRelease}`).catch(hidden([])),
    kube.get('ConfigMap', webhookConfig, chartNamespace).catch(hidden(undefined)),
  ])
  const revision = ({ metadata }: KubeObject) => Number(metadata.labels?.version)
  const last = revisions.sort((a, b) => revision(a) - revision(b)).at(-1)
  return {
    status: last?.metadata.labels?.status ?? 'deployed',
    tenant: config?.data?.AZURE_TENANT_ID,
    environment: config?.data?.AZURE_ENVIRONMENT,
  }
}

const systemLabel = 'azure-workload-identity.io/system=true'

/** All deployments that say they are the webhook; undefined for a caller who may not look everywhere. */
export const webhookDeployments = (kube: Kubernetes): Promise<KubeObject[] | undefined> =>
  kube.list('Deployment', undefined, systemLabel).catch(hidden(undefined))

export async function findWebhook(kube: Kubernetes): Promise<Webhook | undefined> {
  const [configuration, all] = await Promise.all([
    kube.get('MutatingWebhookConfiguration', webhookConfiguration),
    webhookDeployments(kube),
  ])
  const namespace = configuration?.webhooks?.[0]?.clientConfig?.service?.namespace as string | undefined
  if (!configuration || !namespace) return undefined
  const deployment =
    all?.find(({ metadata }) => metadata.namespace === namespace && metadata.name === webhookDeployment) ??
    (await kube.get('Deployment', webhookDeployment, namespace))
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
