import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { manualClock, openArm } from '../../../support/arm-session.ts'
import { operatorToken, request } from '../../../support/request.ts'

let arm: Awaited<ReturnType<typeof openArm>>
const { clock, advance } = manualClock()

before(async () => {
  arm = await openArm({ clock })
})
after(() => arm.sandbox.close())

test('the challenge for a missing token contains the tenant', async () => {
  const { sandbox, simulator, state, subscription } = arm
  const url = `${simulator.addresses.arm}${subscription}?api-version=2022-12-01`
  for (const headers of [{}, { authorization: 'Bearer ' }]) {
    const { status, headers: answered, body } = await request(sandbox, url, { headers })
    assert.equal(status, 401)
    assert.equal(body.error.code, 'AuthenticationFailed')
    assert.equal(
      answered['www-authenticate'],
      `Bearer authorization_uri="${simulator.addresses.login}/${state.tenant.id}", error="invalid_token", error_description="The authentication failed because of missing 'Authorization' header."`,
    )
  }
})

test('each kind of invalid token has its own error', async () => {
  const { sandbox, simulator, token, subscription, call } = arm
  const code = async (other: string) => {
    const { status, body } = await call('GET', subscription, undefined, { token: other })
    return [status, body.error.code, body.error.message]
  }
  assert.deepEqual(await code('abc'), [401, 'InvalidAuthenticationToken', 'The access token is invalid.'])
  const changed = `${token.slice(0, -8)}AAAAAAAA`
  assert.equal((await code(changed))[1], 'InvalidAuthenticationToken')
  const [, wrong, why] = await code(await operatorToken(sandbox, simulator.addresses.graph))
  assert.equal(wrong, 'InvalidAuthenticationTokenAudience')
  assert.match(
    why,
    /^The access token has been obtained for wrong audience or resource 'https:.+'\. It should exactly match with one of the allowed audiences 'https:.+\/','https:.+'/,
  )
  const audiences = [
    `${simulator.addresses.arm}/`,
    'https://management.core.windows.net/',
    'https://management.azure.com',
  ]
  for (const resource of audiences)
    assert.equal(
      (await call('GET', subscription, undefined, { token: await operatorToken(sandbox, resource) })).status,
      200,
      resource,
    )
  const short = await operatorToken(sandbox, simulator.addresses.arm)
  advance(3 * 3_600_000)
  const [, expired, since] = await code(short)
  assert.equal(expired, 'ExpiredAuthenticationToken')
  assert.equal(
    since,
    "The access token expiry UTC time '11/23/2026 5:00:00 PM' is earlier than current UTC time '11/23/2026 7:00:00 PM'.",
  )
  advance(-3 * 3_600_000)
})

test('a 403 names the action and the scope', async () => {
  const { subscription, call, newPrincipal } = arm
  const { principal, token } = await newPrincipal()
  const { status, body } = await call(
    'PUT',
    `${subscription}/resourceGroups/x`,
    { location: 'eastus' },
    { token },
  )
  assert.equal(status, 403)
  assert.deepEqual(body.error, {
    code: 'AuthorizationFailed',
    message: `The client '${principal.appId}' with object id '${principal.id}' does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourceGroups/write' over scope '${subscription}/resourceGroups/x' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  })
  assert.deepEqual((await call('GET', '/subscriptions', undefined, { token })).body.value, [])
  assert.equal((await call('GET', '/subscriptions')).body.value.length, 1)
})

test('the api-version is required and must be well-formed', async () => {
  const { sandbox, simulator, token, call } = arm
  const none = await request(sandbox, `${simulator.addresses.arm}/subscriptions`, { token })
  assert.deepEqual([none.status, none.body.error.code], [400, 'MissingApiVersionParameter'])
  const bad = await call('GET', '/subscriptions', undefined, { version: 'latest' })
  assert.deepEqual([bad.status, bad.body.error.code], [400, 'InvalidApiVersionParameter'])
  assert.equal(
    (await call('GET', '/subscriptions', undefined, { version: '2031-01-01-preview' })).status,
    200,
  )
  const encoded = `${simulator.addresses.arm}//subscriptions/?api%2Dversion=2022-12-01`
  assert.equal((await request(sandbox, encoded, { token })).status, 200)
})

test('responses carry the headers of Resource Manager', async () => {
  const { headers } = await arm.call('GET', '/subscriptions', undefined, {
    headers: { 'x-ms-client-request-id': 'mine', 'x-ms-return-client-request-id': 'true' },
  })
  assert.match(headers['x-ms-routing-request-id'] as string, /^EASTUS:\d{8}T\d{6}Z:[0-9a-f-]{36}$/)
  assert.equal(headers['x-ms-client-request-id'], 'mine')
  assert.equal(headers['cache-control'], 'no-cache')
  assert.equal(headers.expires, '-1')
  assert.ok(headers['x-ms-request-id'] && headers['x-ms-correlation-request-id'])
  assert.equal(headers['x-ms-ratelimit-remaining-subscription-reads'], '249')
  assert.equal(headers['x-ms-ratelimit-remaining-subscription-global-reads'], '3749')
  const quiet = await arm.call('GET', '/subscriptions', undefined, {
    headers: { 'x-ms-client-request-id': 'mine' },
  })
  assert.equal(quiet.headers['x-ms-client-request-id'], undefined)
})

test('the metadata document has three shapes and needs no token', async () => {
  const { sandbox, simulator } = arm
  const at = async (version: string) =>
    (await request(sandbox, `${simulator.addresses.arm}//metadata/endpoints?api-version=${version}`)).body
  const one = await at('2022-09-01')
  assert.equal(one.name, 'WiSandbox')
  assert.equal(one.authentication.audiences[0], simulator.addresses.arm)
  assert.equal(one.suffixes.keyVaultDns, simulator.addresses.vaultSuffix)
  assert.ok(one.resourceManager && one.microsoftGraphResourceId)
  assert.deepEqual(await at('2019-05-01'), [one])
  const old = await at('1.0')
  assert.deepEqual(Object.keys(old), ['galleryEndpoint', 'graphEndpoint', 'portalEndpoint', 'authentication'])
})

test('a 404 names what does not exist', async () => {
  const { subscription, call } = arm
  const code = async (path: string, method = 'GET') => {
    const { status, body } = await call(method, path)
    return [status, body.error.code]
  }
  assert.deepEqual(await code(`${subscription}/resourceGroups/no/providers/Microsoft.KeyVault/vaults/v`), [
    404,
    'ResourceGroupNotFound',
  ])
  assert.deepEqual(await code(`${subscription}/providers/Microsoft.Nothing/things`), [
    404,
    'InvalidResourceNamespace',
  ])
  assert.deepEqual(await code(`${subscription}/providers/Microsoft.KeyVault/things`), [
    404,
    'InvalidResourceType',
  ])
  assert.deepEqual(await code(`/subscriptions/${randomUUID()}/resourceGroups`), [404, 'SubscriptionNotFound'])
  assert.deepEqual(await code(`${subscription}/locations`, 'PUT'), [405, 'MethodNotAllowed'])
})
