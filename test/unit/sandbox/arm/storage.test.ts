import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { manualClock, type openArm } from '../../../support/arm-session.ts'
import { openStorage, storageCode } from '../../../support/storage-session.ts'

const { clock, advance } = manualClock()
let storage: Awaited<ReturnType<typeof openStorage>>
let accounts: string
let call: Awaited<ReturnType<typeof openArm>>['call']

const account = { location: 'eastus', sku: { name: 'Standard_LRS' }, kind: 'StorageV2' }
const code = ({ status, body }: Awaited<ReturnType<typeof call>>) => [status, body.error?.code]
const create = (name: string, more: object = {}) =>
  call('PUT', `${accounts}/${name}`, { ...account, ...more })

before(async () => {
  storage = await openStorage({ clock })
  call = storage.call
  accounts = `${storage.providers}/Microsoft.Storage/storageAccounts`
})
after(() => storage.sandbox.close())

test('an account is created asynchronously, and its hosts resolve afterwards', async () => {
  storage.sandbox.faults.lags.storageCreate = 17_000
  const created = await create('slowaccount', { tags: { env: 'test' } })
  assert.deepEqual([created.status, created.body, created.headers['retry-after']], [202, undefined, '17'])
  const location = String(created.headers.location)
  assert.match(location, /\/providers\/Microsoft\.Storage\/locations\/eastus\/asyncoperations\/[^/?]+\?/)
  assert.equal((await call('GET', location)).status, 202)
  assert.deepEqual(code(await create('slowaccount')), [409, 'StorageAccountOperationInProgress'])
  assert.equal((await call('GET', `${accounts}/slowaccount`)).body.properties.provisioningState, 'Creating')
  advance(17_000)
  storage.sandbox.faults.clear()
  const done = await call('GET', location)
  const properties = done.body.properties
  assert.deepEqual([done.status, properties.provisioningState], [200, 'Succeeded'])
  const { port } = storage.state
  assert.deepEqual(properties.primaryEndpoints, {
    dfs: `https://slowaccount.dfs.core.localhost:${port}/`,
    web: `https://slowaccount.z13.web.core.localhost:${port}/`,
    blob: `https://slowaccount.blob.core.localhost:${port}/`,
    queue: `https://slowaccount.queue.core.localhost:${port}/`,
    table: `https://slowaccount.table.core.localhost:${port}/`,
    file: `https://slowaccount.file.core.localhost:${port}/`,
  })
  assert.deepEqual(
    [properties.allowBlobPublicAccess, properties.allowSharedKeyAccess, properties.publicNetworkAccess],
    [false, undefined, undefined],
  )
  assert.equal((await create('slowaccount')).status, 200, 'an unchanged account')
})

test('the metadata document has the suffix of the hosts', async () => {
  const { body } = await call('GET', '/metadata/endpoints?api-version=2022-09-01')
  assert.equal(new URL(storage.endpoints.blob!).host, `shopdata.blob.${body.suffixes.storage}`)
})

test('names are checked and unique', async () => {
  const check = async (name: string) => {
    const { body } = await call(
      'POST',
      `${storage.subscription}/providers/Microsoft.Storage/checkNameAvailability`,
      {
        name,
        type: 'Microsoft.Storage/storageAccounts',
      },
    )
    return [body.nameAvailable, body.reason]
  }
  assert.deepEqual(await check('freename'), [true, undefined])
  assert.deepEqual(await check('shopdata'), [false, 'AlreadyExists'])
  assert.deepEqual(await check('taken1'), [false, 'AlreadyExists'])
  for (const name of ['ab', 'Upper', 'with-dash', 'a'.repeat(25)])
    assert.deepEqual(await check(name), [false, 'AccountNameInvalid'], name)
  assert.deepEqual(code(await create('with-dash')), [400, 'AccountNameInvalid'])
  assert.deepEqual(code(await create('taken1')), [409, 'StorageAccountAlreadyTaken'])
  await call('PUT', `${storage.subscription}/resourceGroups/other`, { location: 'eastus' })
  const elsewhere = accounts.replace('/rg/', '/other/')
  assert.deepEqual(code(await call('PUT', `${elsewhere}/shopdata`, account)), [
    409,
    'StorageAccountAlreadyExists',
  ])
})

