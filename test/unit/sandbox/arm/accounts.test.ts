import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { manualClock, openArm } from '../../../support/arm-session.ts'

type Arm = Awaited<ReturnType<typeof openArm>>
let arm: Arm
before(async () => {
  arm = await openArm({ registered: true })
  await arm.prepare()
})
after(() => arm.sandbox.close())

/** One of each type: its path below the providers, and the least body that creates it. */
const kinds = [
  {
    type: 'Microsoft.AppConfiguration/configurationStores',
    name: 'shop-config',
    invalid: 'a.b',
    body: { sku: { name: 'standard' } },
    endpoint: ['endpoint', /^https:\/\/shop-config\.azconfig\.localhost:\d+$/],
  },
  {
    type: 'Microsoft.DocumentDB/databaseAccounts',
    name: 'shop-cosmos',
    invalid: 'Shop',
    body: { properties: { databaseAccountOfferType: 'Standard' } },
    endpoint: ['documentEndpoint', /^https:\/\/shop-cosmos\.documents\.localhost:\d+\/$/],
  },
  {
    type: 'Microsoft.CognitiveServices/accounts',
    name: 'shop-ai',
    invalid: '-ai',
    body: { kind: 'OpenAI', sku: { name: 'S0' }, properties: { customSubDomainName: 'shop-ai' } },
    endpoint: ['endpoint', /^https:\/\/shop-ai\.openai\.localhost:\d+\/$/],
  },
  {
    type: 'Microsoft.ContainerRegistry/registries',
    name: 'shopreg',
    invalid: 'shop-reg',
    body: { sku: { name: 'Basic' } },
    endpoint: ['loginServer', /^shopreg\.azurecr\.localhost:\d+$/],
  },
  {
    type: 'Microsoft.Sql/servers',
    name: 'shop-sql',
    invalid: 'shop-',
    body: { properties: { administratorLogin: 'ops', administratorLoginPassword: 'not stored 1' } },
    endpoint: ['fullyQualifiedDomainName', /^shop-sql\.database\.localhost$/],
  },
  {
    type: 'Microsoft.DBforPostgreSQL/flexibleServers',
    name: 'shop-pg',
    invalid: 'PG',
    body: { properties: { administratorLogin: 'ops', administratorLoginPassword: 'not stored 2' } },
    endpoint: ['fullyQualifiedDomainName', /^shop-pg\.postgres\.localhost$/],
  },
] as const

for (const { type, name, invalid, body, endpoint } of kinds)
  test(`${type}: created, found, tagged, locked and deleted`, async () => {
    const id = `${arm.providers}/${type}/${name}`
    const input = { location: 'East US', tags: { team: 'shop' }, ...body }
    const created = await arm.call('PUT', id, input)
    assert.ok([200, 201, 202].includes(created.status), JSON.stringify(created.body))
    assert.equal(
      (await arm.call('GET', String(created.headers['azure-asyncoperation']))).body.status,
      'Succeeded',
    )
    const found = (await arm.call('GET', id.toUpperCase())).body
    assert.equal(found.id, id)
    assert.deepEqual([found.location, found.tags], ['eastus', { team: 'shop' }])
    assert.equal(found.properties.provisioningState, 'Succeeded')
    assert.match(found.properties[endpoint[0]], endpoint[1])
    assert.doesNotMatch(JSON.stringify(arm.state.arm), /not stored/)
    for (const scope of [arm.subscription, arm.group]) {
      const { body: list } = await arm.call('GET', `${scope}/providers/${type}`)
      assert.deepEqual(
        list.value.map((each: { id: string }) => each.id),
        [id],
      )
    }
    const again = await arm.call('PUT', id, input)
    assert.deepEqual([again.status, again.body.properties], [200, found.properties])
    const tagged = await arm.call('PATCH', id, { tags: { team: 'ops' } })
    assert.deepEqual([tagged.body.tags, tagged.body.properties], [{ team: 'ops' }, found.properties])
    const moved = await arm.call('PUT', id, { ...input, location: 'westus' })
    assert.deepEqual([moved.status, moved.body.error.code], [409, 'InvalidResourceLocation'])

    const bad = await arm.call('PUT', `${arm.providers}/${type}/${invalid}`, input)
    assert.equal(bad.status, 400, JSON.stringify(bad.body))
    const absent = await arm.call('GET', `${arm.providers}/${type}/${name}-absent`)
    assert.deepEqual([absent.status, absent.body.error.code], [404, 'ResourceNotFound'])

    const lock = `${id}/providers/Microsoft.Authorization/locks/keep`
    await arm.call('PUT', lock, { properties: { level: 'CanNotDelete' } })
    assert.equal((await arm.call('DELETE', id)).body.error.code, 'ScopeLocked')
    await arm.call('DELETE', lock)
    assert.equal((await arm.call('DELETE', id)).status, 202)
    assert.equal((await arm.call('GET', id)).status, 404)
    assert.equal((await arm.call('DELETE', id)).status, 204)
  })

