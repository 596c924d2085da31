import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chainChecksFor } from '../../../src/checks/chain-checks.ts'
import { verify } from '../../../src/engine/verify.ts'
import { newTestRun } from '../../support/test-run.ts'

/** Another workload on the sandbox of a complete set-up, with these grants and no vault of its own. */
async function withGrants(makeGrants: (ids: { vault: string; group: string }) => string[]) {
  const owner = await newTestRun({ sample: false })
  await owner.apply()
  const { subscription, resourceGroup, vault } = owner.settings
  const group = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}`
  const grants = makeGrants({ vault, group })
  const over = { namespace: 'other', serviceAccount: 'reader', vault: undefined, grants, sample: false }
  return newTestRun(over as never, { sandbox: owner.sandbox })
}

test('grants are proven, written once, and removed with nothing else', async () => {
  const run = await withGrants(({ vault, group }) => [
    `vault:${vault}/secret/db-password=contributor`,
    `vault:${vault}`,
    `Reader@${group}`,
  ])
  const before = Object.keys(run.state.arm.roleAssignments).length
  await run.apply()
  assert.equal(Object.keys(run.state.arm.roleAssignments).length, before + 3)
  assert.equal((await run.apply()).writes, 0)
  run.run.forgetReads()
  const results = await verify(chainChecksFor(run.run.settings), run.run)
  assert.deepEqual(
    results.filter(({ status }) => status === 'fail' || status === 'warn'),
    [],
  )
  assert.deepEqual(
    results.filter(({ code }) => code === 'WI908').map(({ status, detail }) => `${status}: ${detail}`),
    ['pass: reads db-password', 'pass: lists its secrets', 'pass: reads its permissions there'],
  )
  assert.ok(!results.some(({ link }) => link === 'vault'))
  await run.destroy()
  assert.equal(Object.keys(run.state.arm.roleAssignments).length, before)
})

for (const identityKind of ['app', 'managed'] as const)
  test(`destroy revokes what an earlier list of grants gave: ${identityKind}`, async () => {
    const owner = await newTestRun({ sample: false })
    await owner.apply()
    const { subscription, resourceGroup, vault } = owner.settings
    const group = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}`
    const over = (grants: string[]) =>
      ({
        ...{ namespace: 'other', serviceAccount: 'reader', vault: undefined, sample: false },
        ...{ identity: 'id-other', identityKind, grants },
      }) as never
    const before = Object.keys(owner.state.arm.roleAssignments).length
    await (await newTestRun(over([`vault:${vault}`, `Reader@${group}`]), { sandbox: owner.sandbox })).apply()
    const later = await newTestRun(over([`vault:${vault}`]), { sandbox: owner.sandbox })
    assert.equal((await later.apply()).writes, 0)
    assert.equal(Object.keys(owner.state.arm.roleAssignments).length, before + 2)
    await later.destroy()
    assert.equal(Object.keys(owner.state.arm.roleAssignments).length, before)
    const left = (all: object) => JSON.stringify(all).includes('id-other')
    assert.ok(!left(Object.values(owner.state.arm.resources).map(({ body }) => body.id)))
    const { applications } = owner.state.directory
    assert.ok(!left(Object.values(applications).filter(({ deletedAt }) => deletedAt === undefined)))
  })

test('a role without a harmless read is granted and not called proven', async () => {
  const run = await withGrants(({ group }) => [`Key Vault Secrets User@${group}`])
  await run.apply()
  run.run.forgetReads()
  const results = await verify(chainChecksFor(run.run.settings), run.run)
  const ofGrant = results.filter(({ code, subject }) => subject !== undefined && code >= 'WI905')
  assert.deepEqual(
    ofGrant.map(({ code, status, because }) => [code, status, because]),
    ['WI905', 'WI906', 'WI907', 'WI908'].map((code) => [code, 'skip', undefined]),
  )
  for (const { detail } of ofGrant) assert.match(detail, /^not proven: the role Key Vault Secrets User/)
})

for (const [name, make, expected] of [
  ['role', (group: string) => `Key Vault Secret User@${group}`, /There is no role Key Vault Secret User/],
  ['group', (group: string) => `Reader@${group}-none`, /There is no scope/],
  [
    'subscription',
    () => 'Reader@/subscriptions/11111111-2222-3333-4444-555555555555',
    /There is no scope .* that you can see/,
  ],
  ['vault', () => 'vault:kv-none', /There is no Key Vault kv-none in any subscription/],
] as const)
  test(`a ${name} that does not exist ends the plan`, async () => {
    const run = await withGrants(({ group }) => [make(group)])
    await assert.rejects(run.plan(), expected)
  })
