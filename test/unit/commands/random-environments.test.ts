import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isWrite } from '../../../sandbox/index.ts'
import { ActionRequiredError } from '../../../src/base/action-required.ts'
import { apply } from '../../../src/engine/apply.ts'
import { plan as inspect } from '../../../src/engine/plan.ts'
import type { Settings } from '../../../src/settings/settings.ts'
import { annotate, makeApplication, makeCluster } from '../../support/external-changes.ts'
import { newSandbox } from '../../support/sandbox.ts'
import { newTestRun } from '../../support/test-run.ts'

// For any environment and any settings, a set-up either passes all checks or fails before its first write, and destroy
// deletes everything it created. WORLDS sets the number of environments, WORLDS_SEED the first one.

type Job = Awaited<ReturnType<typeof newTestRun>>

const location = 'westeurope'
const theirs = { location, tags: { team: 'shop' } }
const other = '00000000-0000-4000-8000-000000000000'
const aks = { kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' } as const

/** What others created before; each may fail, and is then skipped. */
const before = {
  'a group': (job: Job) => job.clients.groups.put('rg-shop', theirs),
  'a group in another region': (job: Job) =>
    job.clients.groups.put('rg-shop', { ...theirs, location: 'northeurope' }),
  'a cluster without issuer': async (job: Job) => {
    await job.clients.groups.put('rg-shop', theirs)
    await makeCluster(job.sandbox, 'rg-shop', 'aks-shop', theirs)
  },
  'a vault with Azure RBAC': (job: Job) => makeVault(job, 'rbac'),
  'a vault with access policies': (job: Job) => makeVault(job, 'policy'),
  'the vault in another group': async (job: Job) => {
    await job.clients.groups.put('rg-other', theirs)
    const of = { location, tenantId: job.settings.tenant, access: 'rbac' as const, tags: {} }
    await job.clients.vaults.create('rg-other', 'kv-shop', of)
  },
  'a deleted vault': async (job: Job) => {
    await makeVault(job, 'rbac')
    await job.clients.vaults.remove('rg-shop', 'kv-shop')
  },
  'an application with the display name': async (job: Job) => {
    await makeApplication(job.sandbox, 'wi-shop-checkout')
  },
  'a deleted application': async ({ clients: { directory } }: Job) => {
    await directory.createApplication({ uniqueName: 'wi-shop-checkout', displayName: 'x', tags: [] })
    await directory.removeApplication((await directory.application('wi-shop-checkout'))!.objectId)
  },
  'a managed identity': async (job: Job) => {
    await job.clients.groups.put('rg-shop', theirs)
    await job.clients.identities.put('rg-shop', 'wi-shop-checkout', theirs)
  },
}

async function makeVault(job: Job, access: 'rbac' | 'policy'): Promise<void> {
  await job.clients.groups.put('rg-shop', theirs)
  const of = { location, tenantId: job.settings.tenant, access, tags: {} }
  await job.clients.vaults.create('rg-shop', 'kv-shop', of)
}

/** What others change after a partial set-up; does nothing where the resource does not exist. */
const after = {
  'the cluster is removed': ({ clients }: Job) => clients.aksClusters.remove('rg-shop', 'aks-shop'),
  'the cluster is stopped': async ({ state: world }: Job) => {
    for (const { body } of Object.values(world.arm.resources))
      if (/managedClusters$/i.test(body.type)) body.properties.powerState = { code: 'Stopped' }
  },
  'the vault is deleted': ({ clients }: Job) => clients.vaults.remove('rg-shop', 'kv-shop'),
  'the secret is deleted': async ({ state: world, clients }: Job) => {
    const secrets = world.vaults['kv-shop']?.secrets
    const now = Date.now()
    if (secrets && (await clients.vaults.get('rg-shop', 'kv-shop')))
      for (const secret of Object.values(secrets))
        Object.assign(secret, { deletedAt: now, purgeAt: now + 9e9 })
  },
  'the application is deleted': async ({ clients: { directory } }: Job) => {
    const found = await directory.application('wi-shop-checkout')
    if (found) await directory.removeApplication(found.objectId)
  },
  'the service principal is removed': async ({ clients: { directory } }: Job) => {
    const found = await directory.application('wi-shop-checkout')
    const principal = found && (await directory.servicePrincipal(found.clientId))
    if (principal) await directory.removeServicePrincipal(principal.objectId)
  },
  'the credential trusts another audience': async ({ clients: { directory } }: Job) => {
    const found = await directory.application('wi-shop-checkout')
    for (const each of found ? await directory.credentials(found.objectId) : [])
      await directory.putCredential(found!.objectId, { ...each, audience: 'api://other' })
  },
  'the credential trusts another subject': async ({ clients: { directory } }: Job) => {
    const found = await directory.application('wi-shop-checkout')
    for (const each of found ? await directory.credentials(found.objectId) : [])
      await directory.putCredential(found!.objectId, { ...each, subject: 'system:serviceaccount:a:b' })
  },
  'the service account has another client ID': async (job: Job) => {
    const [cluster] = Object.values(job.state.clusters)
    if (cluster?.objects['v1/serviceaccounts/shop/checkout'])
      await annotate(job.sandbox, 'shop', 'checkout', { 'azure.workload.identity/client-id': other })
  },
  'role assignments are deleted': async ({ state: world }: Job) => {
    for (const [id, { scope }] of Object.entries(world.arm.roleAssignments))
      if (/\/vaults\//i.test(scope)) delete world.arm.roleAssignments[id]
  },
  'access policies are deleted': async ({ state: world }: Job) => {
    for (const { body } of Object.values(world.arm.resources))
      if (/\/vaults$/i.test(body.type)) body.properties.accessPolicies = []
  },
  'the namespace is removed': async ({ state: world, clients }: Job) => {
    if (Object.values(world.clusters)[0]?.objects['v1/namespaces//shop'])
      await clients.kubernetes(aks).remove('Namespace', 'shop')
  },
  'the group is removed': ({ clients }: Job) => clients.groups.remove('rg-shop'),
}

const mostly = <T>(usual: T, rare: T) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constant(rare) })