test('a name that another group has is taken', async () => {
  await arm.call('PUT', `${arm.subscription}/resourceGroups/other`, { location: 'eastus' })
  for (const { type, name, body } of kinds) {
    await arm.call('PUT', `${arm.providers}/${type}/${name}`, { location: 'eastus', ...body })
    const twin = `${arm.subscription}/resourceGroups/other/providers/${type}/${name}`
    const { status, body: answer } = await arm.call('PUT', twin, { location: 'eastus', ...body })
    assert.equal(status, type.includes('DocumentDB') ? 400 : 409, type)
    assert.ok(answer.error.message.includes(name) || /already in use/.test(answer.error.message), type)
    const namespace = `${arm.subscription}/providers/${type.split('/')[0]}`
    if (/DocumentDB|Cognitive/.test(type)) continue
    const check = async (wanted: string) =>
      (await arm.call('POST', `${namespace}/checkNameAvailability`, { name: wanted, type })).body
    assert.equal((await check(name)).reason, 'AlreadyExists')
    assert.equal((await check('a b')).reason, 'Invalid')
    assert.deepEqual(await check('freename'), { nameAvailable: true })
  }
  const taken = async (name: string) =>
    (await arm.call('HEAD', `/providers/Microsoft.DocumentDB/databaseAccountNames/${name}`)).status
  assert.deepEqual([await taken('shop-cosmos'), await taken('free-name')], [200, 404])
})

test('a provider must be registered first', async () => {
  const fresh = await openArm()
  try {
    await fresh.prepare()
    for (const { type, name, body } of kinds) {
      const { status, body: answer } = await fresh.call('PUT', `${fresh.providers}/${type}/${name}`, {
        location: 'eastus',
        ...body,
      })
      assert.deepEqual([status, answer.error.code], [409, 'MissingSubscriptionRegistration'])
    }
  } finally {
    await fresh.sandbox.close()
  }
})

test('the group takes its accounts along, with their parts and role assignments', async () => {
  const group = `${arm.subscription}/resourceGroups/short`
  await arm.call('PUT', group, { location: 'eastus' })
  const server = `${group}/providers/Microsoft.Sql/servers/short-sql`
  await arm.call('PUT', server, {
    location: 'eastus',
    properties: { administratorLogin: 'ops', administratorLoginPassword: 'x' },
  })
  await arm.call('PUT', `${server}/databases/shop`, { location: 'eastus' })
  const { principal } = await arm.newPrincipal()
  await arm.call('PUT', `${server}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`, {
    properties: {
      roleDefinitionId: `${arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`,
      principalId: principal.id,
      principalType: 'ServicePrincipal',
    },
  })
  await arm.call('DELETE', group)
  await arm.call('GET', arm.subscription)
  assert.doesNotMatch(JSON.stringify(arm.state.arm.resources), /short-sql/)
  assert.doesNotMatch(JSON.stringify(arm.state.arm.proxyResources), /short-sql/)
  assert.doesNotMatch(JSON.stringify(arm.state.arm.roleAssignments), /short-sql/)
})

test('a creation takes time; until it ends, the host name does not resolve', async () => {
  const { clock, advance } = manualClock()
  const slow = await openArm({ registered: true, clock })
  slow.sandbox.faults.lags.accountCreate = 60_000
  try {
    await slow.prepare()
    const id = `${slow.providers}/Microsoft.ContainerRegistry/registries/slowreg`
    const { headers } = await slow.call('PUT', id, { location: 'eastus', sku: { name: 'Basic' } })
    const url = `https://slowreg.${slow.simulator.hostSuffix('azurecr')}/v2/`
    assert.equal((await slow.call('GET', id)).body.properties.provisioningState, 'Creating')
    assert.equal((await slow.call('PATCH', id, { tags: {} })).status, 409)
    await assert.rejects(slow.call('GET', url))
    advance(60_000)
    assert.equal((await slow.call('GET', String(headers['azure-asyncoperation']))).body.status, 'Succeeded')
    assert.equal((await slow.call('GET', url)).status, 401)
  } finally {
    await slow.sandbox.close()
  }
})

