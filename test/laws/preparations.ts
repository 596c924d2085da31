import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ciHost,
  kubeconfigOfAll,
  type Sandbox,
  type SandboxOptions,
  startGitHubJob,
} from '../../sandbox/index.ts'
import { apply } from '../../src/engine/apply.ts'
import { plan } from '../../src/engine/plan.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { targetResources } from '../support/target-resources.ts'
import { newTestRun } from '../support/test-run.ts'

/** What exists before the set-ups of a kind. */
export interface Prepared {
  over: Partial<Settings>
  /** Environment variables of the runs. */
  env?: Record<string, string>
  /** Deletes what is outside the sandbox. */
  discard?(): void
}

/** A workload with grants on resources of others instead of a vault of its own. */
export const grantsKind = 'grants on resources of others'

/** A job of GitHub with grants on storage, Cosmos DB and Service Bus: no cluster and no vault. */
export const jobKind = 'job of GitHub with grants'

/** Cluster, identity and vault in a subscription each. */
export const splitKind = 'three subscriptions'

/** A set-up on an existing cluster, reached through a kubeconfig. */
export const kubeconfigKind = 'cluster from a kubeconfig'

/** By the kind of set-up; those of the other kinds start in an empty sandbox. */
export const preparations: Readonly<
  Record<string, { options?: SandboxOptions; prepare(sandbox: Sandbox): Promise<Prepared> }>
> = {
  [splitKind]: { options: { subscriptions: 4 }, prepare: prepareSubscriptions },
  [grantsKind]: { prepare: prepareOwner },
  [jobKind]: { options: { registered: true }, prepare: prepareJob },
  [kubeconfigKind]: { prepare: prepareCluster },
}

/** Creates the resource groups of other teams in the other subscriptions. */
async function prepareSubscriptions(sandbox: Sandbox): Promise<Prepared> {
  const { clients } = await newTestRun({}, { sandbox })
  const [cluster, identity, vault] = sandbox.state.otherSubscriptions!.map(({ id }) => id)
  const groups = [
    [cluster!, 'rg-platform'],
    [identity!, 'rg-ids'],
    [vault!, 'rg-secrets'],
  ] as const
  for (const [id, group] of groups)
    await clients.inSubscription(id).groups.put(group, { location: 'westeurope', tags: {} })
  const over: Partial<Settings> = {
    ...{ clusterSubscription: cluster!, clusterResourceGroup: 'rg-platform' },
    ...{ identitySubscription: identity!, identityResourceGroup: 'rg-ids' },
    ...{ vaultSubscription: vault!, vaultResourceGroup: 'rg-secrets' },
    ...{ identityKind: 'managed', identity: 'id-shop', sample: false },
  }
  return { over }
}

/** Sets up what the grants are on, for a workload of another team. */
async function prepareOwner(sandbox: Sandbox): Promise<Prepared> {
  const { steps, run } = await newTestRun({ sample: false, namespace: 'owner' }, { sandbox })
  await apply(steps, await plan(steps, run), run)
  const grants = [
    'vault:kv-shop/secret/db-password=contributor',
    'vault:kv-shop',
    `Reader@/subscriptions/${sandbox.state.subscription.id}/resourceGroups/rg-shop`,
  ]
  return { over: { sample: false, vault: undefined as never, grants } }
}

/** Creates what the grants are on, and starts the job in which the runs prove them. */
async function prepareJob(sandbox: Sandbox): Promise<Prepared> {
  const { simulator, state } = sandbox
  const { clients } = await newTestRun({}, { sandbox })
  await clients.groups.put('rg-shop', { location: 'westeurope', tags: {} })
  const providers = `/subscriptions/${state.subscription.id}/resourceGroups/rg-shop/providers`
  for (const [path, body] of ['storage', 'cosmos', 'servicebus'].flatMap((name) => targetResources[name]!))
    await clients.resources.put(`${providers}/${path}`, '2026-04-01', { location: 'westeurope', ...body })
  const [{ fullName, id, ownerId }] = state.ci.repositories as [(typeof state.ci.repositories)[0]]
  const over: Partial<Settings> = {
    ...{ issuer: 'github', issuerHost: ciHost(simulator, 'github'), subjectForm: 'ids' },
    ...{ project: fullName, projectId: String(id), ownerId: String(ownerId), environment: 'production' },
    grants: [
      'storage:stshop/invoices=reader',
      'cosmos:shop-cosmos/shop/orders=reader',
      'servicebus:sb-shop/queue/orders=receiver',
    ],
    ...{ sample: false, vault: undefined as never },
  }
  const env = startGitHubJob(simulator, { repository: fullName, context: 'environment:production' })
  return { over, env: { ...env, GITHUB_TOKEN: 'of-an-administrator' } }
}

/** Sets up a cluster, and writes its kubeconfig. */
async function prepareCluster(sandbox: Sandbox): Promise<Prepared> {
  const { steps, run } = await newTestRun({ sample: false }, { sandbox })
  const existing = steps.filter(({ id }) =>
    ['providers', 'resource-group', 'cluster', 'webhook'].includes(id),
  )
  await apply(existing, await plan(existing, run), run)
  const folder = mkdtempSync(join(tmpdir(), 'wi-law-'))
  const kubeconfig = join(folder, 'config')
  writeFileSync(kubeconfig, kubeconfigOfAll(sandbox.simulator), { mode: 0o600 })
  const over: Partial<Settings> = { sample: false, kubeconfig, context: 'aks-shop', cluster: undefined }
  return { over, discard: () => rmSync(folder, { recursive: true }) }
}
