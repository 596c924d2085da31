import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kubeconfigOfAll, type Sandbox, type SandboxOptions } from '../../sandbox/index.ts'
import { apply } from '../../src/engine/apply.ts'
import { plan } from '../../src/engine/plan.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { newSandbox } from '../support/sandbox.ts'
import { newTestRun } from '../support/test-run.ts'
import type { LawRequest } from './faults.ts'

/** The result of one case of a law. */
export interface LawResult {
  /** The step or the situation. */
  name: string
  failure?: string
}

export interface Law {
  name: string
  cases(): AsyncGenerator<LawResult>
}

export const setUpKinds: Record<string, Partial<Settings>> = {
  'app registration, roles, sample': {},
  'managed identity, access policies': { identityKind: 'managed', vaultAccess: 'policy', sample: false },
}

/** A workload with grants on resources of others instead of a vault of its own. */
export const grantsKind = 'grants on resources of others'

/** Cluster, identity and vault in a subscription each. */
const splitKind = 'three subscriptions'

/** A set-up on an existing cluster, reached through a kubeconfig. */
export const kubeconfigKind = 'cluster from a kubeconfig'

/** The set-ups whose requests get the faults of law 4; `includes` limits them to requests that the others don't have. */
export const faultKinds: Record<
  string,
  { over: Partial<Settings>; includes?: (request: LawRequest) => boolean }
> = {
  'app registration, roles': { over: { sample: false } },
  'managed identity, access policies': { over: setUpKinds['managed identity, access policies']! },
  // Its container is a process: the most expensive part of a run.
  sample: {
    over: {},
    includes: ({ step, path }) =>
      step === 'sample' || (step === 'proof' && /vault-reader|\/proxy/.test(path)),
  },
  [grantsKind]: {
    over: {},
    // The other steps are the same as above.
    includes: ({ step, path }) =>
      step.startsWith('grant ') || (step === 'proof' && /\/secrets|\/permissions/.test(path)),
  },
  [kubeconfigKind]: { over: {}, includes: ({ role }) => role === 'kube' || role === 'issuer' },
  // The same requests as above, sent to other subscriptions.
  [splitKind]: {
    over: {},
    includes: ({ role, write, step }) =>
      role === 'arm' && write && step !== 'providers' && step !== 'resource-group',
  },
}

/** Returns a sandbox for this kind of set-up, and its settings. */
export async function newLawSandbox(kind: string, options: SandboxOptions = {}) {
  const sandbox = await newSandbox(kind === splitKind ? { ...options, subscriptions: 4 } : options)
  if (kind === splitKind)
    return { sandbox, over: await prepareSubscriptions(sandbox), close: () => sandbox.close() }
  if (kind === grantsKind) {
    await prepareOwner(sandbox)
    return { sandbox, over: grantsOver(sandbox), close: () => sandbox.close() }
  }
  if (kind !== kubeconfigKind)
    return { sandbox, over: faultKinds[kind]?.over ?? setUpKinds[kind]!, close: () => sandbox.close() }
  const { steps, run } = await newTestRun({ sample: false }, { sandbox })
  const existing = steps.filter(({ id }) =>
    ['providers', 'resource-group', 'cluster', 'webhook'].includes(id),
  )
  await apply(existing, await plan(existing, run), run)
  const folder = mkdtempSync(join(tmpdir(), 'wi-law-'))
  const kubeconfig = join(folder, 'config')
  writeFileSync(kubeconfig, kubeconfigOfAll(sandbox.simulator), { mode: 0o600 })
  const over: Partial<Settings> = { sample: false, kubeconfig, context: 'aks-shop', cluster: undefined }
  return {
    sandbox,
    over,
    async close() {
      await sandbox.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Creates the resource groups of other teams in the other subscriptions. */
async function prepareSubscriptions(sandbox: Sandbox): Promise<Partial<Settings>> {
  const { clients } = await newTestRun({}, { sandbox })
  const [cluster, identity, vault] = sandbox.state.otherSubscriptions!.map(({ id }) => id)
  const groups = [
    [cluster!, 'rg-platform'],
    [identity!, 'rg-ids'],
    [vault!, 'rg-secrets'],
  ] as const
  for (const [id, group] of groups)
    await clients.inSubscription(id).groups.put(group, { location: 'westeurope', tags: {} })
  return {
    ...{ clusterSubscription: cluster!, clusterResourceGroup: 'rg-platform' },
    ...{ identitySubscription: identity!, identityResourceGroup: 'rg-ids' },
    ...{ vaultSubscription: vault!, vaultResourceGroup: 'rg-secrets' },
    ...{ identityKind: 'managed', identity: 'id-shop', sample: false },
  }
}

/** Sets up what the grants are on, for a workload of another team. */
async function prepareOwner(sandbox: Sandbox): Promise<void> {
  const { steps, run } = await newTestRun({ sample: false, namespace: 'owner' }, { sandbox })
  await apply(steps, await plan(steps, run), run)
}

const grantsOver = ({ state }: Sandbox): Partial<Settings> => ({
  sample: false,
  vault: undefined as never,
  grants: [
    'vault:kv-shop/secret/db-password=contributor',
    'vault:kv-shop',
    `Reader@/subscriptions/${state.subscription.id}/resourceGroups/rg-shop`,
  ],
})

/** Runs a case; the law holds if it does not throw. */
export async function lawResult(name: string, run: () => Promise<void>): Promise<LawResult> {
  try {
    await run()
    return { name }
  } catch (error) {
    return { name, failure: (error as Error).stack ?? String(error) }
  }
}