test('Azure SQL: the Entra administrator, Entra-only authentication, firewall rules and databases', async () => {
  const server = `${arm.providers}/Microsoft.Sql/servers/sql-parts`
  await arm.call('PUT', server, {
    location: 'eastus',
    properties: { administratorLogin: 'ops', administratorLoginPassword: 'x' },
  })
  const only = `${server}/azureADOnlyAuthentications/Default`
  const turnOn = { properties: { azureADOnlyAuthentication: true } }
  assert.equal((await arm.call('PUT', only, turnOn)).body.error.code, 'AADAdminNotConfigured')
  const sid = randomUUID()
  const administrator = { properties: { administratorType: 'ActiveDirectory', login: 'dba', sid } }
  assert.equal((await arm.call('PUT', `${server}/administrators/ActiveDirectory`, administrator)).status, 201)
  assert.equal((await arm.call('PUT', only, turnOn)).status, 200)
  const { administrators } = (await arm.call('GET', server)).body.properties
  assert.deepEqual(
    [administrators.login, administrators.sid, administrators.azureADOnlyAuthentication],
    ['dba', sid, true],
  )
  const kept = await arm.call('DELETE', `${server}/administrators/ActiveDirectory`)
  assert.equal(kept.status, 400)
  const rule = `${server}/firewallRules/office`
  const range = { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' }
  assert.equal((await arm.call('PUT', rule, { properties: { ...range, endIpAddress: 'x' } })).status, 400)
  assert.equal((await arm.call('PUT', rule, { properties: range })).status, 201)
  assert.deepEqual((await arm.call('GET', `${server}/firewallRules`)).body.value[0].properties, range)
  assert.equal((await arm.call('PUT', `${server}/databases/shop`, { location: 'eastus' })).status, 202)
  const { body } = await arm.call('GET', `${server}/databases`)
  assert.deepEqual(
    body.value.map(({ name }: { name: string }) => name),
    ['master', 'shop'],
  )
  assert.equal((await arm.call('GET', `${server}/databases/absent`)).status, 404)
})

test('PostgreSQL: sign-in methods, Entra administrators and databases', async () => {
  const server = `${arm.providers}/Microsoft.DBforPostgreSQL/flexibleServers/pg-parts`
  const login = { administratorLogin: 'ops', administratorLoginPassword: 'x' }
  await arm.call('PUT', server, { location: 'eastus', properties: login })
  const administrator = `${server}/administrators/${randomUUID()}`
  const input = { properties: { principalName: 'dba', principalType: 'User' } }
  assert.equal((await arm.call('PUT', administrator, input)).status, 400)
  const none = { authConfig: { activeDirectoryAuth: 'Disabled', passwordAuth: 'Disabled' } }
  assert.equal((await arm.call('PATCH', server, { properties: none })).status, 400)
  const { body } = await arm.call('PATCH', server, {
    properties: { authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Disabled' } },
  })
  assert.deepEqual(body.properties.authConfig, {
    activeDirectoryAuth: 'Enabled',
    passwordAuth: 'Disabled',
    tenantId: arm.state.tenant.id,
  })
  assert.equal((await arm.call('PUT', administrator, input)).status, 202)
  assert.equal((await arm.call('GET', administrator)).body.properties.principalName, 'dba')
  assert.equal((await arm.call('PUT', `${server}/databases/shop`, { properties: {} })).status, 202)
  assert.equal((await arm.call('GET', `${server}/databases/shop`)).status, 200)
  const orphan = await arm.call('PUT', `${server}-absent/databases/shop`, { properties: {} })
  assert.deepEqual([orphan.status, orphan.body.error.code], [404, 'ParentResourceNotFound'])
})

test('every service fails in its own words, by the name of its role', async () => {
  const service = `https://shopreg.${arm.simulator.hostSuffix('azurecr')}/v2/`
  arm.sandbox.faults.add({ fault: '429', role: 'acr', retryAfter: 1 })
  const { status, headers, body } = await arm.call('GET', service)
  assert.deepEqual([status, headers['retry-after'], body.errors[0].code], [429, '1', 'TOOMANYREQUESTS'])
})
