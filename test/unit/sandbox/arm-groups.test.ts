import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { handClock, openArm } from '../../support/arm-session.ts'

let arm: Awaited<ReturnType<typeof openArm>>
const { clock, pass } = handClock()

before(async () => {
  arm = await openArm({ clock, pace: 0.01 })
})
after(() => arm.sandbox.close())

test('a group is made, replaced, tagged and found whatever the case', async () => {
  const { subscription, ask } = arm
  const path = `${subscription}/resourcegroups/Shop`
  assert.equal((await ask('HEAD', path)).status, 404)
  const made = await ask('PUT', path, { location: 'West Europe', tags: { a: '1' } })
  assert.equal(made.status, 201)
  assert.deepEqual(made.body, {
    id: `${subscription}/resourceGroups/Shop`,
    name: 'Shop',
    type: 'Microsoft.Resources/resourceGroups',
    location: 'westeurope',
    tags: { a: '1' },
    properties: { provisioningState: 'Succeeded' },
  })
  const again = await ask('PUT', path.toLowerCase(), { location: 'westeurope' })
  assert.deepEqual([again.status, again.body.name, again.body.tags], [200, 'Shop', undefined])
  assert.deepEqual((await ask('PATCH', path, { tags: { b: '2' } })).body.tags, { b: '2' })
  assert.equal(
    (await ask('HEAD', path.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'))).status,
    204,
  )
  const moved = await ask('PUT', path, { location: 'eastus' })
  assert.deepEqual([moved.status, moved.body.error.code], [409, 'InvalidResourceGroupLocation'])
  const nowhere = await ask('PUT', `${subscription}/resourcegroups/x`, { location: 'atlantis' })
  assert.deepEqual([nowhere.status, nowhere.body.error.code], [400, 'LocationNotAvailableForResourceGroup'])
  const dotted = await ask('PUT', `${subscription}/resourcegroups/x.`, { location: 'eastus' })
  assert.deepEqual([dotted.status, dotted.body.error.code], [400, 'InvalidResourceGroupName'])
  const absent = await ask('GET', `${subscription}/resourcegroups/none`)
  assert.deepEqual([absent.status, absent.body.error.code], [404, 'ResourceGroupNotFound'])
})

test('a body that is no JSON object is refused', async () => {
  const { subscription, ask } = arm
  const list = await ask('PUT', `${subscription}/resourcegroups/x`, [])
  assert.deepEqual([list.status, list.body.error.code], [400, 'InvalidRequestContent'])
  const odd = await ask('PUT', `${subscription}/resourcegroups/x`, { location: 1 })
  assert.deepEqual([odd.status, odd.body.error.code], [400, 'InvalidRequestContent'])
  assert.match(odd.body.error.message, /Path 'location'/)
})

test('long lists come in pages', async () => {
  const { subscription, ask } = arm
  for (const name of ['p1', 'p2', 'p3'])
    await ask('PUT', `${subscription}/resourcegroups/${name}`, { location: 'eastus', tags: { page: 'yes' } })
  const filter = encodeURIComponent("tagName eq 'page' and tagValue eq 'yes'")
  const names: string[] = []
  let next: string | undefined = `${subscription}/resourcegroups?$filter=${filter}&$top=2`
  let pages = 0
  while (next) {
    const { body } = await ask('GET', next)
    names.push(...body.value.map(({ name }: { name: string }) => name))
    next = body.nextLink
    pages++
  }
  assert.deepEqual([names, pages], [['p1', 'p2', 'p3'], 2])
})

test('a provider has to be registered before it is written to', async () => {
  const { subscription, ask } = arm
  await ask('PUT', `${subscription}/resourcegroups/reg`, { location: 'eastus' })
  const identity = `${subscription}/resourcegroups/reg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one`
  const provider = `${subscription}/providers/Microsoft.ManagedIdentity`
  assert.equal((await ask('GET', provider)).body.registrationState, 'NotRegistered')
  const early = await ask('PUT', identity, { location: 'eastus' })
  assert.equal(early.status, 409)
  assert.equal(early.body.error.code, 'MissingSubscriptionRegistration')
  assert.equal(early.body.error.details[0].target, 'Microsoft.ManagedIdentity')
  assert.equal((await ask('POST', `${provider}/register`)).body.registrationState, 'Registering')
  assert.equal((await ask('GET', provider)).body.registrationState, 'Registering')
  pass(arm.simulator.durationOf('providerRegister'))
  const { body } = await ask('GET', provider)
  assert.equal(body.registrationState, 'Registered')
  assert.ok(
    body.resourceTypes[1].locations.includes('East US') && body.resourceTypes[1].apiVersions.length > 0,
  )
  assert.equal((await ask('PUT', identity, { location: 'eastus' })).status, 201)
})

test('deleting a group takes its time and what is in it', async () => {
  const { state, subscription, ask } = arm
  const path = `${subscription}/resourceGroups/reg`
  const { status, headers } = await ask('DELETE', path)
  assert.equal(status, 202)
  assert.ok(Number(headers['retry-after']) >= 1)
  assert.equal((await ask('GET', path)).body.properties.provisioningState, 'Deleting')
  const busy = await ask('GET', headers.location as string)
  assert.deepEqual([busy.status, Number(busy.headers['retry-after']) >= 1], [202, true])
  const late = await ask('PUT', `${path}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/two`, {
    location: 'eastus',
  })
  assert.deepEqual([late.status, late.body.error.code], [409, 'ResourceGroupBeingDeleted'])
  pass(arm.simulator.durationOf('groupDelete'))
  assert.equal((await ask('GET', headers.location as string)).status, 200)
  assert.equal((await ask('GET', path)).status, 404)
  assert.deepEqual(state.arm.resources, {})
  assert.deepEqual(
    Object.values(state.directory.servicePrincipals).filter(({ type }) => type === 'ManagedIdentity'),
    [],
  )
})

test('subscriptions, locations and tenants are described', async () => {
  const { state, subscription, ask } = arm
  const one = (await ask('GET', subscription)).body
  assert.deepEqual([one.id, one.state, one.tenantId], [subscription, 'Enabled', state.tenant.id])
  const locations = (await ask('GET', `${subscription}/locations`)).body.value
  const east = locations.find(({ name }: { name: string }) => name === 'eastus')
  assert.equal(east.displayName, 'East US')
  assert.equal(east.metadata.regionType, 'Physical')
  const tenant = (await ask('GET', '/tenants')).body.value[0]
  assert.deepEqual([tenant.tenantId, tenant.defaultDomain], [state.tenant.id, state.tenant.domain])
})
