import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openArm } from '../../support/arm-session.ts'
import { operatorToken, request } from '../../support/request.ts'
import { newTestRun } from '../../support/test-run.ts'

// Keys and certificates of two vaults: one with Azure RBAC, one with access policies.

let arm: Awaited<ReturnType<typeof openArm>>
let run: Awaited<ReturnType<typeof newTestRun>>
let token: string
const operatorMay = ['get', 'list', 'create', 'delete', 'recover']
const vaultId = (name: string) => `${arm.providers}/Microsoft.KeyVault/vaults/${name}`
const grants = [
  'vault-keys:kv-policies/signing=user',
  'vault-certificates:kv-policies=reader',
  'vault-keys:kv-roles=user',
  'vault-certificates:kv-roles/shop-tls=reader',
]

const inVault = (name: string, method: string, path: string, json?: unknown) =>
  request(arm.sandbox, `https://${name}.${arm.simulator.addresses.vaultSuffix}${path}?api-version=7.4`, {
    method,
    token,
    ...(json === undefined ? {} : { json }),
  })

before(async () => {
  arm = await openArm({ registered: true })
  await arm.prepare()
  const { tenant, operator } = arm.state
  token = await operatorToken(arm.sandbox, arm.simulator.addresses.vaultResource)
  const permissions = { keys: operatorMay, certificates: operatorMay }
  const accessPolicies = [{ tenantId: tenant.id, objectId: operator.objectId, permissions }]
  const sku = { family: 'A', name: 'standard' }
  for (const name of ['kv-policies', 'kv-roles']) {
    await arm.call('PUT', vaultId(name), {
      location: 'eastus',
      properties: { tenantId: tenant.id, sku, enableRbacAuthorization: false, accessPolicies },
    })
    await inVault(name, 'POST', '/keys/signing/create', { kty: 'RSA' })
    const policy = { x509_props: { subject: 'CN=shop.example' } }
    await inVault(name, 'POST', '/certificates/shop-tls/create', { policy })
  }
  await arm.call('PATCH', vaultId('kv-roles'), { properties: { enableRbacAuthorization: true } })
  run = await newTestRun({ grants, sample: false, vault: undefined } as never, { sandbox: arm.sandbox })
})
after(() => arm.sandbox.close())

/** Returns the findings of each grant that is not healthy: code, and the name of the grant. */
async function findings() {
  const results = await run.verify()
  return results
    .filter(({ code, status }) => code.startsWith('WI90') && status === 'fail')
    .map(({ code, subject }) => `${code} ${subject}`)
}
const policiesOf = async () =>
  (await arm.call('GET', vaultId('kv-policies'))).body.properties.accessPolicies as {
    objectId: string
    permissions: Record<string, string[]>
  }[]

test('keys and certificates are granted by role or policy, proven, and written once', async () => {
  await run.apply()
  const results = await run.verify()
  assert.deepEqual(
    results.filter(({ code }) => code === 'WI908').map(({ status, detail }) => `${status}: ${detail}`),
    ['pass: reads signing', 'pass: lists its certificates', 'pass: lists its keys', 'pass: reads shop-tls'],
  )
  assert.deepEqual(await findings(), [])
  assert.equal((await run.apply()).writes, 0)
})

test('a policy for certificates does not replace one for keys', async () => {
  const own = (await policiesOf()).find(({ objectId }) => objectId !== arm.state.operator.objectId)!
  assert.deepEqual(own.permissions.certificates, ['get', 'list'])
  assert.ok(own.permissions.keys!.includes('sign'))
  // Policies cover all keys, and none of the secrets.
  assert.equal(own.permissions.secrets, undefined)
})

test('too few permissions, a firewall, private access and a deleted key are told apart', async () => {
  const { objectId } = (await policiesOf()).find((each) => each.objectId !== arm.state.operator.objectId)!
  const policy = (permissions: object) => ({
    properties: { accessPolicies: [{ tenantId: arm.state.tenant.id, objectId, permissions }] },
  })
  const change = (kind: string, permissions: object) =>
    arm.call('PUT', `${vaultId('kv-policies')}/accessPolicies/${kind}`, policy(permissions))
  await change('replace', { keys: ['encrypt'], certificates: ['get', 'list'] })
  assert.deepEqual(await findings(), [`WI904 ${grants[0]}`])
  await change('replace', { certificates: ['get', 'list'] })
  assert.deepEqual(await findings(), [`WI903 ${grants[0]}`])
  await run.apply()
  assert.deepEqual(await findings(), [])

  const { operator } = arm.state
  assert.ok(operator.objectId)
  const patch = (properties: object) => arm.call('PATCH', vaultId('kv-roles'), { properties })
  const ofRoles = (code: string) => [`${code} ${grants[2]}`, `${code} ${grants[3]}`]
  await patch({ networkAcls: { defaultAction: 'Deny', bypass: 'None' } })
  assert.deepEqual(await findings(), ofRoles('WI905'))
  await patch({ networkAcls: { defaultAction: 'Allow' }, publicNetworkAccess: 'Disabled' })
  assert.deepEqual(await findings(), ofRoles('WI906'))
  await patch({ publicNetworkAccess: 'Enabled' })

  await inVault('kv-policies', 'DELETE', '/keys/signing')
  assert.deepEqual(await findings(), [`WI907 ${grants[0]}`])
  await inVault('kv-policies', 'POST', '/deletedkeys/signing/recover')
  assert.deepEqual(await findings(), [])
})

test('destroy revokes exactly what was granted', async () => {
  await run.destroy()
  assert.deepEqual(
    (await policiesOf()).map(({ objectId }) => objectId),
    [arm.state.operator.objectId],
  )
})
