import { ActionRequiredError } from '../base/action-required.ts'
import type { Kubernetes } from '../clients/kubernetes.ts'
import {
  absent,
  compared,
  differs,
  nothingToRemove,
  notManaged,
  removable,
  retained,
  step,
} from '../engine/step.ts'
import type { Settings } from '../settings/settings.ts'
import { cluster } from './cluster.ts'
import {
  canUpdateConfiguration,
  findWebhook,
  type InstalledWebhook,
  managedRelease,
  readRelease,
} from './installed-webhook.ts'
import { hasOwnershipLabel, ownershipLabel } from './ownership-label.ts'
import { chartNamespace, chartRelease, releaseAnnotation } from './webhook-names.ts'

const readyField = 'ready pods'
const releaseField = 'Helm release'
const rightsField = 'rights of its service account'

/** The mutating webhook that gives labelled pods their token. One that is there is used, whoever installed it. */
export const webhook = step<InstalledWebhook>()({
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
  usualDuration: 'about 30 s',
  waitingFor: 'for its pods',
  readyTimeoutMs: 300_000,
  label: (settings) => (webhookMethod(settings) === 'addon' ? 'AKS add-on' : 'Helm chart'),
  async inspect({ settings, cluster, kubernetes, cloud }) {
    if (settings.webhook === 'addon' && cluster.kind === 'other')
      throw new ActionRequiredError(
        '--webhook addon is for AKS; this cluster is reached by a kubeconfig',
        'Leave --webhook out, or give --webhook helm',
      )
    const found = cluster.connection && (await findWebhook(kubernetes(cluster.connection)))
    if (!found || found.installer === 'AKS add-on' || found.installer === managedRelease)
      requireUsualAudience(settings.audience)
    if (!cluster.connection) return absent()
    if (!found) return absent(cluster.webhookAddon ? 'waiting for AKS to install it' : undefined)
    const own = found.installer === managedRelease
    const kube = kubernetes(cluster.connection)
    const [release, may] = own
      ? await Promise.all([readRelease(kube), canUpdateConfiguration(kube, found)])
      : []
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
        may === false && { field: rightsField, is: 'may not write its configuration', want: 'may' },
        found.readyPods === 0 && { field: readyField, is: '0', want: '1 or more' },
      ],
      found.installer === 'AKS add-on' && webhookMethod(settings) === 'addon' ? undefined : found.installer,
    )
  },
  async apply({ settings, cluster, kubernetes, helm, cloud, aksClusters, note }, found) {
    // Pods that are not ready yet are waited for; a release of ours that was broken off, has other values, or lost its rights is upgraded.
    if (found.state === 'drifted' && found.diff.every(({ field }) => field === readyField)) return
    if (found.state === 'absent' && webhookMethod(settings) === 'addon') {
      if (!cluster.webhookAddon)
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
  async removability({ settings, cluster, kubernetes }) {
    if (!cluster.connection) return nothingToRemove
    const kube = kubernetes(cluster.connection)
    const [found, home] = await Promise.all([findWebhook(kube), kube.get('Namespace', chartNamespace)])
    const mine = home?.metadata.annotations?.[releaseAnnotation] === chartRelease
    if (found?.installer === 'AKS add-on')
      return { ...retained(found, "is AKS's, and stays with the cluster"), detached: true }
    if (!mine) return found ? retained(found, notManaged) : nothingToRemove
    if (found && found.installer !== managedRelease) return retained(found, notManaged)
    const users = await otherUsers(kube, settings)
    return users.length
      ? retained(found ?? {}, `others use it: ${users.slice(0, 3).join(', ')}`)
      : removable(found ?? {})
  },
  async remove({ cluster, kubernetes, helm }) {
    const kube = kubernetes(cluster.connection)
    if ((await kube.list('Secret', chartNamespace, `owner=helm,name=${chartRelease}`)).length)
      await helm.uninstall(await kube.kubeconfig(), chartNamespace, chartRelease)
    const home = await kube.get('Namespace', chartNamespace)
    if (!home) return
    if (hasOwnershipLabel(home) && (await kube.contents(chartNamespace)).length === 0)
      await kube.remove('Namespace', chartNamespace)
    else await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: chartNamespace } })
  },
})

/** The webhook mounts tokens for the cloud's own audience, and no chart and no add-on lets one choose another. */
function requireUsualAudience(audience: string): void {
  if (audience.startsWith('api://AzureADTokenExchange')) return
  throw new ActionRequiredError(
    `The webhook gives pods no tokens for the audience ${audience}`,
    'Leave --audience out; or give --webhook none, and mount such a token into your pods yourself',
  )
}

/** Says on the release's namespace that it is ours; a new namespace is ours, too. */
async function markRelease(kube: Kubernetes): Promise<void> {
  const home = await kube.get('Namespace', chartNamespace)
  await kube.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: chartNamespace,
      annotations: { [releaseAnnotation]: chartRelease },
      ...(home === undefined || hasOwnershipLabel(home) ? { labels: ownershipLabel } : {}),
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

export const webhookMethod = (settings: MethodSettings) =>
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
