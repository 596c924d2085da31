import { ActionRequiredError } from '../base/action-required.ts'
import { az } from '../base/command.ts'
import type { Connection } from '../clients/kubernetes.ts'
import {
  absent,
  compared,
  differs,
  hasOwnershipTag,
  nothingToRemove,
  notManaged,
  ownershipTag,
  removable,
  retained,
  step,
} from '../engine/step.ts'
import { listUnmanagedContents } from './cluster-contents.ts'
import { clusterGroup, isSameGroup, mainGroup } from './groups.ts'
import { retainedBecauseOf } from './other-owners.ts'
import { providers } from './providers.ts'
import { requireGroup } from './require-group.ts'
import { resourceGroup } from './resource-group.ts'
import { readFailure, unreachable } from './unreachable.ts'
import { webhookConfiguration } from './webhook-names.ts'

export interface Cluster {
  kind: 'aks' | 'other'
  name: string
  /** Exactly as in the tokens' `iss` claim. */
  issuer: string
  connection: Connection
  /** Whether AKS runs the webhook as its add-on. */
  webhookAddon: boolean
}

const minutes = 60_000
const transitionalStates = [
  'Creating',
  'Updating',
  'Upgrading',
  'Scaling',
  'Starting',
  'Migrating',
  'RotatingClusterCertificates',
]

/** An AKS cluster with the OIDC issuer on, and the workload identity add-on unless the webhook is installed otherwise. */
export const cluster = step<Cluster>()({
  id: 'cluster',
  title: 'cluster',
  command: 'cluster',
  uses: [
    'subscription',
    'resourceGroup',
    'clusterResourceGroup',
    'clusterSubscription',
    'location',
    'cluster',
    'nodeSize',
    'nodeCount',
    'kubernetesVersion',
    'webhook',
    'os',
  ],
  needs: { providers, group: resourceGroup },
  usualDuration: 'about 4 min',
  waitingFor: 'for Azure to finish the cluster operation',
  readyTimeoutMs: 20 * minutes,
  label: (settings) => settings.cluster ?? '',
  actionsToApply: (settings) => [
    { action: 'Microsoft.ContainerService/managedClusters/write', ...clusterGroup(settings) },
  ],
  newResource: (settings, { group }) => ({
    type: 'Microsoft.ContainerService/managedClusters',
    name: settings.cluster!,
    apiVersion: '2026-04-01',
    ...clusterGroup(settings),
    location: group.location,
    tags: ownershipTag,
  }),
  async inspect(ctx) {
    const { settings, aksClusters, kubernetes } = ctx
    const name = settings.cluster!
    const found = await aksClusters.get(settings.clusterResourceGroup, name)
    if (!found) {
      await requireGroup(ctx, clusterGroup(settings), '--cluster-resource-group')
      return absent(
        'issuer on',
        settings.webhook === 'auto' || settings.webhook === 'addon' ? [['workload identity', 'on']] : [],
      )
    }
    if (!found.running)
      throw new ActionRequiredError(
        `The cluster ${name} is stopped`,
        az('aks start', { 'resource-group': settings.clusterResourceGroup, name }),
      )
    const connection: Connection = { kind: 'aks', ...clusterGroup(settings), cluster: name }
    const busy = transitionalStates.includes(found.state)
    const wantsAddon = async () => {
      if (settings.webhook === 'helm' || settings.webhook === 'none') return false
      if (found.workloadIdentity || settings.webhook === 'addon' || busy) return true
      const installed = await kubernetes(connection).get('MutatingWebhookConfiguration', webhookConfiguration)
      return installed === undefined
    }
    return compared(
      {
        kind: 'aks' as const,
        name,
        issuer: found.issuerEnabled && found.state !== 'Creating' ? found.issuer! : undefined!,
        connection: found.state === 'Creating' ? undefined! : connection,
        webhookAddon: found.workloadIdentity,
      },
      hasOwnershipTag(found.tags),
      [
        differs('state', found.state, 'Succeeded'),
        !found.issuerEnabled && { field: 'OIDC issuer', is: 'off', want: 'on' },
        !found.workloadIdentity &&
          (await wantsAddon()) && { field: 'workload identity', is: 'off', want: 'on' },
        settings.os === 'windows' &&
          !found.windowsPool && { field: 'Windows node pool', is: '(none)', want: '1 node' },
      ],
      busy ? `Azure is still working on it (${found.state})` : undefined,
    )
  },
  async apply({ settings, aksClusters, group }, found) {
    const name = settings.cluster!
    if (found.state === 'absent')
      return aksClusters.create(settings.clusterResourceGroup, name, {
        location: group.location,
        tags: ownershipTag,
        dnsPrefix: `wi-${name}`
          .replace(/[^a-zA-Z0-9-]/g, '-')
          .slice(0, 54)
          .replace(/(?<!-)-+$/, ''),
        kubernetesVersion: settings.kubernetesVersion,
        nodeSize: settings.nodeSize,
        nodeCount: settings.nodeCount,
        windows: settings.os === 'windows',
        workloadIdentity: settings.webhook === 'auto' || settings.webhook === 'addon',
      })
    if (found.state !== 'drifted') return
    const fields = found.diff.map(({ field }) => field)
    const state = found.diff.find(({ field }) => field === 'state')?.is
    if (fields.length === 1 && state && transitionalStates.includes(state)) return
    await aksClusters.enable(settings.clusterResourceGroup, name, {
      issuer: true,
      ...(fields.includes('workload identity') ? { workloadIdentity: true as const } : {}),
      ...(fields.includes('Windows node pool') ? { windowsPool: true as const } : {}),
    })
  },
  cascades: true,
  confirmedByName: () => true,
  within: (settings) => (isSameGroup(mainGroup(settings), clusterGroup(settings)) ? 'group' : undefined),
  actionsToRemove: (settings) => [
    { action: 'Microsoft.ContainerService/managedClusters/delete', ...clusterGroup(settings) },
  ],
  async removability(ctx) {
    const { settings, aksClusters, kubernetes } = ctx
    const [name, group] = [settings.cluster!, settings.clusterResourceGroup]
    const found = await aksClusters.get(group, name)
    if (!found) return nothingToRemove
    const connection: Connection = { kind: 'aks', ...clusterGroup(settings), cluster: name }
    const known = {
      kind: 'aks' as const,
      name,
      webhookAddon: found.workloadIdentity,
      ...(found.issuerEnabled && found.issuer ? { issuer: found.issuer } : {}),
    }
    const owned = hasOwnershipTag(found.tags)
    if (found.state === 'Creating' || found.state === 'Deleting')
      return owned
        ? removable(known, `Azure is still working on it (${found.state})`)
        : retained(known, notManaged)
    if (!found.running)
      return unreachable(ctx, known, {
        what: `The cluster ${name} is stopped, so wi-setup can't check what is in it`,
        remedy: az('aks start', { 'resource-group': group, name }),
      })
    const kube = kubernetes(connection)
    try {
      const others = owned ? await listUnmanagedContents(kube, settings) : undefined
      if (!owned) await kube.version()
      const out = { ...known, connection }
      if (!owned) return retained(out, `${notManaged}; its issuer and add-on stay on`)
      return others?.length
        ? retained(out, retainedBecauseOf(others))
        : removable(out, 'permanently, with its nodes and everything in it')
    } catch (error) {
      const { reason, ...rest } = readFailure(error)
      return unreachable(ctx, known, { what: `The cluster ${name} can't be inspected: ${reason}`, ...rest })
    }
  },
  remove: ({ settings, aksClusters }) => aksClusters.remove(settings.clusterResourceGroup, settings.cluster!),
})
