import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { generateKeyPair, SignJWT } from 'jose'
import type { Resource } from '../../../../sandbox/arm/state.ts'
import type { Sandbox } from '../../../../sandbox/index.ts'
import { operatorToken, request } from '../../../support/request.ts'
import { newSandbox } from '../../../support/sandbox.ts'

let sandbox: Sandbox
let token: string
let address: string
let vault: Resource
let clock = Date.now()

before(async () => {
  sandbox = await newSandbox({ clock: () => clock })
  address = `https://shop.${sandbox.simulator.addresses.vaultSuffix}`
})
after(() => sandbox.close())

beforeEach(async () => {
  const { state } = sandbox
  const id = `/subscriptions/${state.subscription.id}/resourceGroups/Shop/providers/Microsoft.KeyVault/vaults/shop`
  vault = {
    createdAt: 0,
    changedAt: 0,
    body: {
      id,
      name: 'shop',
      type: 'Microsoft.KeyVault/vaults',
      location: 'westeurope',
      properties: {
        tenantId: state.tenant.id,
        softDeleteRetentionInDays: 7,
        accessPolicies: [
          {
            tenantId: state.tenant.id,
            objectId: state.operator.objectId,
            permissions: { secrets: ['Get', 'LIST', 'set', 'delete', 'recover', 'purge'] },
          },
        ],
      },
    },
  }
  state.arm.resources[id.toLowerCase()] = vault
  state.arm.deletedVaults = {}
  state.vaults = {}
  token = await operatorToken(sandbox, sandbox.simulator.addresses.vaultResource)
})

const call = (method: string, path: string, json?: unknown, as = token) =>
  request(sandbox, `${address}${path}${path.includes('?') ? '&' : '?'}api-version=2025-07-01`, {
    method,
    token: as,
    ...(json === undefined ? {} : { json }),
  })

const refused = (answer: Awaited<ReturnType<typeof call>>, status: number, code: string, inner?: string) =>
  assert.deepEqual(
    [answer.status, answer.body.error.code, answer.body.error.innererror?.code],
    [status, code, inner],
    answer.body.error.message,
  )

test('the challenge for a missing token contains the tenant and the resource', async () => {
  const answer = await request(sandbox, `${address}/secrets/x?api-version=7.4`)
  refused(answer, 401, 'Unauthorized')
  assert.match(answer.body.error.message, /^AKV10000: /)
  const { login, vaultResource } = sandbox.simulator.addresses
  assert.equal(
    answer.headers['www-authenticate'],
    `Bearer authorization="${login}/${sandbox.state.tenant.id}", resource="${vaultResource}"`,
  )
  assert.equal(answer.headers['x-ms-keyvault-region'], 'westeurope')
  assert.match(String(answer.headers['x-ms-keyvault-network-info']), /^conn_type=Ipv4;addr=127\.0\.0\.1;/)
})

test('tokens with a wrong audience, issuer or signature, and expired ones, are rejected', async () => {
  const message = async (as: string) => {
    const answer = await call('GET', '/secrets/x', undefined, as)
    refused(answer, 401, 'Unauthorized')
    assert.ok(answer.headers['www-authenticate'])
    return answer.body.error.message
  }
  const forArm = await operatorToken(sandbox, sandbox.simulator.addresses.arm)
  assert.match(await message(forArm), /^AKV10022: Invalid audience/)
  const { privateKey } = await generateKeyPair('RS256')
  const forged = (issuer: string) =>
    new SignJWT({ oid: 'x', aud: sandbox.simulator.addresses.vaultResource, exp: 4_000_000_000 })
      .setIssuer(issuer)
      .setProtectedHeader({ alg: 'RS256' })
      .sign(privateKey)
  assert.match(await message(await forged('https://sts.windows.net/other/')), /^AKV10032: /)
  assert.match(
    await message(await forged(`https://sts.windows.net/${sandbox.state.tenant.id}/`)),
    /^AKV10046: /,
  )
  clock += 4_000_000
  assert.match(await message(token), /TokenExpired/)
})

