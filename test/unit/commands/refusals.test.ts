import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { SandboxState } from '../../../sandbox/index.ts'
import { requirePermissions } from '../../../src/engine/permissions.ts'
import { explained } from '../../support/remedies.ts'
import { newTestRun } from '../../support/test-run.ts'

const contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

/** Replaces the operator's Owner role. `graph`: the operator's permissions in the directory. */
function demote(
  world: SandboxState,
  role: string,
  graph = ['Application.ReadWrite.All', 'Directory.Read.All'],
): void {
  for (const assignment of Object.values(world.arm.roleAssignments))
    if (assignment.principalId === world.operator.objectId)
      assignment.roleDefinitionId = assignment.roleDefinitionId.replace(/[^/]+$/, role)
  world.directory.servicePrincipals[world.operator.objectId]!.directoryRights = graph
}

const thrown = async (work: Promise<unknown>) => {
  try {
    await work
  } catch (error) {
    return explained(error)
  }
  throw new Error('the call did not fail')
}

test('without permission to assign roles, a set-up fails before the first write, with a fix', async () => {
  const job = await newTestRun()
  demote(job.state, contributor)
  const { what, remedy } = await thrown(requirePermissions(job.steps, await job.plan(), job.run))
  assert.match(what, /access: Microsoft\.Authorization\/roleAssignments\/write in rg-shop/)
  assert.doesNotMatch(what, /vaults\/write/)
  assert.match(remedy, /Role Based Access Control Administrator.*--vault-access policy/)
  assert.equal(job.sandbox.journal.filter(({ write }) => write).length, 0)
})

test('a contributor sets up a vault with access policies', async () => {
  const job = await newTestRun({ vaultAccess: 'policy' })
  demote(job.state, contributor)
  await requirePermissions(job.steps, await job.plan(), job.run)
  await job.apply()
  assert.deepEqual(await job.failedCodes(), [])
})

test('for a reader, all missing permissions are reported together', async () => {
  const job = await newTestRun({ identityKind: 'managed' })
  demote(job.state, reader)
  const { what } = await thrown(requirePermissions(job.steps, await job.plan(), job.run))
  for (const action of [
    'Microsoft.ContainerService/register/action',
    'Microsoft.Resources/subscriptions/resourceGroups/write',
    'Microsoft.ContainerService/managedClusters/write',
    'Microsoft.ManagedIdentity/userAssignedIdentities/write',
    'Microsoft.KeyVault/vaults/write',
    'Microsoft.Authorization/roleAssignments/write',
  ])
    assert.ok(what.includes(action), action)
})

test('a caller who cannot register applications gets managed identities as the fix', async () => {
  const job = await newTestRun()
  demote(job.state, '8e3af657-a8ff-443c-a75c-2fe8c4bcb635', ['Directory.Read.All'])
  const { code, remedy, why } = await thrown(job.apply())
  assert.equal(code, 'Authorization_RequestDenied')
  assert.match([remedy, ...why].join(' '), /managed/)
})

test('an unreachable cluster is reported with its address', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'wi-test-'))
  after(() => rm(dir, { recursive: true }))
  const kubeconfig = join(dir, 'kubeconfig')
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'gone', cluster: { server: 'https://127.0.0.1:9' } }],
      users: [{ name: 'me', user: { token: 'x' } }],
      contexts: [{ name: 'gone', context: { cluster: 'gone', user: 'me' } }],
      'current-context': 'gone',
    }),
  )
  const job = await newTestRun({ kubeconfig, context: 'gone', cluster: undefined, webhook: 'none' })
  const refused = await thrown(job.plan())
  assert.match(`${refused.what} ${refused.original}`, /127\.0\.0\.1:9/)
  assert.ok(refused.remedy)
  const missing = await newTestRun({ kubeconfig, context: 'nobody', cluster: undefined, webhook: 'none' })
  const unknown = await thrown(missing.plan())
  assert.equal(unknown.code, 'ContextNotFound')
  assert.match(`${unknown.what} ${unknown.remedy}`, /gone/)
})

test('an exceeded quota is reported with the remaining quota', async () => {
  const job = await newTestRun({ nodeCount: 60 })
  const { code, what, original } = await thrown(job.apply())
  assert.equal(code, 'ErrCode_InsufficientVCPUQuota')
  assert.match(`${what} ${original}`, /100.*120/)
})

test('a stopped cluster fails the plan without waiting', async () => {
  const job = await newTestRun()
  await job.apply()
  const { arm } = job.sandbox.simulator.addresses
  const { operatorToken, request } = await import('../../support/request.ts')
  const { status } = await request(
    job.sandbox,
    `${arm}/subscriptions/${job.state.subscription.id}/resourceGroups/rg-shop/providers/Microsoft.ContainerService/managedClusters/aks-shop/stop?api-version=2026-04-01`,
    { method: 'POST', token: await operatorToken(job.sandbox, arm) },
  )
  assert.ok(status < 300)
  const { what, remedy } = await thrown(job.plan())
  assert.match(what, /aks-shop is stopped/)
  assert.equal(remedy, 'az aks start --resource-group rg-shop --name aks-shop')
})
