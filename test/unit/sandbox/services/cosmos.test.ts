import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { manualClock } from '../../../support/arm-session.ts'
import { cosmosHeaders, cosmosRoles, openServices } from '../../../support/service-session.ts'

let at: Awaited<ReturnType<typeof openServices>>
before(async () => {
  at = await openServices()
})
after(() => at.sandbox.close())

const audience = 'https://cosmos.azure.com'
const items = '/dbs/shop/colls/orders/docs'

const send = async (method: string, path: string, token: string, json?: unknown, headers = {}) => {
  const answer = await at.send(`${at.hosts.cosmos}${path}`, {
    method,
    headers: { ...cosmosHeaders(token), ...headers },
    ...(json !== undefined && { json }),
  })
  return { ...answer, reason: [answer.status, answer.headers['x-ms-substatus'] ?? '0'] }
}

test('a reader of a container reads the account, the container and its items, and no more', async () => {
  await at.grantCosmos('contributor', at.operatorId)
  const owner = await at.tokenFor(audience)
  const key = { 'x-ms-documentdb-partitionkey': '["contoso"]' }
  const order = { id: 'one', customer: 'contoso', total: 1 }
  assert.equal((await send('POST', items, owner, order, key)).status, 201)
  assert.deepEqual((await send('POST', items, owner, order, key)).reason, [409, '0'])

  const reader = await at.newCaller(audience)
  await at.grantCosmos('reader', reader.principalId, '/dbs/shop/colls/orders')
  const account = await send('GET', '/', reader.token)
  assert.equal(account.status, 200)
  assert.deepEqual(account.body.readableLocations, [
    {
      name: 'East US',
      databaseAccountEndpoint: `https://shop-cosmos-eastus.${at.simulator.hostSuffix('documents')}/`,
    },
  ])
  const container = await send('GET', '/dbs/shop/colls/orders', reader.token)
  assert.deepEqual([container.status, container.body.partitionKey.paths], [200, ['/customer']])
  const item = await send('GET', `${items}/one`, reader.token, undefined, key)
  assert.deepEqual([item.status, item.body.total], [200, 1])
  assert.deepEqual((await send('GET', `${items}/two`, reader.token, undefined, key)).reason, [404, '0'])
  assert.deepEqual((await send('POST', items, reader.token, { ...order, id: 'x' }, key)).reason, [
    403,
    '5302',
  ])
  assert.deepEqual((await send('GET', '/dbs/shop', reader.token)).reason, [403, '5302'])
})

test('no role of Azure gives access to data', async () => {
  const caller = await at.newCaller(audience)
  await at.grant(at.group, 'contributor', caller.principalId)
  await at.grant(at.ids.cosmos, 'cosmosAccountReader', caller.principalId)
  const { reason, body } = await send('GET', '/', caller.token)
  assert.deepEqual(reason, [403, '5301'])
  assert.match(
    body.message,
    new RegExp(
      `principal \\[${caller.principalId}\\] does not have required RBAC permissions to perform action \\[Microsoft.DocumentDB/databaseAccounts/readMetadata\\] on any scope`,
    ),
  )
})

test('nobody creates databases and containers with a token', async () => {
  await at.grantCosmos('contributor', at.operatorId)
  const owner = await at.tokenFor(audience)
  for (const [method, path] of [
    ['POST', '/dbs'],
    ['DELETE', '/dbs/shop/colls/orders'],
  ] as const) {
    const { reason, body } = await send(method, path, owner, {})
    assert.deepEqual(reason, [403, '5300'])
    assert.ok(
      body.message.startsWith(`The given request [${method} ${path}] cannot be authorized by AAD token`),
    )
  }
})

test('tokens of another tenant or audience, and keys, are rejected', async () => {
  const foreign = `e30.${Buffer.from('{"iss":"https://sts.windows.net/other/"}').toString('base64url')}.x`
  assert.deepEqual((await send('GET', '/', foreign)).reason, [401, '5007'])
  assert.deepEqual((await send('GET', '/', await at.tokenFor('https://vault.azure.net'))).reason, [401, '0'])
  const withKey = { headers: { authorization: 'type%3dmaster%26ver%3d1.0%26sig%3dabc%3d' } }
  assert.equal((await at.send(`${at.hosts.cosmos}/`, withKey)).headers['x-ms-substatus'], undefined)
  await at.call('PATCH', at.ids.cosmos, { properties: { disableLocalAuth: true } })
  const { status, headers } = await at.send(`${at.hosts.cosmos}/`, withKey)
  assert.deepEqual([status, headers['x-ms-substatus']], [401, '5202'])
})