test('a secret is set, read, versioned, updated and listed in pages', async () => {
  const { body: first } = await call('PUT', '/secrets/Word', { value: 'one', contentType: 'text/plain' })
  assert.deepEqual(Object.keys(first), ['value', 'contentType', 'id', 'attributes', 'tags'])
  assert.match(first.id, /^https:\/\/shop\.vault\.localhost:\d+\/secrets\/Word\/[0-9a-f]{32}$/)
  assert.partialDeepStrictEqual(first.attributes, {
    enabled: true,
    recoveryLevel: 'CustomizedRecoverable+Purgeable',
    recoverableDays: 7,
  })
  await call('PUT', '/secrets/word', { value: 'two' })
  assert.equal((await call('GET', '/secrets/word/')).body.value, 'two')
  assert.equal((await call('GET', new URL(first.id).pathname)).body.value, 'one')
  refused(await call('GET', `/secrets/word/${'0'.repeat(32)}`), 404, 'SecretNotFound')

  const versions = await call('GET', '/secrets/word/versions?maxresults=1')
  assert.equal(versions.body.value.length, 1)
  const rest = await request(sandbox, versions.body.nextLink, { token })
  assert.deepEqual([rest.body.value.length, rest.body.nextLink], [1, null])
  assert.equal(rest.body.value[0].value, undefined)

  const patched = await call('PATCH', '/secrets/word/', { attributes: { enabled: false }, tags: { a: 'b' } })
  assert.deepEqual([patched.body.value, patched.body.tags], [undefined, { a: 'b' }])
  refused(await call('GET', '/secrets/word'), 403, 'Forbidden', 'SecretDisabled')
  const list = await call('GET', '/secrets')
  assert.deepEqual(
    list.body.value.map(({ id }: { id: string }) => id),
    [`${address}/secrets/Word`],
  )
  // A disabled secret can be read once it is deleted.
  await call('DELETE', '/secrets/word')
  assert.equal((await call('GET', '/deletedsecrets/word')).body.attributes.enabled, false)
  await call('POST', '/deletedsecrets/word/recover')
})

test('invalid requests are rejected', async () => {
  refused(await call('PUT', '/secrets/under_score', { value: 'x' }), 400, 'BadParameter')
  refused(await call('PUT', '/secrets/big', { value: 'x'.repeat(25_601) }), 400, 'BadParameter')
  refused(await call('PUT', '/secrets/none', {}), 400, 'BadParameter')
  refused(await call('GET', '/secrets?maxresults=26'), 400, 'BadParameter')
  refused(await request(sandbox, `${address}/secrets`, { token }), 400, 'BadParameter')
})

test('the name of a deleted secret is taken until it is recovered or purged', async () => {
  await call('PUT', '/secrets/word', { value: 'one' })
  const { body: gone } = await call('DELETE', '/secrets/word')
  assert.equal(gone.recoveryId, `${address}/deletedsecrets/word`)
  assert.equal(gone.scheduledPurgeDate - gone.deletedDate, 7 * 86_400)
  refused(await call('GET', '/secrets/word'), 404, 'SecretNotFound')
  refused(
    await call('PUT', '/secrets/word', { value: 'two' }),
    409,
    'Conflict',
    'ObjectIsDeletedButRecoverable',
  )
  assert.equal((await call('GET', '/deletedsecrets/word')).status, 200)
  assert.equal((await call('POST', '/deletedsecrets/word/recover')).status, 200)
  assert.equal((await call('GET', '/secrets/word')).body.value, 'one')
  await call('DELETE', '/secrets/word')
  assert.equal((await call('DELETE', '/deletedsecrets/word')).status, 204)
  refused(await call('GET', '/deletedsecrets/word'), 404, 'SecretNotFound')
  await call('PUT', '/secrets/word', { value: 'three' })
  await call('DELETE', '/secrets/word')
  clock += 8 * 86_400_000
  token = await operatorToken(sandbox, sandbox.simulator.addresses.vaultResource)
  refused(await call('GET', '/deletedsecrets/word'), 404, 'SecretNotFound')
})