test('properties are checked, changed one by one, and shown without what is read-only', async () => {
  assert.deepEqual(code(await create('kindless', { kind: 'V3' })), [400, 'InvalidValuesForRequestParameters'])
  assert.deepEqual(code(await create('skuless', { sku: { name: 'Cheap' } })), [
    400,
    'InvalidValuesForRequestParameters',
  ])
  const shop = `${accounts}/shopdata`
  const patch = (properties: object) => call('PATCH', shop, { properties })
  assert.deepEqual(code(await patch({ isHnsEnabled: true })), [409, 'AccountPropertyCannotBeUpdated'])
  await patch({ allowSharedKeyAccess: false, provisioningState: 'Failed' })
  await patch({ networkAcls: { defaultAction: 'Deny', ipRules: [{ value: '203.0.113.7' }] } })
  const { body } = await call('GET', shop)
  assert.partialDeepStrictEqual(body.properties, {
    allowSharedKeyAccess: false,
    provisioningState: 'Succeeded',
    networkAcls: {
      bypass: 'AzureServices',
      defaultAction: 'Deny',
      ipRules: [{ value: '203.0.113.7', action: 'Allow' }],
      virtualNetworkRules: [],
    },
  })
  await patch({ allowSharedKeyAccess: true, networkAcls: { defaultAction: 'Allow' } })
})

test('a kind of account without a service has no host for it', async () => {
  await create('onlyblobs', { kind: 'BlobStorage' })
  const { body } = await call('GET', `${accounts}/onlyblobs`)
  assert.deepEqual(Object.keys(body.properties.primaryEndpoints), ['dfs', 'blob', 'table'])
  const website = await call('PUT', `${accounts}/onlyblobs/blobServices/default`, {
    properties: { staticWebsite: { enabled: true } },
  })
  assert.deepEqual(code(website), [400, 'FeatureNotSupportedForAccount'])
})

test('containers, queues and tables are created, changed, listed and deleted', async () => {
  const parts = {
    'blobServices/default/containers': { created: 201, code: 'ContainerNotFound' },
    'queueServices/default/queues': { created: 200, code: 'QueueNotFound' },
    'tableServices/default/tables': { created: 200, code: 'TableNotFound' },
  }
  for (const [part, expected] of Object.entries(parts)) {
    const path = `${accounts}/shopdata/${part}`
    const put = await call('PUT', `${path}/orders`, { properties: {} })
    assert.deepEqual([put.status, put.body.name], [expected.created, 'orders'])
    assert.equal(put.body.id, `${accounts}/shopdata/${part}/orders`)
    assert.equal((await call('PUT', `${path}/orders`, { properties: {} })).status, 200)
    const { body } = await call('GET', path)
    assert.deepEqual(
      body.value.map(({ name }: { name: string }) => name),
      ['orders'],
    )
    assert.equal((await call('DELETE', `${path}/orders`)).status, 200)
    assert.equal((await call('DELETE', `${path}/orders`)).status, 204)
    assert.deepEqual(code(await call('GET', `${path}/orders`)), [404, expected.code])
    assert.deepEqual(code(await call('PUT', `${path}/-x`, {})), [400, 'InvalidResourceName'])
  }
})

test('a container has metadata and no more public access than its account', async () => {
  const path = `${accounts}/shopdata/blobServices/default/containers/marked`
  const { body } = await call('PUT', path, { properties: { metadata: { owner: 'shop' } } })
  assert.deepEqual([body.properties.metadata, body.properties.publicAccess], [{ owner: 'shop' }, 'None'])
  assert.deepEqual(code(await call('PATCH', path, { properties: { publicAccess: 'Blob' } })), [
    409,
    'PublicAccessNotPermitted',
  ])
  const { token } = await storage.callerWith('accountContributor')
  const seen = await storage.callStorage('blob', 'HEAD', '/marked?restype=container', { as: token })
  assert.equal(seen.headers['x-ms-meta-owner'], 'shop')
})

