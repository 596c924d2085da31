import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findNamedIdentity } from '../../../src/session/find-identity.ts'
import { expandResourceIds } from '../../../src/settings/resource-ids.ts'
import type { KnownSettings } from '../../../src/settings/settings.ts'
import { valuesOf } from '../../../src/settings/settings.ts'
import { actions, newTestRun } from '../../support/test-run.ts'

const job = await newTestRun({ identityKind: 'managed', identity: 'id-ours' })
const { clients, settings } = job
await job.apply()
await clients.groups.put('rg-ids', { location: 'westeurope', tags: {} })
await clients.identities.put('rg-ids', 'id-platform', { location: 'westeurope', tags: {} })
const platform = (await clients.identities.get('rg-ids', 'id-platform'))!

/** Returns what `--identity` and perhaps `--identity-kind` become. */
async function find(identity: string, kind?: 'app' | 'managed') {
  const known: KnownSettings = {
    identity: { value: identity, source: 'flag', from: '--identity' },
    ...(kind ? { identityKind: { value: kind, source: 'flag', from: '--identity-kind' } } : {}),
  }
  expandResourceIds(known)
  await findNamedIdentity({ known, clients })
  return valuesOf(known)
}

const found = {
  identity: 'id-platform',
  identityKind: 'managed',
  identityResourceGroup: 'rg-ids',
  identitySubscription: settings.subscription,
}

test('an identity is found by its client ID, object ID or resource ID, and its kind is found out', async () => {
  for (const text of [platform.clientId, platform.principalId, platform.clientId.toUpperCase(), platform.id])
    assert.deepEqual(await find(text), found, text)
  const app = await newTestRun({}, { sandbox: job.sandbox })
  await app.clients.directory.createApplication({ uniqueName: 'app', displayName: 'app', tags: [] })
  const { clientId } = (await app.clients.directory.application('app'))!
  assert.deepEqual(await find(clientId), { identity: clientId, identityKind: 'app' })
})

test('a GUID that is no identity is refused', async () => {
  const guid = '12345678-0000-4000-8000-000000000000'
  await assert.rejects(
    find(guid),
    /no application in this tenant and no managed identity in the subscriptions that you can see/,
  )
  await assert.rejects(
    find(guid, 'managed'),
    /but no managed identity in the subscriptions that you can see has this ID/,
  )
  await assert.rejects(find(platform.clientId, 'app'), /but no application in this tenant has this ID/)
})

test("an identity in another group is used, and someone else's name is not used for a new one", async () => {
  const overrides = { identityKind: 'managed', identity: 'id-platform' } as const
  const other = await newTestRun({ ...overrides, identityResourceGroup: 'rg-ids' }, { sandbox: job.sandbox })
  assert.equal(actions(await other.plan()).identity, 'keep')
  await other.apply()
  assert.deepEqual(await other.failedCodes(), [])
  await other.destroy()
  assert.ok(await clients.identities.get('rg-ids', 'id-platform'))
  assert.deepEqual(await clients.identities.credentials('rg-ids', 'id-platform'), [])
  const namesake = await newTestRun(overrides, { sandbox: job.sandbox })
  await assert.rejects(namesake.plan(), /A managed identity id-platform exists in the resource group rg-ids/)
})
