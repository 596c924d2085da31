import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { operatorToken, request } from '../../../support/request.ts'
import { openStorage, type StorageCall, storageCode } from '../../../support/storage-session.ts'

let storage: Awaited<ReturnType<typeof openStorage>>
let owner: string

const container = (name: string) => `/blobServices/default/containers/${name}`
const blob = (method: string, path: string, more: StorageCall = {}) =>
  storage.callStorage('blob', method, path, { as: owner, ...more })
const block = { 'x-ms-blob-type': 'BlockBlob' }

before(async () => {
  storage = await openStorage()
  owner = (await storage.callerWith('blobContributor')).token
  await blob('PUT', '/orders?restype=container')
  await blob('PUT', '/orders/2026/one.json', { body: '{"id":1}', headers: block })
})
after(() => storage.sandbox.close())

test('a blob keeps its content, type and headers, and a range of it can be read', async () => {
  const put = await blob('PUT', '/orders/.well-known/openid-configuration', {
    body: '{"issuer":"x"}',
    headers: {
      ...block,
      'x-ms-blob-content-type': 'application/json',
      'x-ms-blob-cache-control': 'max-age=60',
      'x-ms-meta-owner': 'shop',
    },
  })
  assert.equal(put.status, 201)
  assert.match(String(put.headers.etag), /^"0x8D[0-9A-F]{13}"$/)
  const got = await blob('GET', '/orders/.well-known/openid-configuration')
  assert.deepEqual([got.status, got.body], [200, { issuer: 'x' }])
  assert.deepEqual(
    ['content-type', 'cache-control', 'x-ms-blob-type', 'x-ms-meta-owner', 'etag'].map(
      (name) => got.headers[name],
    ),
    ['application/json', 'max-age=60', 'BlockBlob', 'shop', put.headers.etag],
  )
  const part = await blob('GET', '/orders/.well-known/openid-configuration', {
    headers: { 'x-ms-range': 'bytes=2-7' },
  })
  assert.deepEqual([part.status, part.headers['content-range']], [206, 'bytes 2-7/14'])
  const head = await blob('HEAD', '/orders/.well-known/openid-configuration')
  assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '14', undefined])
  const beyond = await blob('GET', '/orders/.well-known/openid-configuration', {
    headers: { range: 'bytes=99-' },
  })
  assert.deepEqual(storageCode(beyond), [416, 'InvalidRange'])
  const cached = await blob('GET', '/orders/.well-known/openid-configuration', {
    headers: { 'if-none-match': String(got.headers.etag) },
  })
  assert.equal(cached.status, 304)
  assert.equal((await blob('DELETE', '/orders/.well-known/openid-configuration')).status, 202)
})

test('blobs are listed in pages, by prefix and by delimiter', async () => {
  for (const name of ['a/1', 'a/2', 'b', 'c/1'])
    await blob('PUT', `/orders/list/${name}`, { body: name, headers: block })
  const list = async (query: string) => {
    const { body } = await blob('GET', `/orders?restype=container&comp=list&prefix=list/${query}`)
    return {
      names: [...String(body).matchAll(/<Name>list\/([^<]*)<\/Name>/g)].map(([, name]) => name),
      next: /<NextMarker>(.*)<\/NextMarker>/.exec(body)?.[1],
    }
  }
  assert.deepEqual((await list('')).names, ['a/1', 'a/2', 'b', 'c/1'])
  assert.deepEqual((await list('&delimiter=/')).names, ['a/', 'b', 'c/'])
  const first = await list('&maxresults=3')
  assert.deepEqual([first.names, first.next], [['a/1', 'a/2', 'b'], 'list/c/1'])
  const rest = await list(`&maxresults=3&marker=${first.next}`)
  assert.deepEqual([rest.names, rest.next], [['c/1'], undefined])
})

