import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openPythonWorkload, withoutPackages } from '../../../support/python/python-sdks.ts'
import { openStorage, type storageRoles } from '../../../support/storage-session.ts'

const skip = withoutPackages(
  'azure.identity',
  'azure.storage.blob',
  'azure.storage.filedatalake',
  'azure.storage.queue',
  'azure.data.tables',
)

let storage: Awaited<ReturnType<typeof openStorage>>
let workload: Awaited<ReturnType<typeof openPythonWorkload>>

const run = (mode: 'read' | 'write' = 'read') =>
  workload.run('read-storage.py', JSON.stringify(storage.endpoints), mode)
const grant = (role: keyof typeof storageRoles, part = '') => storage.grant(workload.principalId, role, part)

before(async () => {
  storage = await openStorage()
  workload = await openPythonWorkload(storage)
  const [blob, queue, table] = await Promise.all(
    (['blobContributor', 'queueContributor', 'tableContributor'] as const).map(
      async (role) => (await storage.callerWith(role)).token,
    ),
  )
  await storage.callStorage('blob', 'PUT', '/orders?restype=container', { as: blob! })
  await storage.callStorage('blob', 'PUT', '/orders/one.json', {
    as: blob!,
    body: '{"id":1}',
    headers: { 'x-ms-blob-type': 'BlockBlob', 'x-ms-blob-content-type': 'application/json' },
  })
  await storage.callStorage('queue', 'PUT', '/jobs', { as: queue! })
  await storage.callStorage('queue', 'POST', '/jobs/messages', {
    as: queue!,
    body: '<QueueMessage><MessageText>first</MessageText></QueueMessage>',
  })
  await storage.callStorage('table', 'POST', '/Tables', { as: table!, json: { TableName: 'stock' } })
  await storage.callStorage('table', 'POST', '/stock', {
    as: table!,
    json: { PartitionKey: 'p', RowKey: 'one', count: 1 },
  })
})
after(async () => {
  workload.close()
  await storage.sandbox.close()
})

test('the SDKs for Python are refused without a role', { skip }, async () => {
  const mismatch = ['error', 403, 'AuthorizationPermissionMismatch']
  assert.deepEqual(await run(), { blob: mismatch, dfs: mismatch, queue: mismatch, table: mismatch })
})

test('the SDKs for Python read with the token of a workload', { skip }, async () => {
  await grant('blobReader', '/blobServices/default/containers/orders')
  await grant('queueReader', '/queueServices/default/queues/jobs')
  await grant('tableReader', '/tableServices/default/tables/stock')
  assert.deepEqual(await run(), {
    blob: [['one.json'], '{"id":1}', 'application/json', true],
    dfs: [['one.json'], '{"id":1}'],
    queue: [['first'], 1],
    table: [['one'], 1],
  })
})

test('the SDKs for Python write with a role for it', { skip }, async () => {
  await grant('blobContributor')
  await grant('queueContributor')
  await grant('tableContributor')
  assert.deepEqual(await run('write'), {
    blob: [['new.json', 'one.json'], '{"id":1}', 'application/json', true],
    dfs: [['new.json', 'one.json'], '{"id":1}'],
    queue: [['first', 'sent <again> & again'], 0],
    table: [['new', 'one'], 1],
  })
})

test('the SDKs for Python report the firewall', { skip }, async () => {
  await storage.call('PATCH', storage.account, { properties: { publicNetworkAccess: 'Disabled' } })
  const denied = ['error', 403, 'AuthorizationFailure']
  assert.deepEqual(await run(), { blob: denied, dfs: denied, queue: denied, table: denied })
})
