import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAllowed } from '../../../../sandbox/arm/authorization/permissions.ts'
import { findReaderRole } from '../../../../src/steps/secret-access.ts'
import { type Answer, operatorToken, request } from '../../../support/request.ts'
import { connectedSandbox } from '../../../support/sandbox.ts'

const { sandbox, state, clients } = await connectedSandbox()
const { arm, graph } = sandbox.simulator.addresses
const subscription = `/subscriptions/${state.subscription.id}`
const group = `${subscription}/resourceGroups/rg`
const readSecret = 'Microsoft.KeyVault/vaults/secrets/getSecret/action'

const send = async (base: string, path: string, method: string, json?: unknown): Promise<Answer> =>
  request(sandbox, base + path, { method, token: await operatorToken(sandbox, base), json })
const inArm = (method: string, path: string, json?: unknown) =>
  send(arm, `${path}?api-version=2022-04-01`, method, json)
const inGraph = (method: string, path: string, json?: unknown) => send(graph, `/v1.0${path}`, method, json)

await clients.groups.put('rg', { location: 'westeurope', tags: {} })
await clients.providers.register('Microsoft.ManagedIdentity')
await clients.identities.put('rg', 'id-shop', { location: 'westeurope', tags: {} })
const { principalId } = (await clients.identities.get('rg', 'id-shop'))!

const makeGroup = async (displayName: string): Promise<string> => {
  const body = { displayName, mailNickname: displayName, mailEnabled: false, securityEnabled: true }
  const { status, body: made } = await inGraph('POST', '/groups', body)
  assert.equal(status, 201)
  return made.id
}
const addMember = async (groupId: string, member: string) =>
  inGraph('POST', `/groups/${groupId}/members/$ref`, {
    '@odata.id': `${graph}/v1.0/directoryObjects/${member}`,
  })
const assign = (scope: string, role: string, principal: string) =>
  inArm('PUT', `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`, {
    properties: {
      roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      principalId: principal,
    },
  })

const secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
const custom = '11111111-2222-4333-8444-555555555555'
const definition = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${custom}`
const body = (roleName: string) => ({
  properties: {
    roleName,
    type: 'CustomRole',
    assignableScopes: [subscription],
    permissions: [{ dataActions: [readSecret] }],
  },
})

test('a principal has the roles of its groups, and of the groups of those', async () => {
  const [outer, inner] = [await makeGroup('readers'), await makeGroup('workloads')]
  assert.equal((await addMember(inner, principalId)).status, 204)
  assert.equal((await addMember(inner, principalId)).status, 400)
  assert.equal((await addMember(outer, inner)).status, 204)
  assert.equal((await assign(group, secretsUser, outer)).status, 201)
  const { body: all } = await inGraph('GET', `/servicePrincipals/${principalId}/transitiveMemberOf`)
  assert.deepEqual(all.value.map(({ id }: { id: string }) => id).sort(), [outer, inner].sort())
  const [grant, ...others] = await clients.roles.grants(group, principalId)
  assert.equal(others.length, 0)
  assert.deepEqual([grant?.roleName, grant?.principalId], ['Key Vault Secrets User', outer])
  assert.ok(grant?.permissions[0]?.dataActions.includes(readSecret))
  assert.deepEqual(await clients.roles.assignments(group, principalId), [])
  assert.equal((await inGraph('DELETE', `/groups/${outer}/members/${inner}/$ref`)).status, 204)
  assert.deepEqual(await clients.roles.grants(group, principalId), [])
})

test('a custom role is created, assigned, and deleted when it is no longer assigned', async () => {
  assert.equal((await inArm('PUT', definition, body('Secret Getter'))).status, 201)
  const namesake = definition.replace('1111', '9999')
  assert.equal(
    (await inArm('PUT', namesake, body('secret getter'))).body.error.code,
    'RoleDefinitionWithSameNameExists',
  )
  const { body: made } = await assign(group, custom, principalId)
  const [grant] = await clients.roles.grants(group, principalId)
  assert.deepEqual([grant?.roleName, grant?.permissions[0]?.dataActions], ['Secret Getter', [readSecret]])
  assert.equal((await inArm('DELETE', definition)).body.error.code, 'RoleDefinitionHasAssignments')
  await inArm('DELETE', made.id)
  assert.equal((await inArm('DELETE', definition)).status, 200)
  assert.equal((await inArm('GET', definition)).status, 404)
})

test('a role at a management group applies in the subscription', async () => {
  const scope = '/providers/Microsoft.Management/managementGroups/contoso'
  const name = crypto.randomUUID()
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`
  const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${secretsUser}`
  // The operator has no rights above the subscription.
  assert.equal((await assign(scope, secretsUser, principalId)).status, 403)
  state.arm.roleAssignments[id.toLowerCase()] = {
    ...{ id, name, scope, roleDefinitionId, principalId },
    ...{ principalType: 'ServicePrincipal', createdAt: 0, extra: {} },
  }
  assert.equal((await clients.roles.grants(group, principalId))[0]?.roleName, 'Key Vault Secrets User')
})

test('the definitions of several roles are read in one list, and one by itself', async () => {
  const reads = () =>
    sandbox.journal.filter(({ method, path }) => method === 'GET' && /\/roleDefinitions\b/.test(path))
  const readsOf = async (scope: string) => {
    const before = reads().length
    const names = (await clients.roles.grants(scope, principalId)).map(({ roleName }) => roleName)
    return {
      names: names.sort(),
      reads: reads()
        .slice(before)
        .map(({ path }) => path.split('/').at(-1)),
    }
  }
  assert.deepEqual(await readsOf(group), { names: ['Key Vault Secrets User'], reads: [secretsUser] })
  await inArm('PUT', definition, body('Secret Getter'))
  const roles = [custom, 'acdd72a7-3385-48ef-bd42-f606fba81ae7', secretsUser]
  for (const role of roles) assert.equal((await assign(group, role, principalId)).status, 201)
  assert.deepEqual(await readsOf(group), {
    names: ['Key Vault Secrets User', 'Key Vault Secrets User', 'Reader', 'Secret Getter'],
    reads: ['roleDefinitions'],
  })
})

test('a custom role is assigned only where it is assignable', async () => {
  await clients.groups.put('rg-other', { location: 'westeurope', tags: {} })
  const narrow = '22222222-2222-4333-8444-555555555555'
  const other = `${subscription}/resourceGroups/rg-other`
  const { properties } = body('Narrow Getter')
  const made = await inArm('PUT', definition.replace(custom, narrow), {
    properties: { ...properties, assignableScopes: [group.toUpperCase()] },
  })
  assert.equal(made.status, 201)
  for (const scope of [other, subscription, `${group}-2`]) {
    if (scope === `${group}-2`) await clients.groups.put('rg-2', { location: 'westeurope', tags: {} })
    const { status, body: answer } = await assign(scope, narrow, principalId)
    assert.deepEqual(
      [status, answer.error?.code],
      [400, 'RoleAssignmentScopeNotAssignableToRoleDefinition'],
      scope,
    )
  }
  assert.equal((await assign(group, narrow, principalId)).status, 201)
  assert.equal((await assign(other, secretsUser, principalId)).status, 201, 'a built-in role')
})

test('a condition restricts the actions that it names, and no others', async () => {
  const only = (...actions: string[]) =>
    `((${actions.map((each) => `!(ActionMatches{'${each}'})`).join(' AND ')}) OR (@Resource[Microsoft.KeyVault/vaults/secrets:name] StringEquals 'a'))`
  const cases: [condition: string | undefined, allowed: boolean][] = [
    [undefined, true],
    ['', true],
    [only('Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'), true],
    [only('Microsoft.KeyVault/vaults/secrets/setSecret/action'), true],
    [only(readSecret), false],
    [only(readSecret.toUpperCase()), false],
    [only('Microsoft.KeyVault/vaults/secrets/setSecret/action', readSecret), false],
    [only('Microsoft.KeyVault/*'), false],
    ["@Resource[Microsoft.KeyVault/vaults/secrets:name] StringEquals 'a'", false],
    ["(ActionMatches{'Microsoft.KeyVault/vaults/secrets/setSecret/action'})", false],
  ]
  const { body: made } = await inGraph('POST', '/applications', { displayName: 'conditional' })
  const { body: reader } = await inGraph('POST', '/servicePrincipals', { appId: made.appId })
  const vaultId = `${group}/providers/Microsoft.KeyVault/vaults/kv`
  for (const [condition, allowed] of cases) {
    const name = crypto.randomUUID()
    const id = `${group}/providers/Microsoft.Authorization/roleAssignments/${name}`
    const roleDefinitionId = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${secretsUser}`
    const put = await inArm('PUT', id, {
      properties: { roleDefinitionId, principalId: reader.id, principalType: 'ServicePrincipal', condition },
    })
    assert.equal(put.status, 201, JSON.stringify(put.body))
    assert.equal(put.body.properties.conditionVersion, condition === undefined ? null : '2.0')
    assert.equal(isAllowed(sandbox.simulator, reader.id, readSecret, vaultId, 'data'), allowed, condition)
    const found = await findReaderRole(clients, vaultId, { principalId: reader.id, secret: 'a' })
    assert.equal(found?.conditional, !allowed, condition)
    await inArm('DELETE', id)
  }
})
