import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { manualClock, openArm } from '../../../support/arm-session.ts'

let arm: Awaited<ReturnType<typeof openArm>>
const { clock, advance } = manualClock()

before(async () => {
  arm = await openArm({ clock, pace: 0.01 })
  await arm.prepare()
})
after(() => arm.sandbox.close())

const at = (name: string) => `${arm.providers}/Microsoft.KeyVault/vaults/${name}`
const wanted = (more: object = {}, rest: object = {}) => ({
  location: 'eastus',
  properties: {
    tenantId: arm.state.tenant.id,
    sku: { family: 'A', name: 'standard' },
    accessPolicies: [],
    softDeleteRetentionInDays: 7,
    ...more,
  },
  ...rest,
})
const policy = (objectId: string, ...secrets: string[]) => ({
  tenantId: arm.state.tenant.id,
  objectId,
  permissions: { secrets },
})
const [one, two] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']

test('a vault exists immediately, and its host name resolves later', async () => {
  const { state, simulator, call } = arm
  const created = await call(
    'PUT',
    at('Shop'),
    wanted({ networkAcls: { defaultAction: 'Deny' } }, { tags: { a: 'b' } }),
  )
  assert.equal(created.status, 200)
  assert.equal(created.body.properties.provisioningState, 'RegisteringDns')
  assert.equal(created.body.properties.vaultUri, `https://shop.${simulator.addresses.vaultSuffix}`)
  assert.deepEqual(state.vaults.shop, { secrets: {} })
  assert.equal((await call('GET', at('shop'))).body.properties.provisioningState, 'RegisteringDns')
  advance(simulator.durationOf('vaultCreate'))
  const { body } = await call('GET', at('shop'))
  assert.equal(body.properties.provisioningState, 'Succeeded')
  assert.equal(body.properties.vaultUri, `https://shop.${simulator.addresses.vaultSuffix}/`)
  assert.deepEqual(body.properties.networkAcls, {
    bypass: 'AzureServices',
    defaultAction: 'Deny',
    ipRules: [],
    virtualNetworkRules: [],
  })
  assert.deepEqual([body.properties.enableSoftDelete, body.properties.publicNetworkAccess], [true, 'Enabled'])
  assert.ok(body.systemData.createdBy)
})

test('the permission model depends on the API version of the creation', async () => {
  const { call } = arm
  const create = async (name: string, version: string, more: object = {}) =>
    (await call('PUT', at(name), wanted(more), { version })).body.properties.enableRbacAuthorization
  assert.equal(await create('model-new', '2026-02-01'), true)
  assert.equal(await create('model-old', '2023-07-01'), undefined)
  assert.equal(await create('model-old', '2026-02-01'), undefined)
  assert.equal(await create('explicit-model', '2026-02-01', { enableRbacAuthorization: false }), false)
})

test('access policies are added, replaced and removed by object ID', async () => {
  const { call } = arm
  const change = async (kind: string, ...accessPolicies: object[]) =>
    (await call('PUT', `${at('explicit-model')}/accessPolicies/${kind}`, { properties: { accessPolicies } }))
      .body
  await change('add', policy(one, 'get'))
  const added = await change('add', policy(one, 'list'), policy(two, 'Get'))
  assert.deepEqual(
    added.properties.accessPolicies.map(({ permissions }: { permissions: unknown }) => permissions),
    [{ secrets: ['get', 'list'] }, { secrets: ['Get'] }],
  )
  assert.deepEqual((await change('remove', policy(two, 'get'))).properties.accessPolicies.length, 1)
  assert.deepEqual((await change('replace', policy(one, 'set'))).properties.accessPolicies, [
    policy(one, 'set'),
  ])
  assert.equal((await change('add', { objectId: 'x' })).error.code, 'BadRequest')
  await call('PATCH', at('explicit-model'), { properties: { publicNetworkAccess: 'Disabled' } })
  const { body } = await call('GET', at('explicit-model'))
  assert.deepEqual(body.properties.accessPolicies, [policy(one, 'set')])
  assert.equal(body.properties.publicNetworkAccess, 'Disabled')
})

