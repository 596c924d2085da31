import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, test } from 'node:test'
import { openArm } from '../../../support/arm-session.ts'
import { operatorToken, request } from '../../../support/request.ts'

let arm: Awaited<ReturnType<typeof openArm>>
let token: string
let vault: string
before(async () => {
  arm = await openArm()
  await arm.prepare()
  const { tenant, operator } = arm.state
  vault = `${arm.providers}/Microsoft.KeyVault/vaults/kv-items`
  await arm.call('PUT', vault, {
    location: 'eastus',
    properties: {
      tenantId: tenant.id,
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: false,
      accessPolicies: [
        {
          tenantId: tenant.id,
          objectId: operator.objectId,
          permissions: {
            keys: ['get', 'list', 'create', 'delete', 'recover'],
            certificates: ['get', 'list', 'create', 'delete', 'recover', 'managecontacts'],
          },
        },
      ],
    },
  })
  token = await operatorToken(arm.sandbox, arm.simulator.addresses.vaultResource)
})
after(() => arm.sandbox.close())

const call = (method: string, path: string, json?: unknown) =>
  request(
    arm.sandbox,
    `https://kv-items.${arm.simulator.addresses.vaultSuffix}${path}?api-version=2025-07-01`,
    { method, token, ...(json === undefined ? {} : { json }) },
  )
const create = { kty: 'RSA', key_size: 2048 }

test('a key has versions, of which the public part is read', async () => {
  const made = await call('POST', '/keys/signing/create', create)
  assert.equal(made.status, 200)
  assert.match(made.body.key.kid, /^https:\/\/kv-items\.[^/]+\/keys\/signing\/[0-9a-f]{32}$/)
  assert.deepEqual([made.body.key.kty, 'd' in made.body.key], ['RSA', false])
  await call('POST', '/keys/signing/create', create)
  const latest = await call('GET', '/keys/signing')
  assert.notEqual(latest.body.key.n, made.body.key.n)
  const { pathname } = new URL(made.body.key.kid)
  assert.equal((await call('GET', pathname)).body.key.n, made.body.key.n)
  assert.equal((await call('GET', '/keys/signing/versions')).body.value.length, 2)
  assert.deepEqual(
    (await call('GET', '/keys')).body.value.map(({ kid }: { kid: string }) => new URL(kid).pathname),
    ['/keys/signing'],
  )
})

test('a self-signed certificate comes with its key', async () => {
  const policy = { x509_props: { subject: 'CN=shop.example' }, issuer: { name: 'Self' } }
  const made = await call('POST', '/certificates/shop-tls/create', { policy })
  assert.deepEqual([made.status, made.body.status], [202, 'completed'])
  assert.equal((await call('GET', '/certificates/shop-tls/pending')).body.target, made.body.target)
  const { body } = await call('GET', '/certificates/shop-tls')
  const certificate = new X509Certificate(Buffer.from(body.cer, 'base64'))
  assert.equal(certificate.subject, 'CN=shop.example')
  const key = await call('GET', '/keys/shop-tls')
  assert.equal(certificate.publicKey.export({ format: 'jwk' }).n, key.body.key.n)
})

test('what is deleted is absent until it is recovered', async () => {
  for (const [path, code] of [
    ['keys/shop-tls', 'KeyNotFound'],
    ['certificates/shop-tls', 'CertificateNotFound'],
  ]) {
    assert.equal((await call('DELETE', `/${path}`)).status, 200)
    const gone = await call('GET', `/${path}`)
    assert.deepEqual([gone.status, gone.body.error.code], [404, code])
    assert.equal((await call('POST', `/deleted${path}/recover`)).status, 200)
    assert.equal((await call('GET', `/${path}`)).status, 200)
  }
  const contacts = await call('GET', '/certificates/contacts')
  assert.deepEqual([contacts.status, contacts.body.error.code], [404, 'ContactsNotFound'])
})

for (const [path, body] of [
  ['/keys/a/create', { kty: 'oct' }],
  ['/keys/a/create', { kty: 'RSA', key_size: 100 }],
  ['/keys/a/create', 'text'],
  ['/keys/a_b/create', create],
  ['/certificates/a/create', {}],
  ['/certificates/a/create', { policy: { x509_props: { subject: 'CN=a' }, issuer: { name: 'DigiCert' } } }],
] as const)
  test(`${path} with ${JSON.stringify(body)} is refused`, async () => {
    const answer = await call('POST', path, body)
    assert.deepEqual([answer.status, answer.body.error.code], [400, 'BadParameter'])
  })
