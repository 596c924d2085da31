import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { request } from '../../../support/request.ts'
import { openStorage, storageCode } from '../../../support/storage-session.ts'

let storage: Awaited<ReturnType<typeof openStorage>>
let token: string

const site = (path: string, more: { method?: string } = {}) =>
  request(storage.sandbox, `${storage.endpoints.web!.slice(0, -1)}${path}`, more)
const setWebsite = (staticWebsite: object) =>
  storage.call('PUT', `${storage.account}/blobServices/default`, { properties: { staticWebsite } })
const upload = (path: string, body: string, type: string) =>
  storage.callStorage('blob', 'PUT', `/%24web/${path}`, {
    as: token,
    body,
    headers: { 'x-ms-blob-type': 'BlockBlob', 'x-ms-blob-content-type': type },
  })

before(async () => {
  storage = await openStorage()
  token = (await storage.callerWith('blobContributor')).token
})
after(() => storage.sandbox.close())

test('a site that is off, and a missing file, are the same HTML page', async () => {
  assert.match(storage.endpoints.web!, /^https:\/\/shopdata\.z13\.web\.core\.localhost:\d+\/$/)
  const off = await site('/openid/v1/jwks')
  assert.deepEqual(storageCode(off), [404, 'WebContentNotFound'])
  assert.match(off.headers['content-type'] ?? '', /^text\/html/)
  assert.match(off.body, /<h1>The requested content does not exist\.<\/h1>/)
  assert.equal((await setWebsite({ enabled: true })).status, 200)
  assert.deepEqual(storageCode(await site('/openid/v1/jwks')), [404, 'WebContentNotFound'])
})

test('a document in $web is public at the site, and not at the blob endpoint', async () => {
  assert.equal(
    (await upload('.well-known/openid-configuration', '{"issuer":"x"}', 'application/json')).status,
    201,
  )
  const { status, body, headers } = await site('/.well-known/openid-configuration')
  assert.deepEqual([status, body, headers['content-type']], [200, { issuer: 'x' }, 'application/json'])
  const atBlob = await request(
    storage.sandbox,
    `${storage.endpoints.blob}$web/.well-known/openid-configuration`,
  )
  assert.deepEqual(storageCode(atBlob), [409, 'PublicAccessNotPermitted'])
  assert.deepEqual(storageCode(await site('/.well-known/openid-configuration', { method: 'PUT' })), [
    405,
    'UnsupportedHttpVerb',
  ])
})

test('the index and error documents are served', async () => {
  await setWebsite({ enabled: true, indexDocument: 'index.html', errorDocument404Path: '404.html' })
  await upload('index.html', 'home', 'text/html')
  await upload('docs/index.html', 'docs', 'text/html')
  await upload('404.html', 'lost', 'text/html')
  const get = async (path: string) => {
    const { status, body } = await site(path)
    return [status, body]
  }
  assert.deepEqual(await get('/'), [200, 'home'])
  assert.deepEqual(await get('/docs/'), [200, 'docs'])
  assert.deepEqual(await get('/nothing'), [404, 'lost'])
})

test('the site is switched at the blob endpoint, too, with a role of the control plane', async () => {
  const properties = (method: string, as: string, enabled?: boolean) =>
    storage.callStorage('blob', method, '/?restype=service&comp=properties', {
      as,
      ...(enabled !== undefined && {
        body: `<?xml version="1.0"?><StorageServiceProperties><StaticWebsite><Enabled>${enabled}</Enabled></StaticWebsite></StorageServiceProperties>`,
      }),
    })
  assert.deepEqual(storageCode(await properties('PUT', token, false)), [
    403,
    'AuthorizationPermissionMismatch',
  ])
  const { token: operator } = await storage.callerWith('accountContributor')
  assert.equal((await properties('PUT', operator, false)).status, 202)
  assert.equal((await site('/index.html')).status, 404)
  assert.match((await properties('GET', operator)).body, /<StaticWebsite><Enabled>false<\/Enabled>/)
  assert.equal((await properties('PUT', operator, true)).status, 202)
  assert.equal((await site('/index.html')).status, 200, 'the container was kept')
})

test('the firewall applies to the site', async () => {
  await storage.call('PATCH', storage.account, { properties: { publicNetworkAccess: 'Disabled' } })
  assert.deepEqual(storageCode(await site('/index.html')), [403, 'AuthorizationFailure'])
  await storage.call('PATCH', storage.account, { properties: { publicNetworkAccess: 'Enabled' } })
})

test('Data Lake lists and reads the same blobs, with errors as JSON', async () => {
  const dfs = (path: string, as: string | null = token) => storage.callStorage('dfs', 'GET', path, { as })
  const list = async (query: string) =>
    (await dfs(`/%24web?resource=filesystem&${query}`)).body.paths.map(({ name }: { name: string }) => name)
  assert.deepEqual(await list('recursive=false'), ['.well-known', '404.html', 'docs', 'index.html'])
  assert.deepEqual(await list('recursive=true&directory=docs'), ['docs/index.html'])
  assert.equal((await dfs('/%24web/docs/index.html')).body, 'docs')
  const missing = await dfs('/none?resource=filesystem&recursive=false&maxResults=1')
  assert.deepEqual([missing.status, missing.body.error.code], [404, 'FilesystemNotFound'])
  assert.equal((await dfs('/%24web/none')).body.error.code, 'PathNotFound')
  const { token: none } = await storage.callerWith()
  const denied = await dfs('/%24web?resource=filesystem&recursive=false', none)
  assert.deepEqual([denied.status, denied.body.error.code], [403, 'AuthorizationPermissionMismatch'])
})