test('an assignment needs a principal, a role and a scope that exist', async () => {
  const { principalId } = await at.newCaller(audience)
  const good = {
    roleDefinitionId: `${at.ids.cosmos}/sqlRoleDefinitions/${cosmosRoles.reader}`,
    scope: `${at.ids.cosmos}/dbs/shop`,
    principalId,
  }
  for (const [change, message] of [
    [{ principalId: randomUUID() }, /was not found in the AAD tenant\(s\)/],
    [{ scope: `${at.ids.cosmos}/sqlDatabases/shop` }, /The provided scope .* is not valid/],
    [{ scope: at.group }, /The provided scope .* is not valid/],
    [{ roleDefinitionId: `${at.subscription}/providers/x` }, /The Role Definition .* was not found/],
  ] as const) {
    const { status, body } = await at.call('PUT', `${at.ids.cosmos}/sqlRoleAssignments/${randomUUID()}`, {
      properties: { ...good, ...change },
    })
    assert.deepEqual([status, body.error.code], [400, 'BadRequest'])
    assert.match(body.error.message, message)
  }
})

test('the firewall admits the listed addresses only', async () => {
  await at.grantCosmos('reader', at.operatorId)
  const token = await at.tokenFor(audience)
  const restrict = (properties: object) => at.call('PATCH', at.ids.cosmos, { properties })
  await restrict({ ipRules: [{ ipAddressOrRange: '203.0.113.0/24' }] })
  const { reason, body } = await send('GET', '/', token)
  assert.deepEqual(reason, [403, '0'])
  assert.match(body.message, /^Request originated from IP 127\.0\.0\.1 through public internet\./)
  await restrict({ ipRules: [{ ipAddressOrRange: '127.0.0.1' }] })
  assert.equal((await send('GET', '/', token)).status, 200)
  await restrict({ publicNetworkAccess: 'Disabled' })
  assert.deepEqual((await send('GET', '/', token)).reason, [403, '0'])
})

test('an assignment takes effect, and ends, when its operation has ended', async () => {
  const { clock, advance } = manualClock()
  const slow = await openServices({ clock })
  try {
    slow.sandbox.faults.lags.partWrite = 30_000
    const caller = await slow.newCaller(audience)
    const url = `${slow.hosts.cosmos}/`
    const headers = cosmosHeaders(caller.token)
    const { headers: accepted, body } = await slow.grantCosmos('reader', caller.principalId)
    assert.deepEqual(body, { status: 'Enqueued' })
    const operation = String(accepted['azure-asyncoperation'])
    const assignment = String(accepted.location)
      .replace(/\/operationResults\/.*/, '')
      .replace(/^https:\/\/[^/]+/, '')
    assert.match(operation, /\/providers\/Microsoft\.DocumentDB\/locations\/eastus\/operationsStatus\//)
    assert.equal((await slow.call('GET', operation)).body.status, 'InProgress')
    assert.equal((await slow.call('GET', assignment)).status, 404)
    assert.equal((await slow.send(url, { headers })).status, 403)
    advance(30_000)
    assert.equal((await slow.call('GET', operation)).body.status, 'Succeeded')
    assert.equal((await slow.call('GET', assignment)).body.properties.principalId, caller.principalId)
    assert.equal((await slow.send(url, { headers })).status, 200)
    assert.equal((await slow.call('DELETE', assignment)).status, 202)
    assert.equal((await slow.send(url, { headers })).status, 200)
    advance(30_000)
    assert.equal((await slow.send(url, { headers })).status, 403)
    assert.equal((await slow.call('DELETE', assignment)).status, 204)
  } finally {
    await slow.sandbox.close()
  }
})

test('an assignment whose operation fails never takes effect', async () => {
  at.sandbox.faults.add({ fault: 'operation-fails', path: '*/sqlRoleAssignments/*', method: 'PUT' })
  const caller = await at.newCaller(audience)
  const { headers } = await at.grantCosmos('reader', caller.principalId)
  const { body } = await at.call('GET', String(headers['azure-asyncoperation']))
  assert.equal(body.status, 'Failed')
  assert.deepEqual((await send('GET', '/', caller.token)).reason[0], 403)
})
