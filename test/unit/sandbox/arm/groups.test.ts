import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { manualClock, openArm } from '../../../support/arm-session.ts'

let arm: Awaited<ReturnType<typeof openArm>>
const { clock, advance } = manualClock()

before(async () => {
  arm = await openArm({ clock, pace: 0.01 })
})
after(() => arm.sandbox.close())

test('a group is created, replaced and tagged, and found in any case', async () => {
  const { subscription, call } = arm
  const path = `${subscription}/resourcegroups/Shop`
  assert.equal((await call('HEAD', path)).status, 404)
  const created = await call('PUT', path, { location: 'West Europe', tags: { a: '1' } })
  assert.equal(created.status, 201)
  assert.deepEqual(created.body, {
    id: `${subscription}/resourceGroups/Shop`,
    name: 'Shop',
    type: 'Microsoft.Resources/resourceGroups',
    location: 'westeurope',
    tags: { a: '1' },
    properties: { provisioningState: 'Succeeded' },
  })
  const repeated = await call('PUT', path.toLowerCase(), { location: 'westeurope' })
  assert.deepEqual([repeated.status, repeated.body.name, repeated.body.tags], [200, 'Shop', undefined])
  assert.deepEqual((await call('PATCH', path, { tags: { b: '2' } })).body.tags, { b: '2' })
  assert.equal(
    (await call('HEAD', path.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'))).status,
    204,
  )
  const moved = await call('PUT', path, { location: 'eastus' })
  assert.deepEqual([moved.status, moved.body.error.code], [409, 'InvalidResourceGroupLocation'])
  const nowhere = await call('PUT', `${subscription}/resourcegroups/x`, { location: 'atlantis' })
  assert.deepEqual([nowhere.status, nowhere.body.error.code], [400, 'LocationNotAvailableForResourceGroup'])
  const dotted = await call('PUT', `${subscription}/resourcegroups/x.`, { location: 'eastus' })
  assert.deepEqual([dotted.status, dotted.body.error.code], [400, 'InvalidResourceGroupName'])
  const absent = await call('GET', `${subscription}/resourcegroups/none`)
  assert.deepEqual([absent.status, absent.body.error.code], [404, 'ResourceGroupNotFound'])
})

test('a body that is not a JSON object is rejected', async () => {
  const { subscription, call } = arm
  const list = await call('PUT', `${subscription}/resourcegroups/x`, [])
  assert.deepEqual([list.status, list.body.error.code], [400, 'InvalidRequestContent'])
  const odd = await call('PUT', `${subscription}/resourcegroups/x`, { location: 1 })
  assert.deepEqual([odd.status, odd.body.error.code], [400, 'InvalidRequestContent'])
  assert.match(odd.body.error.message, /Path 'location'/)
})

test('long lists are paged', async () => {
  const { subscription, call } = arm
  for (const name of ['p1', 'p2', 'p3'])
    await call('PUT', `${subscription}/resourcegroups/${name}`, { location: 'eastus', tags: { page: 'yes' } })
  const filter = encodeURIComponent("tagName eq 'page' and tagValue eq 'yes'")
  const names: string[] = []
  let next: string | undefined = `${subscription}/resourcegroups?$filter=${filter}&$top=2`
  let pages = 0
  while (next) {
    const { body } = await call('GET', next)
    names.push(...body.value.map(({ name }: { name: string }) => name))
    next = body.nextLink
    pages++
  }
  assert.deepEqual([names, pages], [['p1', 'p2', 'p3'], 2])
})

test('a provider must be registered before the first write', async () => {
  const { subscription, call } = arm
  await call('PUT', `${subscription}/resourcegroups/reg`, { location: 'eastus' })
  const identity = `${subscription}/resourcegroups/reg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one`
  const provider = `${subscription}/providers/Microsoft.ManagedIdentity`
  assert.equal((await call('GET', provider)).body.registrationState, 'NotRegistered')
  const early = await call('PUT', identity, { location: 'eastus' })
  assert.equal(early.status, 409)
  assert.equal(early.body.error.code, 'MissingSubscriptionRegistration')
  assert.equal(early.body.error.details[0].target, 'Microsoft.ManagedIdentity')
  assert.equal((await call('POST', `${provider}/register`)).body.registrationState, 'Registering')
  assert.equal((await call('GET', provider)).body.registrationState, 'Registering')
  advance(arm.simulator.durationOf('providerRegister'))
  const { body } = await call('GET', provider)
  assert.equal(body.registrationState, 'Registered')
  assert.ok(
    body.resourceTypes[1].locations.includes('East US') && body.resourceTypes[1].apiVersions.length > 0,
  )
  assert.equal((await call('PUT', identity, { location: 'eastus' })).status, 201)
})

test('deleting a group takes time and deletes its resources', async () => {
  const { state, subscription, call } = arm
  const path = `${subscription}/resourceGroups/reg`
  const { status, headers } = await call('DELETE', path)
  assert.equal(status, 202)
  assert.ok(Number(headers['retry-after']) >= 1)
  assert.equal((await call('GET', path)).body.properties.provisioningState, 'Deleting')
  const busy = await call('GET', headers.location as string)
  assert.deepEqual([busy.status, Number(busy.headers['retry-after']) >= 1], [202, true])
  const late = await call('PUT', `${path}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/two`, {
    location: 'eastus',
  })
  assert.deepEqual([late.status, late.body.error.code], [409, 'ResourceGroupBeingDeleted'])
  advance(arm.simulator.durationOf('groupDelete'))
  assert.equal((await call('GET', headers.location as string)).status, 200)
  assert.equal((await call('GET', path)).status, 404)
  assert.deepEqual(state.arm.resources, {})
  assert.deepEqual(
    Object.values(state.directory.servicePrincipals).filter(({ type }) => type === 'ManagedIdentity'),
    [],
  )
})

test('subscriptions, locations and tenants are listed', async () => {
  const { state, subscription, call } = arm
  const one = (await call('GET', subscription)).body
  assert.deepEqual([one.id, one.state, one.tenantId], [subscription, 'Enabled', state.tenant.id])
  const locations = (await call('GET', `${subscription}/locations`)).body.value
  const east = locations.find(({ name }: { name: string }) => name === 'eastus')
  assert.equal(east.displayName, 'East US')
  assert.equal(east.metadata.regionType, 'Physical')
  const tenant = (await call('GET', '/tenants')).body.value[0]
  assert.deepEqual([tenant.tenantId, tenant.defaultDomain], [state.tenant.id, state.tenant.domain])
})