test('errors are XML with the code in a header, and name what is absent', async () => {
  const missing = await blob('GET', '/none?restype=container&comp=list')
  assert.deepEqual(storageCode(missing), [404, 'ContainerNotFound'])
  assert.match(
    missing.body,
    /^\uFEFF<\?xml version="1.0" encoding="utf-8"\?><Error><Code>ContainerNotFound<\/Code><Message>The specified container does not exist\.\nRequestId:[0-9a-f-]{36}\nTime:\d{4}-.*Z<\/Message><\/Error>$/,
  )
  assert.deepEqual(storageCode(await blob('GET', '/orders/none')), [404, 'BlobNotFound'])
  assert.deepEqual(storageCode(await blob('PUT', '/orders/x', { body: 'x' })), [400, 'MissingRequiredHeader'])
  assert.deepEqual(storageCode(await blob('PUT', '/Bad_Name?restype=container')), [
    400,
    'InvalidResourceName',
  ])
  assert.deepEqual(storageCode(await blob('PUT', '/orders?restype=container')), [
    409,
    'ContainerAlreadyExists',
  ])
  const again = await blob('PUT', '/orders/2026/one.json', {
    body: '',
    headers: { ...block, 'if-none-match': '*' },
  })
  assert.deepEqual(storageCode(again), [409, 'BlobAlreadyExists'])
  const head = await blob('HEAD', '/orders/none')
  assert.deepEqual([...storageCode(head), head.body], [404, 'BlobNotFound', undefined])
})

test('a role for data counts at the account and at its container, and no other role does', async () => {
  const list = async (part: string, role?: Parameters<typeof storage.callerWith>[0]) => {
    const { token } = await storage.callerWith(role, part)
    return storageCode(await blob('GET', '/orders?restype=container&comp=list', { as: token }))
  }
  const mismatch = [403, 'AuthorizationPermissionMismatch']
  assert.deepEqual(await list('', 'blobReader'), [200, undefined])
  assert.deepEqual(await list(container('orders'), 'blobReader'), [200, undefined])
  assert.deepEqual(await list(container('invoices'), 'blobReader'), mismatch)
  assert.deepEqual(await list('', 'contributor'), mismatch)
  assert.deepEqual(await list('', 'queueReader'), mismatch)
  assert.deepEqual(await list(''), mismatch)
  const { token } = await storage.callerWith('blobReader')
  const write = await blob('PUT', '/orders/x', { as: token, body: 'x', headers: block })
  assert.deepEqual(storageCode(write), mismatch)
  const unknown = await blob('GET', '/none?restype=container&comp=list', { as: token })
  assert.deepEqual(storageCode(unknown), [404, 'ContainerNotFound'])
})

test('operations on containers and on the service are control actions', async () => {
  const { token } = await storage.callerWith('accountContributor')
  const as = { as: token }
  assert.equal((await blob('GET', '/orders?restype=container', as)).status, 200)
  assert.equal((await blob('GET', '/?comp=list', as)).status, 200)
  assert.deepEqual(storageCode(await blob('GET', '/orders/2026/one.json', as)), [
    403,
    'AuthorizationPermissionMismatch',
  ])
  assert.equal((await blob('GET', '/?restype=service&comp=properties', as)).status, 200)
  assert.deepEqual(storageCode(await blob('GET', '/?restype=service&comp=properties')), [
    403,
    'AuthorizationPermissionMismatch',
  ])
})

test('a missing token gets a challenge with tenant and resource, without quotes', async () => {
  const answer = await blob('GET', '/orders/2026/one.json', { as: null })
  assert.deepEqual(storageCode(answer), [401, 'NoAuthenticationInformation'])
  const { login } = storage.simulator.addresses
  assert.equal(
    answer.headers['www-authenticate'],
    `Bearer authorization_uri=${login}/${storage.state.tenant.id}/oauth2/authorize resource_id=https://storage.azure.com`,
  )
})

test('tokens of another audience, issuer or signature, expired ones and old versions are rejected', async () => {
  const detail = async (as: string) => {
    const answer = await blob('GET', '/orders/2026/one.json', { as })
    assert.deepEqual(storageCode(answer), [401, 'InvalidAuthenticationInfo'])
    assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer authorization_uri=/)
    return /<AuthenticationErrorDetail>(.*)<\/AuthenticationErrorDetail>/.exec(answer.body)?.[1]
  }
  const forArm = await operatorToken(storage.sandbox, storage.simulator.addresses.arm)
  assert.equal(await detail(forArm), 'Audience validation failed. Audience did not match.')
  const [head, payload, signature] = owner.split('.')
  const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString())
  const changed = (more: object) =>
    [head, Buffer.from(JSON.stringify({ ...claims, ...more })).toString('base64url'), signature].join('.')
  assert.match((await detail(changed({ iss: 'https://sts.windows.net/other/' }))) ?? '', /^Issuer validation/)
  assert.match((await detail(changed({ oid: 'x' }))) ?? '', /^Signature validation/)
  const { token } = await storage.callerWith('blobReader')
  storage.sandbox.faults.expire(token)
  assert.match((await detail(token)) ?? '', /^Lifetime validation/)
  const old = await blob('GET', '/orders/2026/one.json', { headers: { 'x-ms-version': '2017-07-29' } })
  assert.deepEqual(storageCode(old), [403, 'AuthenticationFailed'])
  assert.match(old.body, /Bearer is not supported in this version/)
})

