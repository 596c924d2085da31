import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { managedIdentities } from '../../../sandbox/arm/identity/identities.ts'
import { handClock, openArm } from '../../support/arm-session.ts'

let arm: Awaited<ReturnType<typeof openArm>>
let path = ''
const { clock, pass } = handClock()
const location = 'eastus'

before(async () => {
  arm = await openArm({ clock, pace: 0.01 })
  await arm.ready()
  path = `${arm.providers}/Microsoft.ManagedIdentity/userAssignedIdentities/shop`
})
after(() => arm.sandbox.close())

test('an identity keeps its ids, and a new one gets new ids', async () => {
  const { state, ask } = arm
  const made = await ask('PUT', path, { location })
  assert.equal(made.status, 201)
  assert.equal(made.headers.location, made.body.id)
  assert.match(made.body.id, /\/resourcegroups\/rg\/providers\/Microsoft\.ManagedIdentity\//)
  const { principalId, clientId, tenantId } = made.body.properties
  assert.equal(tenantId, state.tenant.id)
  const principal = state.directory.servicePrincipals[principalId]!
  assert.deepEqual([principal.appId, principal.type], [clientId, 'ManagedIdentity'])
  const again = await ask('PUT', path, { location, tags: { a: 'b' } })
  assert.deepEqual(
    [again.status, again.body.properties, again.body.tags],
    [200, made.body.properties, { a: 'b' }],
  )
  assert.equal((await ask('DELETE', path)).status, 200)
  assert.equal((await ask('DELETE', path)).status, 204)
  assert.equal(state.directory.servicePrincipals[principalId], undefined)
  const anew = await ask('PUT', path, { location })
  assert.notEqual(anew.body.properties.clientId, clientId)
})

const properties = {
  issuer: 'https://issuer.test/',
  subject: 'system:serviceaccount:shop:api',
  audiences: ['api://AzureADTokenExchange'],
}

test('a federated credential waits for the directory', async () => {
  const early = await arm.ask('PUT', `${path}/federatedIdentityCredentials/first`, { properties })
  assert.equal(early.status, 404)
  assert.match(early.body.error.message, /^MS Graph resource not found/)
  pass(arm.simulator.durationOf('directoryLag'))
  const made = await arm.ask('PUT', `${path}/federatedIdentityCredentials/first`, { properties })
  assert.equal(made.status, 201)
  assert.deepEqual(made.body.properties, properties)
  assert.equal(
    made.body.type,
    'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials',
  )
  assert.equal(managedIdentities(arm.simulator)[0]!.credentials[0]!.subject, properties.subject)
})

test('the same credential again changes nothing, another subject does', async () => {
  const credential = managedIdentities(arm.simulator)[0]!.credentials[0]!
  const { changedAt } = credential
  pass(1000)
  assert.equal(
    (await arm.ask('PUT', `${path}/federatedIdentityCredentials/FIRST`, { properties })).status,
    200,
  )
  assert.equal(credential.changedAt, changedAt)
  const subject = 'system:serviceaccount:shop:web'
  await arm.ask('PUT', `${path}/federatedIdentityCredentials/first`, {
    properties: { ...properties, subject },
  })
  assert.deepEqual([credential.subject, credential.changedAt > changedAt], [subject, true])
  await arm.ask('PUT', `${path}/federatedIdentityCredentials/first`, { properties })
})

test('what a credential may not be is refused', async () => {
  const refusal = async (name: string, changes: object | undefined) => {
    const json = changes ? { properties: { ...properties, ...changes } } : {}
    const { status, body } = await arm.ask('PUT', `${path}/federatedIdentityCredentials/${name}`, json)
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
  const orphan = await arm.ask('PUT', `${path}x/federatedIdentityCredentials/first`, { properties })
  assert.deepEqual([orphan.status, orphan.body.error.code], [404, 'ParentResourceNotFound'])
})

test('twenty are enough', async () => {
  for (let n = 2; n <= 20; n++) {
    const json = { properties: { ...properties, subject: `s${n}` } }
    assert.equal((await arm.ask('PUT', `${path}/federatedIdentityCredentials/fic${n}`, json)).status, 201)
  }
  const json = { properties: { ...properties, subject: 's21' } }
  assert.equal((await arm.ask('PUT', `${path}/federatedIdentityCredentials/fic21`, json)).status, 400)
  assert.equal((await arm.ask('GET', `${path}/federatedIdentityCredentials`)).body.value.length, 20)
  assert.equal((await arm.ask('DELETE', `${path}/federatedIdentityCredentials/fic20`)).status, 200)
  assert.equal((await arm.ask('DELETE', `${path}/federatedIdentityCredentials/fic20`)).status, 204)
  assert.equal((await arm.ask('GET', `${path}/federatedIdentityCredentials/fic20`)).status, 404)
  assert.equal((await arm.ask('PUT', `${path}/federatedIdentityCredentials/fic21`, json)).status, 201)
})
