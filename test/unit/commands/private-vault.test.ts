import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '../../../src/clients/service-error.ts'
import type { Settings } from '../../../src/settings/settings.ts'
import { roleIds } from '../../../src/steps/grants.ts'
import { actions, newTestRun } from '../../support/test-run.ts'

/** A set-up whose vault then lost its public network access, and the workload's role or policy. */
async function privateVault(over: Partial<Settings> = {}) {
  const job = await newTestRun({ sample: false, ...over })
  await job.apply()
  const vault = Object.values(job.state.arm.resources).find(({ body }) => body.name === 'kv-shop')
  assert.ok(vault)
  const { properties } = vault.body
  properties.publicNetworkAccess = 'Disabled'
  for (const [id, { roleDefinitionId }] of Object.entries(job.state.arm.roleAssignments))
    if (roleDefinitionId.endsWith(roleIds.secretsUser)) delete job.state.arm.roleAssignments[id]
  const { objectId } = job.state.operator
  const policies = properties.accessPolicies as { objectId: string }[]
  properties.accessPolicies = policies.filter((each) => each.objectId === objectId)
  return { job, vault }
}

for (const vaultAccess of ['rbac', 'policy'] as const)
  test(`access to a private vault is granted without a connection to it: ${vaultAccess}`, async () => {
    const { job, vault } = await privateVault({ vaultAccess })
    const planned = await job.plan()
    const { 'vault-access': access, 'operator-access': operator, secret } = actions(planned)
    assert.deepEqual([access, operator, secret], ['create', 'keep', 'keep'])
    assert.match(planned.items.find(({ id }) => id === 'secret')?.note ?? '', /not checked/)
    await job.apply(planned)
    assert.equal(vault.body.properties.publicNetworkAccess, 'Disabled')
    assert.deepEqual(await job.failedCodes(), ['WI504'])
  })

test('a value for a secret in a private vault is rejected before anything is written', async () => {
  const { job } = await privateVault()
  job.run.secretValue = 'new value'
  await assert.rejects(job.plan(), (error) => hasCode(error, 'ForbiddenByConnection'))
})
