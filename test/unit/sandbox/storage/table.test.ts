import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openStorage, type StorageCall, storageCode } from '../../../support/storage-session.ts'

let storage: Awaited<ReturnType<typeof openStorage>>
let owner: string

const json = { accept: 'application/json;odata=minimalmetadata', dataserviceversion: '3.0' }
const table = (method: string, path: string, { headers, ...more }: StorageCall = {}) =>
  storage.callStorage('table', method, path, {
    as: owner,
    headers: { 'x-ms-version': '2019-02-02', ...json, ...headers },
    ...more,
  })
const rows = ({ body }: { body: { value: { RowKey: string }[] } }) => body.value.map(({ RowKey }) => RowKey)

before(async () => {
  storage = await openStorage()
  owner = (await storage.callerWith('tableContributor')).token
  await table('POST', '/Tables', { json: { TableName: 'Stock' } })
  for (const [RowKey, count] of [
    ['a', 1],
    ['b', 2],
    ["c'd", 3],
  ] as const)
    await table('POST', '/Stock', { json: { PartitionKey: 'p', RowKey, count } })
})
after(() => storage.sandbox.close())

test('entities are queried by name in any case, with filter, selection and pages', async () => {
  const all = await table('GET', '/stock()')
  assert.deepEqual(rows(all), ['a', 'b', "c'd"])
  assert.match(all.body['odata.metadata'], /\/\$metadata#stock$/)
  assert.deepEqual(rows(await table('GET', "/Stock()?$filter=PartitionKey eq 'p' and count ge 2")), [
    'b',
    "c'd",
  ])
  const one = await table('GET', '/Stock()?$top=1&$select=count', {
    headers: { accept: 'application/json;odata=nometadata' },
  })
  assert.deepEqual(one.body, { value: [{ count: 1 }] })
  const next = `NextPartitionKey=${one.headers['x-ms-continuation-nextpartitionkey']}&NextRowKey=${one.headers['x-ms-continuation-nextrowkey']}`
  assert.deepEqual(rows(await table('GET', `/Stock()?${next}`)), ['b', "c'd"])
  assert.equal((await table('GET', '/Stock()?$filter=not count')).status, 501)
})

test('an entity is read, merged, replaced and deleted', async () => {
  const path = "/Stock(PartitionKey='p',RowKey='c''d')"
  const { body, headers } = await table('GET', path)
  assert.equal(body.count, 3)
  assert.equal((await table('PATCH', path, { json: { color: 'red' } })).status, 204)
  assert.partialDeepStrictEqual((await table('GET', path)).body, { count: 3, color: 'red' })
  assert.equal((await table('PUT', path, { json: { color: 'blue' } })).status, 204)
  assert.equal((await table('GET', path)).body.count, undefined)
  const stale = await table('DELETE', path, { headers: { 'if-match': 'W/"stale"' } })
  assert.deepEqual(storageCode(stale), [412, 'UpdateConditionNotSatisfied'])
  assert.ok(headers.etag)
  assert.equal((await table('DELETE', path, { headers: { 'if-match': '*' } })).status, 204)
  assert.deepEqual(storageCode(await table('GET', path)), [404, 'ResourceNotFound'])
})

test('errors are JSON of OData, or XML for a client that does not accept it', async () => {
  const missing = await table('GET', '/none()?$top=1')
  assert.deepEqual(storageCode(missing), [404, 'TableNotFound'])
  const error = missing.body['odata.error']
  assert.deepEqual([error.code, error.message.lang], ['TableNotFound', 'en-US'])
  assert.match(error.message.value, /^The table specified does not exist\.\nRequestId:/)
  const xml = await table('GET', '/none()', { headers: { accept: 'application/atom+xml' } })
  assert.match(xml.body, /<m:code>TableNotFound<\/m:code>/)
  const again = await table('POST', '/Tables', { json: { TableName: 'STOCK' } })
  assert.deepEqual(storageCode(again), [409, 'TableAlreadyExists'])
  const twice = await table('POST', '/Stock', { json: { PartitionKey: 'p', RowKey: 'a' } })
  assert.deepEqual(storageCode(twice), [409, 'EntityAlreadyExists'])
  assert.deepEqual(storageCode(await table('GET', '/Stock()', { as: null })), [
    401,
    'NoAuthenticationInformation',
  ])
})

test('a role counts at the account and at its table only', async () => {
  const read = async (role: 'tableReader' | 'queueReader', part: string) => {
    const { token } = await storage.callerWith(role, part)
    return storageCode(await table('GET', '/Stock()?$top=1', { as: token }))
  }
  const mismatch = [403, 'AuthorizationPermissionMismatch']
  assert.deepEqual(await read('tableReader', ''), [200, undefined])
  assert.deepEqual(await read('tableReader', '/tableServices/default/tables/stock'), [200, undefined])
  assert.deepEqual(await read('tableReader', '/tableServices/default/tables/other'), mismatch)
  assert.deepEqual(await read('queueReader', ''), mismatch)
  const { token } = await storage.callerWith('tableReader')
  const write = await table('POST', '/Stock', { as: token, json: { PartitionKey: 'p', RowKey: 'z' } })
  assert.deepEqual(storageCode(write), mismatch)
})