test('invalid vault properties are rejected', async () => {
  const { call } = arm
  const code = async (name: string, json: object) => {
    const { status, body } = await call('PUT', at(name), json)
    return [status, body.error?.code]
  }
  assert.deepEqual(await code('1bad', wanted()), [400, 'VaultNameNotValid'])
  assert.deepEqual(await code('bad--name', wanted()), [400, 'VaultNameNotValid'])
  assert.deepEqual(await code('taken-one', wanted()), [409, 'VaultAlreadyExists'])
  assert.deepEqual(await code('nosku', wanted({ sku: undefined })), [400, 'BadRequest'])
  assert.deepEqual(await code('days', wanted({ softDeleteRetentionInDays: 3 })), [400, 'BadRequest'])
  assert.deepEqual(await code('shop', wanted({ softDeleteRetentionInDays: 8 })), [400, 'BadRequest'])
  assert.deepEqual(await code('shop', wanted({ enablePurgeProtection: false })), [400, 'BadRequest'])
  assert.deepEqual(await code('shop', wanted({}, { location: 'westeurope' })), [
    409,
    'InvalidResourceLocation',
  ])
  const absent = await call('GET', at('absent'))
  assert.deepEqual([absent.status, absent.body.error.code], [404, 'ResourceNotFound'])
  assert.equal(
    absent.body.error.message,
    "The Resource 'Microsoft.KeyVault/vaults/absent' under resource group 'rg' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
  )
})

test('vault names are checked', async () => {
  const { subscription, call } = arm
  const check = async (name: string) => {
    const path = `${subscription}/providers/Microsoft.KeyVault/checkNameAvailability`
    const { nameAvailable, reason } = (await call('POST', path, { name, type: 'Microsoft.KeyVault/vaults' }))
      .body
    return [nameAvailable, reason]
  }
  assert.deepEqual(await check('free-name'), [true, undefined])
  assert.deepEqual(await check('SHOP'), [false, 'AlreadyExists'])
  assert.deepEqual(await check('taken-by-others'), [false, 'AlreadyExists'])
  assert.deepEqual(await check('x'), [false, 'AccountNameInvalid'])
})

test('a deleted vault can be recovered or purged', async () => {
  const { state, simulator, subscription, call } = arm
  state.vaults.shop = { secrets: { kept: { name: 'kept', versions: [] } } }
  const deleted = `${subscription}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/shop`
  const removed = await call('DELETE', at('shop'))
  assert.deepEqual([removed.status, removed.body], [200, undefined])
  assert.equal((await call('DELETE', at('shop'))).status, 204)
  const { properties } = (await call('GET', deleted)).body
  assert.deepEqual([properties.location, properties.tags], ['eastus', { a: 'b' }])
  assert.equal(
    Date.parse(properties.scheduledPurgeDate) - Date.parse(properties.deletionDate),
    7 * 86_400_000,
  )
  const conflict = await call('PUT', at('shop'), wanted())
  assert.deepEqual([conflict.status, conflict.body.error.code], [409, 'ConflictError'])
  const recovered = await call('PUT', at('shop'), wanted({ createMode: 'recover' }))
  assert.equal(recovered.status, 200)
  assert.ok(state.vaults.shop?.secrets.kept)
  assert.equal((await call('GET', deleted)).status, 404)

  await call('DELETE', at('shop'))
  const purge = await call('POST', `${deleted}/purge`)
  assert.equal(purge.status, 202)
  assert.equal((await call('GET', purge.headers.location as string)).status, 202)
  advance(simulator.durationOf('vaultPurge'))
  const done = await call('GET', purge.headers.location as string)
  assert.deepEqual([done.status, done.body.status], [200, 'Succeeded'])
  assert.match(done.body.createdDateTime, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/)
  assert.equal(state.vaults.shop, undefined)
  assert.equal((await call('PUT', at('shop'), wanted())).status, 200)
})

test('a vault with purge protection is purged only by its retention', async () => {
  const { simulator, subscription, call } = arm
  await call('PUT', at('guarded'), wanted({ enablePurgeProtection: true }))
  await call('DELETE', at('guarded'))
  const all = `${subscription}/providers/Microsoft.KeyVault/deletedVaults`
  const refused = await call(
    'POST',
    `${subscription}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/guarded/purge`,
  )
  assert.deepEqual([refused.status, refused.body.error.code], [405, 'MethodNotAllowed'])
  assert.equal((await call('GET', all)).body.value.length, 1)
  const [entry] = Object.values(arm.state.arm.deletedVaults)
  entry!.purgeAt = simulator.now()
  assert.deepEqual((await call('GET', all)).body.value, [])
})

test('az finds the group of a vault by the name of the vault', async () => {
  const { subscription, call } = arm
  const filter = encodeURIComponent("resourceType eq 'Microsoft.KeyVault/vaults' and name eq 'SHOP'")
  const { body } = await call('GET', `${subscription}/resources?$filter=${filter}`, undefined, {
    version: '2015-11-01',
  })
  assert.deepEqual(Object.keys(body.value[0]), ['id', 'name', 'type', 'location', 'tags'])
  assert.deepEqual((await call('GET', `${subscription}/providers/Microsoft.KeyVault/managedHSMs`)).body, {
    value: [],
  })
})
