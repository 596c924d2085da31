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
import { webhookChart, webhookChartDigest, webhookChartVersion } from '../settings/pinned.ts'
import type { Settings } from '../settings/settings.ts'
import { cluster } from './cluster.ts'
import { clusterGroup } from './groups.ts'
import {
  canUpdateConfiguration,
  findWebhook,
  type InstalledWebhook,
  isAddon,
  managedRelease,
  readRelease,
  scaleCommand,
} from './installed-webhook.ts'
import { hasOwnershipLabel, ownershipLabel } from './ownership-label.ts'
import { clientIdKey } from './service-account.ts'
import { chartNamespace, chartRelease, releaseAnnotation } from './webhook-names.ts'

const replicasField = 'replicas'
const readyField = 'ready pods'
const releaseField = 'Helm release'
const permissionsField = 'permissions of its service account'

/** The mutating webhook that gives labelled pods their token. An existing one is reused, whoever installed it. */
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
    'clusterSubscription',
  ],
  needs: { cluster },
  usualDuration: 'about 30 s',
  waitingFor: 'for its pods to be ready',
  readyTimeoutMs: 300_000,
  actionsToApply: (settings, found) =>
    found.state === 'drifted' && isAddon(found.out) && found.diff.some(({ field }) => field === replicasField)
      ? [{ action: 'Microsoft.ContainerService/managedClusters/write', ...clusterGroup(settings) }]
      : [],
  label: (settings) => (webhookMethod(settings) === 'addon' ? 'AKS add-on' : 'Helm chart'),
  async inspect({ settings, cluster, kubernetes, cloud }) {
    if (settings.webhook === 'addon' && cluster.kind === 'other')
      throw new ActionRequiredError(
        '--webhook addon is for AKS, but --context or --kubeconfig names another cluster',
        'Remove --webhook, or pass --webhook helm',
      )
    const found = cluster.connection && (await findWebhook(kubernetes(cluster.connection)))
    if (!found || isAddon(found) || found.installer === managedRelease)
      requireDefaultAudience(settings.audience)
    if (!cluster.connection) return absent(undefined, chartDetails(settings))
    if (!found)
      return absent(
        cluster.webhookAddon ? 'waiting for AKS to install it' : undefined,
        chartDetails(settings),
      )
    const own = found.installer === managedRelease
    if (found.scaledToZero && !own && !isAddon(found))
      throw new ActionRequiredError(
        `The webhook (${found.installer}) in namespace ${found.namespace} is scaled to 0, and wi-setup doesn't change what it didn't install`,
        scaleCommand(found.namespace),
      )
    const kube = kubernetes(cluster.connection)
    const [release, canUpdate] = own
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
        canUpdate === false && {
          field: permissionsField,
          is: "can't update its configuration",
          want: 'can update it',
        },
        found.scaledToZero && { field: replicasField, is: '0', want: '1 or more' },
        found.readyPods === 0 && { field: readyField, is: '0', want: '1 or more' },
      ],
      isAddon(found) && webhookMethod(settings) === 'addon' ? undefined : found.installer,
    )
  },
  async apply({ settings, cluster, kubernetes, helm, cloud, aksClusters, note }, found) {
    // Pods that aren't ready only need time; anything else wrong with our release needs an upgrade.
    if (found.state === 'drifted' && found.diff.every(({ field }) => field === readyField)) return
    const addon = found.state === 'absent' ? webhookMethod(settings) === 'addon' : isAddon(found.out)
    if (addon) {
      // AKS restores its deployment with any update of the add-on.
      if (found.state === 'drifted' || !cluster.webhookAddon)
        await aksClusters.enable(settings.clusterResourceGroup, cluster.name, { workloadIdentity: true })
      return
    }
    const kube = kubernetes(cluster.connection)
    // Before the chart, so that an interrupted installation is known to be ours.
    if (found.state === 'absent') await annotateNamespace(kube)
    await helm.install(await kubernetes(cluster.connection).kubeconfig(), {
      namespace: chartNamespace,
      name: chartRelease,
      ...chartSource(settings.chart),
      ...(settings.chartVersion === undefined ? {} : { version: settings.chartVersion }),
      ...(isPinned(settings) ? { digest: webhookChartDigest } : {}),
      values: { azureTenantID: settings.tenant, azureEnvironment: cloud.environment },
      note,
    })
  },
  within: () => 'cluster',
  async removability({ settings, cluster, kubernetes }) {
    if (!cluster.connection) return nothingToRemove
    const kube = kubernetes(cluster.connection)
    const [found, home] = await Promise.all([findWebhook(kube), kube.get('Namespace', chartNamespace)])
    const isOurRelease = home?.metadata.annotations?.[releaseAnnotation] === chartRelease
    if (found && isAddon(found))
      return { ...retained(found, 'an AKS add-on, retained with the cluster'), detached: true }
    if (!isOurRelease) return found ? retained(found, notManaged) : nothingToRemove
    if (found && found.installer !== managedRelease) return retained(found, notManaged)
    const users = await otherUsers(kube, settings)
    return users.length
      ? retained(found ?? {}, `used by others: ${users.slice(0, 3).join(', ')}`)
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

/** Details of a new webhook in the plan. */
const chartDetails = (
  settings: MethodSettings & Pick<Settings, 'chart' | 'chartVersion'>,
): [string, string][] =>
  webhookMethod(settings) === 'helm'
    ? [
        [
          'chart',
          `${settings.chart}${settings.chartVersion === undefined ? '' : ` ${settings.chartVersion}`}`,
        ],
      ]
    : []

/** The webhook mounts tokens for the cloud's audience; neither the chart nor the add-on can change that. */
function requireDefaultAudience(audience: string): void {
  if (audience.startsWith('api://AzureADTokenExchange')) return
  throw new ActionRequiredError(
    `The webhook can't inject tokens for the audience ${audience}`,
    'Remove --audience, or pass --webhook none and mount such a token into your pods yourself',
  )
}

/** Marks the release in the namespace's annotations as ours, and a new namespace by our label as well. */
async function annotateNamespace(kube: Kubernetes): Promise<void> {
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

/** Returns service accounts and pods of other workloads that use the webhook. */
async function otherUsers(
  kube: Kubernetes,
  { namespace, serviceAccount }: Pick<Settings, 'namespace' | 'serviceAccount'>,
): Promise<string[]> {
  const [accounts, pods] = await Promise.all([
    kube.list('ServiceAccount'),
    kube.list('Pod', undefined, 'azure.workload.identity/use=true'),
  ])
  const isOther = (inside: string | undefined, account: string) =>
    inside !== namespace || account !== serviceAccount
  return [
    ...accounts
      .filter(({ metadata }) => metadata.annotations?.[clientIdKey] !== undefined)
      .filter(({ metadata }) => isOther(metadata.namespace, metadata.name)),
    ...pods.filter(({ metadata, spec }) => isOther(metadata.namespace, spec?.serviceAccountName)),
  ].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
}

type MethodSettings = Pick<Settings, 'webhook' | 'context' | 'kubeconfig'>

export const webhookMethod = (settings: MethodSettings) =>
  settings.webhook === 'auto'
    ? settings.context === undefined && settings.kubeconfig === undefined
      ? 'addon'
      : 'helm'
    : settings.webhook

/** Parses --chart: a folder or an archive, or a repository URL with the chart's name as its last segment. */
export const chartSource = (chart: string) => {
  const split = /^(https?:\/\/.+)\/([^/]+)$/.exec(chart)
  return split && !chart.endsWith('.tgz') ? { repo: split[1]!, chart: split[2]! } : { chart }
}

const isPinned = ({ chart, chartVersion }: Pick<Settings, 'chart' | 'chartVersion'>) =>
  chart === webhookChart && chartVersion === webhookChartVersion