test('keys differ, are the same each time, and are listed with a permission of their own', async () => {
  const keys = async (name: string, token?: string) =>
    call('POST', `${accounts}/${name}/listKeys`, {}, token ? { token } : {})
  const { body } = await keys('shopdata')
  assert.deepEqual(
    body.keys.map(({ keyName, permissions }: Record<string, string>) => [keyName, permissions]),
    [
      ['key1', 'FULL'],
      ['key2', 'FULL'],
    ],
  )
  assert.deepEqual((await keys('shopdata')).body, body)
  const values = [body, (await keys('onlyblobs')).body].flatMap((each) => each.keys).map(({ value }) => value)
  assert.equal(new Set(values).size, 4)
  assert.ok(values.every((value) => Buffer.from(value, 'base64').length === 64))
  const { token } = await storage.newPrincipal()
  assert.deepEqual(code(await keys('shopdata', token)), [403, 'AuthorizationFailed'])
  const lock = `${accounts}/shopdata/providers/Microsoft.Authorization/locks/frozen`
  await call('PUT', lock, { properties: { level: 'ReadOnly' } })
  assert.deepEqual(code(await keys('shopdata')), [409, 'ScopeLocked'])
  await call('DELETE', lock)
})

test('a lock forbids the deletion, and the group takes the account with it', async () => {
  const group = `${storage.subscription}/resourceGroups/short`
  await call('PUT', group, { location: 'eastus' })
  const path = `${group}/providers/Microsoft.Storage/storageAccounts/shortlived`
  await call('PUT', path, account)
  const part = '/blobServices/default/containers/c'
  await call('PUT', `${path}${part}`, {})
  const lock = `${path}/providers/Microsoft.Authorization/locks/keep`
  await call('PUT', lock, { properties: { level: 'CanNotDelete' } })
  assert.deepEqual(code(await call('DELETE', path)), [409, 'ScopeLocked'])
  await call('DELETE', lock)
  assert.equal((await call('DELETE', group)).status, 202)
  assert.equal((await call('GET', path)).status, 404)
  await call('PUT', group, { location: 'eastus' })
  await call('PUT', path, account)
  assert.equal((await call('GET', `${path}${part}`)).status, 404, 'a new account is empty')
})

test('a role takes effect with a delay', async () => {
  storage.sandbox.faults.lags.roleLag = 60_000
  const { token } = await storage.callerWith('blobReader')
  const list = () => storage.callStorage('blob', 'GET', '/marked?restype=container&comp=list', { as: token })
  assert.deepEqual(storageCode(await list()), [403, 'AuthorizationPermissionMismatch'])
  advance(60_000)
  assert.equal((await list()).status, 200)
  storage.sandbox.faults.clear()
})

test('a failed creation is repeated by the same request', async () => {
  storage.sandbox.faults.add({ fault: 'operation-fails', path: '*/storageAccounts/fragile' })
  const failed = await create('fragile')
  assert.equal(failed.status, 202)
  assert.equal((await call('GET', String(failed.headers.location))).status, 409)
  assert.equal((await call('GET', `${accounts}/fragile`)).body.properties.provisioningState, 'Failed')
  assert.equal((await create('fragile')).status, 202)
  assert.equal((await call('GET', `${accounts}/fragile`)).body.properties.provisioningState, 'Succeeded')
})

test('injected failures have the wording of each service', async () => {
  const fail = async (role: string, fault: '503' | 'busy', path: string) => {
    const rule = storage.sandbox.faults.add({ fault, role })
    const answer = await storage.callStorage(role, 'GET', path)
    rule.times = 0
    return storageCode(answer)
  }
  assert.deepEqual(await fail('blob', '503', '/marked/x'), [503, 'ServerBusy'])
  assert.deepEqual(await fail('queue', 'busy', '/q/messages'), [409, 'QueueBeingDeleted'])
  assert.deepEqual(await fail('table', '503', '/t()'), [503, 'ServerBusy'])
  assert.deepEqual(await fail('dfs', 'busy', '/f?resource=filesystem'), [409, 'FilesystemBeingDeleted'])
  assert.deepEqual(await fail('web', '503', '/x'), [503, 'ServerBusy'])
})
