import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { subscriptionsOf } from '../../../../sandbox/arm/subscription-path.ts'
import { startSandbox } from '../../../../sandbox/index.ts'
import { openArm } from '../../../support/arm-session.ts'
import { sharedKeys } from '../../../support/shared-keys.ts'

const arm = await openArm({ subscriptions: 3 })
after(() => arm.sandbox.close())
await arm.prepare()
const [main, other] = subscriptionsOf(arm.state).map(({ id }) => `/subscriptions/${id}`) as [string, string]
const identities = 'providers/Microsoft.ManagedIdentity/userAssignedIdentities'
const vaults = 'providers/Microsoft.KeyVault/vaults'

/** Gives the principal the role Reader in the second subscription. */
async function makeReader(principalId: string) {
  const roleDefinitionId = `${other}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`
  const path = `${other}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`
  const answer = await arm.call('PUT', path, { properties: { roleDefinitionId, principalId } })
  assert.equal(answer.status, 201)
}

const ids = async (path: string): Promise<string[]> =>
  ((await arm.call('GET', path)).body.value as { id: string }[]).map(({ id }) => id)

test('the tenant lists its subscriptions to whoever has a role in them', async () => {
  const names = (await arm.call('GET', '/subscriptions')).body.value.map(
    (each: { displayName: string }) => each.displayName,
  )
  assert.deepEqual(names, ['Contoso Dev', 'Contoso Platform', 'Contoso Identities'])
  const { principal, token } = await arm.newPrincipal()
  assert.deepEqual((await arm.call('GET', '/subscriptions', undefined, { token })).body.value, [])
  await makeReader(principal.id)
  const visible = (await arm.call('GET', '/subscriptions', undefined, { token })).body.value
  assert.deepEqual(
    visible.map((each: { id: string }) => each.id),
    [other],
  )
  const unknown = '/subscriptions/12345678-0000-4000-8000-000000000000'
  for (const path of [unknown, `${unknown}/resourceGroups`, `${unknown}/resourceGroups/rg`]) {
    const answer = await arm.call('GET', path)
    assert.deepEqual([answer.status, answer.body.error.code], [404, 'SubscriptionNotFound'], path)
  }
})

test('groups, registrations and lists are of one subscription', async () => {
  assert.equal((await arm.call('GET', `${other}/resourceGroups/rg`)).status, 404)
  await arm.call('PUT', `${other}/resourceGroups/rg`, { location: 'westus' })
  assert.deepEqual(await ids(`${other}/resourceGroups`), [`${other}/resourceGroups/rg`])
  assert.equal((await arm.call('GET', `${main}/resourceGroups/rg`)).body.location, 'eastus')
  const path = `${other}/resourceGroups/rg/${identities}/id-a`
  const refused = await arm.call('PUT', path, { location: 'westus' })
  assert.equal(refused.body.error.code, 'MissingSubscriptionRegistration')
  const registered = await arm.call('POST', `${other}/providers/Microsoft.ManagedIdentity/register`)
  assert.equal(registered.body.id, `${other}/providers/Microsoft.ManagedIdentity`)
  await arm.call('PUT', path.toUpperCase().replace('ID-A', 'id-a'), { location: 'westus' })
  await arm.call('PUT', `${main}/resourceGroups/rg/${identities}/id-a`, { location: 'eastus' })
  const inOther = `${other}/resourcegroups/rg/${identities}/id-a`
  assert.deepEqual(await ids(`${other}/${identities}`), [inOther])
  assert.deepEqual(await ids(`${other}/resourceGroups/rg/${identities}`), [inOther])
  assert.equal((await ids(`${main}/resources`)).length, 1)
  assert.equal((await ids(`${other}/resourceGroups/rg/resources`)).length, 1)
})

test('a role in one subscription says nothing about another', async () => {
  const { principal, token } = await arm.newPrincipal()
  await makeReader(principal.id)
  const statuses = []
  for (const scope of [main, other])
    statuses.push((await arm.call('GET', `${scope}/resourceGroups/rg`, undefined, { token })).status)
  assert.deepEqual(statuses, [403, 200])
})

test('a vault name is taken in all subscriptions, and a deleted vault is listed in its own', async () => {
  await arm.call('POST', `${other}/providers/Microsoft.KeyVault/register`)
  const properties = {
    tenantId: arm.state.tenant.id,
    sku: { family: 'A', name: 'standard' },
    accessPolicies: [],
  }
  const path = `${other}/resourceGroups/rg/${vaults}/kv-split-1`
  await arm.call('PUT', path, { location: 'westus', properties })
  const check = `${main}/providers/Microsoft.KeyVault/checkNameAvailability`
  assert.equal((await arm.call('POST', check, { name: 'kv-split-1' })).body.nameAvailable, false)
  assert.deepEqual(await ids(`${main}/${vaults}`), [])
  await arm.call('DELETE', path)
  assert.deepEqual(await ids(`${main}/providers/Microsoft.KeyVault/deletedVaults`), [])
  const deleted = `${other}/providers/Microsoft.KeyVault/locations/westus/deletedVaults/kv-split-1`
  assert.deepEqual(await ids(`${other}/providers/Microsoft.KeyVault/deletedVaults`), [deleted])
})

test("deleting a group leaves another subscription's group of that name", async () => {
  const { headers } = await arm.call('DELETE', `${other}/resourceGroups/rg`)
  assert.match(String(headers.location), new RegExp(`${other}/operationresults/`))
  assert.equal((await arm.call('GET', `${other}/resourceGroups/rg`)).status, 404)
  assert.equal((await arm.call('GET', `${main}/resourceGroups/rg`)).status, 200)
  assert.equal((await ids(`${main}/resources`)).length, 1)
})

test('subscriptions are saved, and a later start may add some', async (context) => {
  const stateDir = mkdtempSync(join(tmpdir(), 'wi-subscriptions-'))
  context.after(() => rmSync(stateDir, { recursive: true, force: true }))
  const saved = []
  for (const subscriptions of [2, 1, 3]) {
    const sandbox = await startSandbox({ stateDir, keys: await sharedKeys(), subscriptions })
    saved.push(subscriptionsOf(sandbox.state).map(({ id }) => id))
    await sandbox.close()
  }
  assert.deepEqual(
    saved.map(({ length }) => length),
    [2, 2, 3],
  )
  assert.deepEqual(saved[1], saved[0])
  assert.deepEqual(saved[2]!.slice(0, 2), saved[0])
})
