import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { managedIdentities } from '../../../../sandbox/arm/identity/identities.ts'
import { manualClock, openArm } from '../../../support/arm-session.ts'

let arm: Awaited<ReturnType<typeof openArm>>
let path = ''
const { clock, advance } = manualClock()
const location = 'eastus'

before(async () => {
  arm = await openArm({ clock, pace: 0.01 })
  await arm.prepare()
  path = `${arm.providers}/Microsoft.ManagedIdentity/userAssignedIdentities/shop`
})
after(() => arm.sandbox.close())

test('an update keeps the IDs of an identity, and a new identity gets new IDs', async () => {
  const { state, call } = arm
  const created = await call('PUT', path, { location })
  assert.equal(created.status, 201)
  assert.equal(created.headers.location, created.body.id)
  assert.match(created.body.id, /\/resourcegroups\/rg\/providers\/Microsoft\.ManagedIdentity\//)
  const { principalId, clientId, tenantId } = created.body.properties
  assert.equal(tenantId, state.tenant.id)
  const principal = state.directory.servicePrincipals[principalId]!
  assert.deepEqual([principal.appId, principal.type], [clientId, 'ManagedIdentity'])
  const repeated = await call('PUT', path, { location, tags: { a: 'b' } })
  assert.deepEqual(
    [repeated.status, repeated.body.properties, repeated.body.tags],
    [200, created.body.properties, { a: 'b' }],
  )
  assert.equal((await call('DELETE', path)).status, 200)
  assert.equal((await call('DELETE', path)).status, 204)
  assert.equal(state.directory.servicePrincipals[principalId], undefined)
  const anew = await call('PUT', path, { location })
  assert.notEqual(anew.body.properties.clientId, clientId)
})

const properties = {
  issuer: 'https://issuer.test/',
  subject: 'system:serviceaccount:shop:api',
  audiences: ['api://AzureADTokenExchange'],
}

test('a federated credential fails until the directory knows the identity', async () => {
  const early = await arm.call('PUT', `${path}/federatedIdentityCredentials/first`, { properties })
  assert.equal(early.status, 404)
  assert.match(early.body.error.message, /^MS Graph resource not found/)
  advance(arm.simulator.durationOf('directoryLag'))
  const created = await arm.call('PUT', `${path}/federatedIdentityCredentials/first`, { properties })
  assert.equal(created.status, 201)
  assert.deepEqual(created.body.properties, properties)
  assert.equal(
    created.body.type,
    'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials',
  )
  assert.equal(managedIdentities(arm.simulator)[0]!.credentials[0]!.subject, properties.subject)
})

test('writing the same credential again changes nothing, another subject does', async () => {
  const credential = managedIdentities(arm.simulator)[0]!.credentials[0]!
  const { changedAt } = credential
  advance(1000)
  assert.equal(
    (await arm.call('PUT', `${path}/federatedIdentityCredentials/FIRST`, { properties })).status,
    200,
  )
  assert.equal(credential.changedAt, changedAt)
  const subject = 'system:serviceaccount:shop:web'
  await arm.call('PUT', `${path}/federatedIdentityCredentials/first`, {
    properties: { ...properties, subject },
  })
  assert.deepEqual([credential.subject, credential.changedAt > changedAt], [subject, true])
  await arm.call('PUT', `${path}/federatedIdentityCredentials/first`, { properties })
})

test('invalid federated credentials are rejected', async () => {
  const refusal = async (name: string, changes: object | undefined) => {
    const json = changes ? { properties: { ...properties, ...changes } } : {}
    const { status, body } = await arm.call('PUT', `${path}/federatedIdentityCredentials/${name}`, json)
    return [status, body.error.code, body.error.message]
  }
  assert.deepEqual(await refusal('twin', {}), [
    409,
    'Conflict',
    'Issuer and subject combination already exists for this Managed Identity.',
  ])
  assert.deepEqual(await refusal('other', { subject: 'x', audiences: ['a', 'b'] }), [
    400,
    'InvalidFederatedIdentityCredentialsAudienceLength',
    'Federated identity credentials must have exactly one audience.',
  ])
  assert.equal(
    (await refusal('ab', { subject: 'x' }))[2],
    "Federated Identity Credential name 'ab' is invalid.",
  )
  assert.equal(
    (await refusal('other', undefined))[2],
    'Federated Identity Credential from HTTP body has empty properties',
  )
  const orphan = await arm.call('PUT', `${path}x/federatedIdentityCredentials/first`, { properties })
  assert.deepEqual([orphan.status, orphan.body.error.code], [404, 'ParentResourceNotFound'])
})

test('an identity has at most 20 federated credentials', async () => {
  for (let n = 2; n <= 20; n++) {
    const json = { properties: { ...properties, subject: `s${n}` } }
    assert.equal((await arm.call('PUT', `${path}/federatedIdentityCredentials/fic${n}`, json)).status, 201)
  }
  const json = { properties: { ...properties, subject: 's21' } }
  assert.equal((await arm.call('PUT', `${path}/federatedIdentityCredentials/fic21`, json)).status, 400)
  assert.equal((await arm.call('GET', `${path}/federatedIdentityCredentials`)).body.value.length, 20)
  assert.equal((await arm.call('DELETE', `${path}/federatedIdentityCredentials/fic20`)).status, 200)
  assert.equal((await arm.call('DELETE', `${path}/federatedIdentityCredentials/fic20`)).status, 204)
  assert.equal((await arm.call('GET', `${path}/federatedIdentityCredentials/fic20`)).status, 404)
  assert.equal((await arm.call('PUT', `${path}/federatedIdentityCredentials/fic21`, json)).status, 201)
})
