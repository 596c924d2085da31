import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openArm } from '../../../support/arm-session.ts'
import { operatorToken, request } from '../../../support/request.ts'

const arm = await openArm()
after(() => arm.sandbox.close())
await arm.prepare()
const { simulator, state } = arm
const control = (method: string, json?: unknown) =>
  request(arm.sandbox, `${simulator.addresses.arm}/control/deny-assignments`, {
    method,
    token: simulator.controlToken,
    ...(json === undefined ? {} : { json }),
  })
const listAt = async (scope: string) => {
  const url = `${scope}/providers/Microsoft.Authorization/denyAssignments?$filter=atScope()`
  const { body } = await arm.call('GET', url)
  return body.value.map(
    (each: { properties: { denyAssignmentName: string } }) => each.properties.denyAssignmentName,
  )
}

test('a request that does not say what to deny is rejected with the member', async () => {
  for (const [json, member] of [
    [{ scope: arm.group, actions: ['*'] }, /name/],
    [{ name: 'a', scope: 'rg', actions: ['*'] }, /scope/],
    [{ name: 'a', scope: arm.group }, /actions/],
    [{ name: 'a', scope: arm.group, actions: '*' }, /actions/],
  ] as const) {
    const { status, body } = await control('POST', json)
    assert.equal(status, 400)
    assert.match(body.error.message, member)
  }
})

test('a denied action fails whatever the roles, in Resource Manager and in the vault; excluded callers may', async () => {
  const vault = `${arm.providers}/Microsoft.KeyVault/vaults/kv-denied`
  await arm.call('PUT', vault, {
    location: 'eastus',
    properties: {
      tenantId: state.tenant.id,
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: true,
    },
  })
  await arm.call('PUT', `${vault}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`, {
    properties: {
      roleDefinitionId: `${arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/00482a5a-887f-4fb3-b363-3b7fe8e74483`,
      principalId: state.operator.objectId,
      principalType: 'ServicePrincipal',
    },
  })
  const token = await operatorToken(arm.sandbox, 'https://vault.azure.net')
  const read = () =>
    request(
      arm.sandbox,
      `https://kv-denied.${simulator.hostSuffix('vault')}/secrets?api-version=2025-07-01`,
      {
        token,
      },
    )
  assert.equal((await read()).status, 200)
  const dataActions = ['Microsoft.KeyVault/vaults/secrets/*']
  await control('POST', { name: 'stack', scope: arm.group, actions: ['*/delete'], dataActions })
  assert.deepEqual(await listAt(vault), ['stack'])
  assert.deepEqual(await listAt(arm.subscription), [])
  const { status, body } = await arm.call('DELETE', vault)
  assert.deepEqual([status, body.error.code], [403, 'DenyAssignmentAuthorizationFailed'])
  assert.match(
    body.error.message,
    /has permission to perform action 'Microsoft\.KeyVault\/vaults\/delete' .* deny assignment with name 'stack'/,
  )
  const denied = await read()
  assert.deepEqual([denied.status, denied.body.error.innererror.code], [403, 'ForbiddenByRbac'])
  assert.match(denied.body.error.message, /DenyAssignmentId: '[0-9a-f]{32}'/)
  assert.equal((await arm.call('GET', vault)).status, 200)
  assert.equal((await control('DELETE')).status, 204)
  await control('POST', {
    name: 'others only',
    scope: arm.subscription,
    actions: ['*'],
    dataActions,
    excludePrincipals: [state.operator.objectId],
  })
  assert.equal((await read()).status, 200)
  assert.equal((await arm.call('DELETE', vault)).status, 200)
})
