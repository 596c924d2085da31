import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { isAllowed } from '../../../../sandbox/arm/authorization/permissions.ts'
import { manualClock, openArm } from '../../../support/arm-session.ts'

let arm: Awaited<ReturnType<typeof openArm>>
const { clock, advance } = manualClock()
const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
const contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
const secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
const getSecret = 'Microsoft.KeyVault/vaults/secrets/getSecret/action'

before(async () => {
  arm = await openArm({ clock, pace: 0.01 })
  await arm.prepare()
})
after(() => arm.sandbox.close())

const at = (scope: string, name: string) =>
  `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`

const assign = (
  scope: string,
  role: string,
  principalId: string,
  more: object = {},
  name: string = randomUUID(),
) =>
  arm.call('PUT', at(scope, name), {
    properties: {
      roleDefinitionId: `${arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      principalId,
      ...more,
    },
  })

const given = { principalType: 'ServicePrincipal' }

test('a role takes effect after a delay, at its scope and below', async () => {
  const { simulator, group, subscription, call, newPrincipal } = arm
  const { principal, token } = await newPrincipal()
  const created = await assign(group, reader, principal.id, given)
  assert.equal(created.status, 201)
  assert.equal(created.body.properties.createdBy, null)
  assert.equal((await call('GET', group, undefined, { token })).status, 403)
  advance(simulator.durationOf('roleLag'))
  assert.equal((await call('GET', group.toLowerCase(), undefined, { token })).status, 200)
  assert.equal((await call('PUT', group, { location: 'eastus' }, { token })).status, 403)
  assert.equal((await call('GET', `${subscription}/resourceGroups`, undefined, { token })).status, 403)
  assert.equal((await call('GET', '/subscriptions', undefined, { token })).body.value.length, 1)
  const removed = await call('DELETE', created.body.id)
  assert.deepEqual([removed.status, removed.body.name], [200, created.body.name])
  assert.equal((await call('DELETE', created.body.id)).status, 204)
  assert.equal((await call('GET', group, undefined, { token })).status, 200)
  advance(simulator.durationOf('roleLag'))
  assert.equal((await call('GET', group, undefined, { token })).status, 403)
})

test('contributors can neither assign roles nor read secrets', async () => {
  const { simulator, group, call, newPrincipal } = arm
  const { principal, token } = await newPrincipal()
  await assign(group, contributor, principal.id, given)
  advance(simulator.durationOf('roleLag'))
  assert.equal((await call('PUT', group, { location: 'eastus' }, { token })).status, 200)
  const { status, body } = await call('PUT', at(group, randomUUID()), { properties: {} }, { token })
  assert.equal(status, 403)
  assert.match(body.error.message, /action 'Microsoft\.Authorization\/roleAssignments\/write'/)
  assert.equal(
    isAllowed(simulator, principal.id, getSecret, `${group}/providers/Microsoft.KeyVault/vaults/v`, 'data'),
    false,
  )
  const rights = (
    await call('GET', `${group}/providers/Microsoft.Authorization/permissions`, undefined, { token })
  ).body
  assert.equal(rights.value.length, 1)
  assert.ok(rights.value[0].notActions.includes('Microsoft.Authorization/*/Write'))
})

test('data actions are checked separately, down to a single secret', async () => {
  const { simulator, state, group, providers, call, newPrincipal } = arm
  const { principal } = await newPrincipal()
  const vault = `${providers}/Microsoft.KeyVault/vaults/rolevault`
  assert.equal((await assign(vault, secretsUser, principal.id, given)).body.error.code, 'ResourceNotFound')
  await call('PUT', vault, {
    location: 'eastus',
    properties: { tenantId: state.tenant.id, sku: { family: 'A', name: 'standard' } },
  })
  assert.equal((await assign(`${vault}/secrets/one`, secretsUser, principal.id, given)).status, 201)
  advance(simulator.durationOf('roleLag'))
  const may = (scope: string, action = getSecret) => isAllowed(simulator, principal.id, action, scope, 'data')
  assert.equal(may(`${vault.toUpperCase()}/SECRETS/ONE`), true)
  assert.equal(may(`${vault}/secrets/one2`), false)
  assert.equal(may(vault), false)
  assert.equal(may(`${vault}/secrets/one`, 'Microsoft.KeyVault/vaults/secrets/setSecret/action'), false)
  assert.equal(isAllowed(simulator, principal.id, getSecret, `${vault}/secrets/one`), false)
  await call('DELETE', vault)
  assert.equal(may(`${vault}/secrets/one`), false)
  assert.ok(group)
})

test('invalid role assignments are rejected', async () => {
  const { state, subscription, group, newPrincipal } = arm
  const { principal } = await newPrincipal()
  const error = async (answer: ReturnType<typeof assign>) => {
    const { status, body } = await answer
    return [status, body.error?.code, body.error?.message]
  }
  const early = await error(assign(group, reader, principal.id))
  assert.deepEqual(early.slice(0, 2), [400, 'PrincipalNotFound'])
  assert.ok(
    early[2].startsWith(`Principal ${principal.id} does not exist in the directory ${state.tenant.id}.`),
  )
  assert.equal((await error(assign(group, reader, randomUUID())))[1], 'PrincipalNotFound')
  advance(arm.simulator.durationOf('directoryLag'))
  const name = randomUUID()
  const created = await assign(group, reader, principal.id, {}, name)
  assert.deepEqual([created.status, created.body.properties.principalType], [201, 'ServicePrincipal'])
  assert.equal((await assign(group, reader, principal.id, {}, name)).status, 200)
  assert.deepEqual(
    await error(
      assign(group.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'), reader, principal.id),
    ),
    [
      409,
      'RoleAssignmentExists',
      `The role assignment already exists. The ID of the existing role assignment is ${name.replaceAll('-', '')}.`,
    ],
  )
  assert.deepEqual((await error(assign(group, contributor, principal.id, {}, name))).slice(0, 2), [
    400,
    'RoleAssignmentUpdateNotPermitted',
  ])
  assert.equal(
    (await error(assign(group, contributor, principal.id, { principalType: 'User' })))[2],
    `The PrincipalId '${principal.id.replaceAll('-', '')}' has type 'ServicePrincipal' , which is different from specified PrinciaplType 'User'.`,
  )
  assert.equal((await error(assign(group, randomUUID(), principal.id)))[1], 'RoleDefinitionDoesNotExist')
  assert.equal(
    (await error(assign(`${subscription}/resourceGroups/no`, reader, principal.id)))[1],
    'ResourceGroupNotFound',
  )
})

test('assignments are listed at, above and below a scope', async () => {
  const { subscription, group, call, newPrincipal, state } = arm
  const { principal } = await newPrincipal()
  await assign(group, reader, principal.id, given)
  const list = async (scope: string, filter?: string) => {
    const query = filter ? `?$filter=${encodeURIComponent(filter)}` : ''
    const { body } = await call('GET', `${scope}/providers/Microsoft.Authorization/roleAssignments${query}`)
    return body.value.map(({ properties }: { properties: { principalId: string } }) => properties.principalId)
  }
  const owner = state.operator.objectId
  assert.deepEqual(await list(subscription, 'atScope()'), [owner])
  assert.ok((await list(group, 'atScope()')).includes(owner))
  assert.deepEqual(await list(subscription, `principalId eq '${principal.id}'`), [principal.id])
  assert.deepEqual(await list(subscription, `atScope() and assignedTo('${principal.id}')`), [])
  assert.deepEqual(await list(subscription, `assignedTo('${principal.id}')`), [principal.id])
})

test('role definitions are found by name and by ID', async () => {
  const { subscription, call } = arm
  const definitions = '/providers/Microsoft.Authorization/roleDefinitions'
  const found = await call('GET', `${definitions}?$filter=roleName+eq+'key%20vault+secrets+user'`)
  const [role] = found.body.value
  assert.equal(found.body.value.length, 1)
  assert.equal(role.id, `${definitions}/${secretsUser}`)
  assert.deepEqual(role.properties.permissions[0].dataActions, [
    getSecret,
    'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
  ])
  const below = (await call('GET', `${subscription}${definitions}/${secretsUser}`)).body
  assert.equal(below.id, `${subscription}${definitions}/${secretsUser}`)
  assert.deepEqual(
    (await call('GET', `${definitions}?$filter=roleName eq 'None'`.replaceAll(' ', '+'))).body.value,
    [],
  )
})