test("a token for the account's own endpoint is accepted", async () => {
  const { token } = await storage.callerWith('blobReader', '', storage.endpoints.blob!.slice(0, -1))
  assert.equal((await blob('GET', '/orders/2026/one.json', { as: token })).status, 200)
})

test('Entra issues tokens for storage and for the endpoints of existing accounts only', async () => {
  await operatorToken(storage.sandbox, storage.endpoints.queue!.slice(0, -1))
  const other = storage.endpoints.blob!.replace('shopdata', 'absent').slice(0, -1)
  await assert.rejects(operatorToken(storage.sandbox, other), /AADSTS500011/)
})

test('account keys are rejected, with another code if the account forbids them', async () => {
  const signed = { as: null, headers: { authorization: 'SharedKey shopdata:c2ln' } }
  assert.deepEqual(storageCode(await blob('GET', '/orders/2026/one.json', signed)), [
    403,
    'AuthenticationFailed',
  ])
  await storage.call('PATCH', storage.account, { properties: { allowSharedKeyAccess: false } })
  assert.deepEqual(storageCode(await blob('GET', '/orders/2026/one.json', signed)), [
    403,
    'KeyBasedAuthenticationNotPermitted',
  ])
  const sas = await blob('GET', '/orders/2026/one.json?sv=2024-11-04&sig=x', { as: null })
  assert.deepEqual(storageCode(sas), [403, 'KeyBasedAuthenticationNotPermitted'])
  assert.equal((await blob('GET', '/orders/2026/one.json')).status, 200)
  await storage.call('PATCH', storage.account, { properties: { allowSharedKeyAccess: true } })
})

test('the firewall rejects every caller whose address it does not list', async () => {
  const read = async () => storageCode(await blob('GET', '/orders/2026/one.json'))
  const set = (properties: object) => storage.call('PATCH', storage.account, { properties })
  const rules = (value: string) => ({ networkAcls: { defaultAction: 'Deny', ipRules: [{ value }] } })
  await set(rules('203.0.113.0/24'))
  assert.deepEqual(await read(), [403, 'AuthorizationFailure'])
  assert.deepEqual(storageCode(await blob('GET', '/orders/2026/one.json', { as: null })), [
    403,
    'AuthorizationFailure',
  ])
  await set(rules('127.0.0.0/8'))
  assert.deepEqual(await read(), [200, undefined])
  await set({ networkAcls: { defaultAction: 'Allow' }, publicNetworkAccess: 'Disabled' })
  assert.deepEqual(await read(), [403, 'AuthorizationFailure'])
  await set({ publicNetworkAccess: 'Enabled' })
  assert.deepEqual(await read(), [200, undefined])
})

test('anonymous reads need the permission of the account and of the container', async () => {
  const anonymous = async (path: string, headers: Record<string, string> = {}) =>
    storageCode(await request(storage.sandbox, `${storage.endpoints.blob!.slice(0, -1)}${path}`, { headers }))
  const path = '/orders/2026/one.json'
  assert.deepEqual(await anonymous(path), [409, 'PublicAccessNotPermitted'])
  const open = { 'x-ms-blob-public-access': 'blob' }
  const { token } = await storage.callerWith('contributor')
  const setAccess = () => blob('PUT', '/orders?restype=container&comp=acl', { as: token, headers: open })
  assert.deepEqual(storageCode(await setAccess()), [409, 'PublicAccessNotPermitted'])
  await storage.call('PATCH', storage.account, { properties: { allowBlobPublicAccess: true } })
  assert.deepEqual(await anonymous(path), [404, 'ResourceNotFound'])
  assert.equal((await setAccess()).status, 200)
  assert.deepEqual(await anonymous(path), [200, undefined])
  const list = '/orders?restype=container&comp=list'
  assert.deepEqual(await anonymous(list), [404, 'ResourceNotFound'], 'the access is to blobs only')
  assert.deepEqual(await anonymous('/orders?restype=container'), [404, 'ResourceNotFound'])
  await storage.call('PATCH', storage.account, { properties: { allowBlobPublicAccess: false } })
  assert.deepEqual(await anonymous(path), [409, 'PublicAccessNotPermitted'])
})