const settings: fc.Arbitrary<Partial<Settings>> = fc.record({
  identityKind: fc.constantFrom('app', 'app', 'managed'),
  vaultAccess: fc.constantFrom('rbac', 'policy'),
  webhook: fc.constantFrom('auto', 'auto', 'addon', 'none'),
  sample: fc.boolean(),
  os: fc.constantFrom('linux', 'linux', 'windows'),
  vaultResourceGroup: mostly('rg-shop', 'rg-other'),
  audience: mostly('api://AzureADTokenExchange', 'api://own'),
})

const some = <T extends object>(of: T, most: number) =>
  fc.subarray(Object.keys(of) as (keyof T)[], { maxLength: most })

const worlds = fc.record({
  before: some(before, 3),
  /** A set-up with other settings that was killed after so many writes. */
  began: fc.option(fc.record({ over: settings, writes: fc.integer({ min: 1, max: 25 }) })),
  after: some(after, 3),
  over: settings,
})

/** Returns a run with a short timeout, for waits that never end. */
async function hasty(...of: Parameters<typeof newTestRun>): Promise<Job> {
  const job = await newTestRun(...of)
  job.run.polling.timeoutFactor = 0.05
  return job
}

async function tried(world: typeof worlds extends fc.Arbitrary<infer T> ? T : never): Promise<string> {
  let left = Number.POSITIVE_INFINITY
  let die = () => {}
  const sandbox = await newSandbox({
    intercept: async (call, act) => {
      const reply = await act()
      const counts = isWrite(call.method, call.path, call.query('dryRun') !== undefined)
      if (!counts || --left > 0) return reply
      die()
      return 'cut'
    },
  })
  try {
    const others = await hasty({}, { sandbox })
    for (const name of ['ContainerService', 'KeyVault', 'ManagedIdentity'])
      await others.clients.providers.register(`Microsoft.${name}`)
    // One change may prevent another.
    for (const name of world.before) await before[name](others).catch(() => {})
    if (world.began) {
      const death = new AbortController()
      die = () => death.abort(new Error('killed'))
      const first = await hasty(world.began.over, { sandbox, signal: death.signal })
      left = world.began.writes
      await (async () => apply(first.steps, await inspect(first.steps, first.run), first.run))().catch(
        () => {},
      )
      left = Number.POSITIVE_INFINITY
    }
    const meddler = await hasty({}, { sandbox })
    for (const name of world.after) await after[name](meddler).catch(() => {})

    const job = await hasty(world.over, { sandbox })
    const journal = sandbox.journal.length
    const wrote = () => sandbox.journal.slice(journal).filter(({ write }) => write)
    let planned: Awaited<ReturnType<typeof job.plan>>
    try {
      planned = await job.plan()
    } catch (error) {
      assert.ok(error instanceof ActionRequiredError, String((error as Error).stack))
      assert.ok(error.message && error.remedy)
      assert.deepEqual(wrote(), [])
      return `refused: ${error.message.replace(/[\w-]*-shop\b/g, '…')}`
    }
    await job.apply(planned)
    assert.deepEqual(
      (await job.verify())
        .filter(({ status }) => status === 'fail')
        .map(({ code, detail }) => `${code} ${detail}`),
      [],
    )
    const again = await hasty(world.over, { sandbox })
    assert.equal((await again.apply()).writes, 0)
    // The first destroy can't tell a credential of an earlier cluster from that of another workload.
    for (let times = 0; times < 2; times++) await (await hasty(world.over, { sandbox })).destroy()
    assert.equal((await (await hasty(world.over, { sandbox })).destroy()).writes, 0)
    return 'set up and destroyed'
  } finally {
    await sandbox.close()
  }
}

test('any environment, any settings: all checks pass, or the set-up fails before its first write', async (t) => {
  const outcomes = new Map<string, number>()
  const property = fc.asyncProperty(worlds, async (world) => {
    const outcome = await tried(world)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  })
  await fc.assert(property, {
    seed: Number(process.env.WORLDS_SEED ?? 11),
    numRuns: Number(process.env.WORLDS ?? 10),
    endOnFailure: true,
  })
  for (const [outcome, count] of outcomes) t.diagnostic(`${count} ${outcome}`)
  assert.ok((outcomes.get('set up and destroyed') ?? 0) > 0)
})
