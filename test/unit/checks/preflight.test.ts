import assert from 'node:assert/strict'
import { test } from 'node:test'
import { preflightChecks } from '../../../src/checks/index.ts'
import type { Account } from '../../../src/clients/account.ts'
import { ServiceError } from '../../../src/clients/service-error.ts'
import type { Run } from '../../../src/engine/run.ts'
import { verify } from '../../../src/engine/verify.ts'
import type { Settings } from '../../../src/settings/settings.ts'
import { newTestRun } from '../../support/test-run.ts'

type TestRun = Awaited<ReturnType<typeof newTestRun>>

/** Returns the failed checks and warnings. */
async function findings(job: TestRun, over: Partial<Run> = {}) {
  job.run.forgetReads()
  const results = await verify(preflightChecks, { ...job.run, ...over })
  return results.filter(({ status }) => status === 'fail' || status === 'warn')
}

/** Replaces the operator's roles with Reader. */
function restrictToReader({ state: world }: TestRun): void {
  const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
  for (const each of Object.values(world.arm.roleAssignments))
    if (each.principalId === world.operator.objectId)
      each.roleDefinitionId = each.roleDefinitionId.replace(/[^/]+$/, reader)
}

const kinds: Partial<Settings>[] = [
  {},
  { identityKind: 'managed' },
  { vaultAccess: 'policy' },
  { webhook: 'none', sample: false },
]

test('reports nothing and writes nothing, before and after a set-up of each kind', async () => {
  for (const kind of kinds) {
    const job = await newTestRun(kind)
    assert.deepEqual(await findings(job), [])
    assert.equal(job.sandbox.journal.filter(({ write }) => write).length, 0)
    await job.apply()
    assert.deepEqual(await findings(job), [])
  }
})

test('WI803, WI804  name the missing role and its scope for a caller who can only read', async () => {
  const job = await newTestRun()
  restrictToReader(job)
  const subscription = job.state.subscription.id
  const [providers, rights, ...others] = await findings(job)
  assert.deepEqual(others, [])
  assert.equal(providers?.code, 'WI803')
  assert.equal(
    providers?.remedy,
    ['ContainerService', 'KeyVault']
      .map(
        (name) => `az provider register --namespace Microsoft.${name} --wait --subscription ${subscription}`,
      )
      .join(' && '),
  )
  assert.equal(rights?.code, 'WI804')
  assert.match(rights?.is ?? '', /managedClusters\/write.*roleAssignments\/write/)
  assert.equal(
    rights?.remedy,
    `az role assignment create --role Owner --assignee-object-id ${job.state.operator.objectId} --assignee-principal-type ServicePrincipal --scope /subscriptions/${job.state.subscription.id}`,
  )
})

test('WI804  requires only the access policy right if all resources exist', async () => {
  const job = await newTestRun({ vaultAccess: 'policy' })
  await job.apply()
  restrictToReader(job)
  const [rights, ...others] = await findings(job)
  assert.deepEqual(others, [])
  assert.equal(rights?.is, 'missing Microsoft.KeyVault/vaults/accessPolicies/write')
  assert.match(rights?.remedy ?? '', /--role Contributor .*\/resourceGroups\/rg-shop$/)
})

test('WI410  suggests a managed identity to a caller who cannot register applications', async () => {
  const job = await newTestRun()
  const { directory, operator } = job.state
  directory.servicePrincipals[operator.objectId]!.directoryRights = ['Application.Read.All']
  const [first, ...others] = await findings(job)
  assert.deepEqual(others, [])
  assert.equal(first?.code, 'WI410')
  assert.match(first?.remedy ?? '', /^npx wi-setup .*--identity-kind managed$/)
})

test('WI411  reports conditional access, and the checks that need Graph are skipped', async () => {
  const job = await newTestRun()
  const directory = {
    ...job.run.clients.directory,
    application: async () => {
      throw new ServiceError({
        service: 'entra',
        code: 'AADSTS53003',
        message: 'AADSTS53003: Access has been blocked by Conditional Access policies.',
      })
    },
  }
  const results = await verify(preflightChecks, { ...job.run, clients: { ...job.run.clients, directory } })
  const failed = results.filter(({ status }) => status === 'fail')
  assert.deepEqual(
    failed.map(({ code }) => code),
    ['WI411'],
  )
  assert.equal(results.find(({ code }) => code === 'WI410')?.because, 'WI411')
})

test('WI801  is the only finding for a sign-in to another tenant', async () => {
  const job = await newTestRun({ tenant: '99999999-0000-4000-8000-000000000000' })
  const [first, ...others] = await findings(job)
  assert.deepEqual(others, [])
  assert.equal(first?.code, 'WI801')
  assert.equal(first?.is, job.state.tenant.id)
  assert.equal(first?.remedy, 'az login --tenant 99999999-0000-4000-8000-000000000000')
})

/** Every subscription has this quota. */
function withAccount({ run: { clients } }: Awaited<ReturnType<typeof newTestRun>>, azureAccount: Account) {
  return {
    clients: {
      ...clients,
      inSubscription: (id: string) => ({ ...clients.inSubscription(id), azureAccount }),
    },
  }
}

test('WI807  suggests a node count that fits the quota, or another region', async () => {
  const cores = async (left: number | undefined, over: Partial<Settings>) => {
    const job = await newTestRun(over)
    const account = {
      ...job.run.clients.azureAccount,
      cores: async () => (left === undefined ? undefined : { limit: 10, used: 10 - left }),
    }
    return findings(job, withAccount(job, account))
  }
  assert.deepEqual(await cores(6, { nodeCount: 3 }), [])
  assert.deepEqual(await cores(undefined, { nodeCount: 3 }), [])
  const [one, ...others] = await cores(5, { nodeCount: 3 })
  assert.deepEqual([one?.code, others], ['WI807', []])
  assert.match(one!.remedy!, /^npx wi-setup .*--node-count 2$/)
  const [large] = await cores(6, { nodeCount: 2, nodeSize: 'Standard_D4s_v5' })
  assert.deepEqual([large?.code, large?.should], ['WI807', '8 left'])
  // In older size names the number isn't the core count, so the minimum applies.
  assert.deepEqual(await cores(6, { nodeCount: 3, nodeSize: 'Standard_DS14_v2' }), [])
  const [windows] = await cores(3, { nodeCount: 1, os: 'windows' })
  assert.match(windows!.remedy!, /^Choose another --location/)
})

test('WI807  passes if the caller cannot read the quota', async () => {
  const job = await newTestRun()
  const account = {
    ...job.run.clients.azureAccount,
    cores: async () => {
      throw new ServiceError({ service: 'arm', code: 'AuthorizationFailed', message: 'no' })
    },
  }
  assert.deepEqual(await findings(job, withAccount(job, account)), [])
})

test('WI806  reports a chart that cannot be read', async () => {
  const job = await newTestRun(
    { webhook: 'helm', chart: '/nonexistent/chart' },
    { env: { PATH: process.env.PATH, HOME: '/nonexistent' } },
  )
  const [first, ...others] = await findings(job)
  assert.deepEqual(others, [])
  assert.equal(first?.code, 'WI806')
})