test('a missing permission or role returns 403 whether or not the secret exists', async () => {
  const { properties } = vault.body
  properties.accessPolicies = [
    {
      tenantId: sandbox.state.tenant.id,
      objectId: sandbox.state.operator.objectId,
      permissions: { secrets: ['all'] },
    },
  ]
  refused(await call('GET', '/secrets/absent'), 404, 'SecretNotFound')
  refused(await call('DELETE', '/deletedsecrets/absent'), 403, 'Forbidden', 'AccessDenied')
  properties.accessPolicies = []
  const denied = await call('GET', '/secrets/absent')
  refused(denied, 403, 'Forbidden', 'AccessDenied')
  assert.match(denied.body.error.message, /does not have secrets get permission on key vault 'shop;location=/)

  properties.enableRbacAuthorization = true
  const roleless = await call('GET', '/secrets/absent')
  refused(roleless, 403, 'Forbidden', 'ForbiddenByRbac')
  assert.match(
    roleless.body.error.message,
    /\/resourcegroups\/shop\/providers\/microsoft\.keyvault\/vaults\//,
  )
  const id = `${vault.body.id}/providers/Microsoft.Authorization/roleAssignments/x`
  sandbox.state.arm.roleAssignments[id.toLowerCase()] = {
    id,
    name: 'x',
    scope: vault.body.id,
    roleDefinitionId: '/x/4633458b-17de-408a-b874-0445c86b69e6',
    principalId: sandbox.state.operator.objectId,
    principalType: 'ServicePrincipal',
    createdAt: 0,
    extra: {},
  }
  refused(await call('GET', '/secrets/absent'), 404, 'SecretNotFound')
  refused(await call('PUT', '/secrets/absent', { value: 'x' }), 403, 'Forbidden', 'ForbiddenByRbac')
  delete sandbox.state.arm.roleAssignments[id.toLowerCase()]
})

test('the firewall is checked after the token and before the permission', async () => {
  const { properties } = vault.body
  properties.accessPolicies = []
  properties.networkAcls = { defaultAction: 'Deny', ipRules: [{ value: '10.0.0.0/8' }] }
  refused(await call('GET', '/secrets/x'), 403, 'Forbidden', 'ForbiddenByFirewall')
  refused(await request(sandbox, `${address}/secrets/x`), 401, 'Unauthorized')
  properties.networkAcls = { defaultAction: 'Deny', ipRules: [{ value: '127.0.0.1' }] }
  refused(await call('GET', '/secrets/x'), 403, 'Forbidden', 'AccessDenied')
  properties.publicNetworkAccess = 'Disabled'
  refused(await call('GET', '/secrets/x'), 403, 'Forbidden', 'ForbiddenByConnection')
})

test('an unknown vault has no host, and a deleted one returns 404', async () => {
  const { arm } = sandbox.state
  delete arm.resources[vault.body.id.toLowerCase()]
  await assert.rejects(call('GET', '/secrets/x'), { code: 'ECONNRESET' })
  arm.deletedVaults.shop = { vault, deletedAt: clock, purgeAt: clock + 1 }
  assert.equal((await call('GET', '/secrets/x')).status, 404)
})

test('a backup restores all versions of a secret, unless its name is taken', async () => {
  const permissions = (vault.body.properties.accessPolicies as { permissions: { secrets: string[] } }[])[0]!
    .permissions
  await call('PUT', '/secrets/s1', { value: 'one' })
  const second = await call('PUT', '/secrets/s1', { value: 'two' })
  assert.equal((await call('POST', '/secrets/s1/backup')).body.error.innererror.code, 'AccessDenied')
  permissions.secrets.push('backup', 'restore')
  const { status, body } = await call('POST', '/secrets/s1/backup')
  assert.equal(status, 200)
  assert.doesNotMatch(Buffer.from(body.value, 'base64url').toString('latin1'), /two/)
  assert.equal((await call('POST', '/secrets/restore', { value: body.value })).status, 409)
  await call('DELETE', '/secrets/s1')
  clock += 60_000
  await call('DELETE', '/deletedsecrets/s1')
  for (const value of ['nonsense', 5, undefined])
    assert.equal((await call('POST', '/secrets/restore', { value })).status, 400)
  const restored = await call('POST', '/secrets/restore', { value: body.value })
  assert.deepEqual([restored.status, restored.body.id], [200, second.body.id])
  assert.equal((await call('GET', '/secrets/s1')).body.value, 'two')
  assert.equal((await call('GET', '/secrets/s1/versions')).body.value.length, 2)
})

test('a policy for secrets gives no access to keys and certificates', async () => {
  for (const [collection, path] of [
    ['keys', '/keys'],
    ['keys', '/keys/signing'],
    ['certificates', '/certificates/shop-tls'],
    ['certificates', '/certificates/contacts'],
  ] as const) {
    const answer = await call('GET', path)
    refused(answer, 403, 'Forbidden', 'AccessDenied')
    assert.match(answer.body.error.message, new RegExp(`does not have ${collection} \\w+ permission`))
  }
})
