import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ServiceError } from '../../../../src/clients/service-error.ts'
import { explain } from '../../../../src/explain/index.ts'
import { openArm } from '../../../support/arm-session.ts'

const arm = await openArm()
after(() => arm.sandbox.close())
await arm.prepare()
const { subscription, call } = arm
const assign = (name: string, guid: string, parameters: Record<string, unknown>, scope = subscription) =>
  call('PUT', `${scope}/providers/Microsoft.Authorization/policyAssignments/${name}`, {
    properties: {
      displayName: `Rule ${name}`,
      policyDefinitionId: `/providers/Microsoft.Authorization/policyDefinitions/${guid}`,
      parameters: Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, { value }])),
    },
  })
const unassign = (name: string) =>
  call('DELETE', `${subscription}/providers/Microsoft.Authorization/policyAssignments/${name}`)
const identity = `${arm.providers}/Microsoft.ManagedIdentity/userAssignedIdentities/id-shop`

test('an unknown definition is not found', async () => {
  const { status, body } = await assign('x', crypto.randomUUID(), {})
  assert.deepEqual([status, body.error.code], [404, 'PolicyDefinitionNotFound'])
})

test('a required tag on groups denies a group without it; the fix names the assignment and no exception', async () => {
  await assign('costs', '96670d01-0a4d-4649-9c89-2d3abc0a5025', { tagName: 'cost-center' })
  const group = `${subscription}/resourceGroups/new`
  const { status, body } = await call('PUT', group, { location: 'westeurope' })
  assert.deepEqual([status, body.error.code], [403, 'RequestDisallowedByPolicy'])
  assert.match(body.error.message, /^Resource 'new' was disallowed by policy\..*"name":"Rule costs"/)
  const { what, remedy } = explain(new ServiceError({ service: 'arm', status, ...body.error }))
  assert.match(what, /"Require a tag on resource groups" does not allow new; its assignment is "Rule costs"/)
  assert.ok(JSON.stringify(remedy).includes(`"costs","--scope","${subscription}"`), JSON.stringify(remedy))
  assert.ok(!/exemption|delete/.test(JSON.stringify(remedy)))
  const tagged = { location: 'westeurope', tags: { 'Cost-Center': '7' } }
  assert.equal((await call('PUT', group, tagged)).status, 201)
  assert.equal((await call('PUT', identity, { location: 'westeurope' })).status, 201)
  assert.equal((await unassign('costs')).status, 200)
})

test('a required tag and allowed locations apply to resources, not to what is within them', async () => {
  await assign('tags', '871b6d14-10aa-478d-b590-94f262ecfa99', { tagName: 'owner' })
  assert.equal((await call('PATCH', identity, { tags: { a: 'b' } })).status, 403)
  const credential = `${identity}/federatedIdentityCredentials/main`
  const properties = { issuer: 'https://a.example/', subject: 's', audiences: ['api://AzureADTokenExchange'] }
  assert.equal((await call('PUT', credential, { properties })).status, 201)
  assert.equal((await call('PATCH', identity, { tags: { owner: 'b' } })).status, 200)
  await unassign('tags')
  await assign('places', 'e56962a6-4747-49cd-b67b-bf8b01975c4c', { listOfAllowedLocations: ['West Europe'] })
  const other = `${identity}2`
  assert.equal((await call('PUT', other, { location: 'eastus' })).status, 403)
  assert.equal((await call('PUT', other, { location: 'westeurope' })).status, 201)
  await unassign('places')
})

test('federated credentials are limited to allowed issuer types and exceptions', async () => {
  const allowed = { effect: 'Deny', allowFederatedCredentials: true, allowGitHub: true }
  await assign('issuers', '2571b7c3-3056-4a61-b00a-9bc5232234f5', {
    ...allowed,
    allowedIssuerExceptions: ['https://b.example/'],
  })
  const put = async (name: string, issuer: string) => {
    const properties = { issuer, subject: name, audiences: ['api://AzureADTokenExchange'] }
    return (await call('PUT', `${identity}/federatedIdentityCredentials/${name}`, { properties })).status
  }
  assert.equal(await put('other', 'https://c.example/'), 403)
  assert.equal(await put('exception', 'https://b.example/'), 201)
  assert.equal(await put('github', 'https://token.actions.githubusercontent.com'), 201)
})
