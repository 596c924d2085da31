import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AzureResource } from '../../../src/clients/resources.ts'
import { parseGrant } from '../../../src/targets/parse-grant.ts'
import { prove } from '../../../src/targets/prove.ts'
import { refusalCause } from '../../../src/targets/refusals.ts'
import { connectTo } from '../../support/sandbox.ts'
import { openStorage } from '../../support/storage-session.ts'

let storage: Awaited<ReturnType<typeof openStorage>>
let sandboxClients: Awaited<ReturnType<typeof connectTo>>

before(async () => {
  storage = await openStorage()
  sandboxClients = await connectTo(storage.sandbox)
  const parts = [
    'blobServices/default/containers/orders',
    'queueServices/default/queues/jobs',
    'tableServices/default/tables/stock',
  ]
  for (const part of parts) await storage.call('PUT', `${storage.account}/${part}`, { properties: {} })
})
after(() => storage.sandbox.close())

/** Proves a grant with a token of a principal that has these roles. */
async function outcome(text: string, token: string): Promise<unknown> {
  const grant = parseGrant(text)
  const { cloud, clients, signal } = sandboxClients
  const resource = (await clients.resources.get(storage.account, grant.target.apiVersion)) as AzureResource
  try {
    return await prove(
      {
        cloud,
        dataPlane: clients.dataPlane,
        signal,
        token: async () => token,
        workload: { name: 'id-shop' },
      },
      grant,
      resource,
    )
  } catch (error) {
    return refusalCause(grant.target, error)
  }
}

const cases = [
  { grant: 'storage:shopdata/orders=reader', role: 'blobReader', shown: 'lists its blobs (there are none)' },
  { grant: 'storage:shopdata=reader', role: 'blobReader', shown: 'lists its containers' },
  { grant: 'queue:shopdata/jobs=reader', role: 'queueReader', shown: 'peeks at a message (there are none)' },
  {
    grant: 'queue:shopdata/jobs=receiver',
    role: 'queueProcessor',
    shown: 'peeks at a message (there are none)',
  },
  {
    grant: 'queue:shopdata/jobs=contributor',
    role: 'queueContributor',
    shown: 'peeks at a message (there are none)',
  },
  { grant: 'table:shopdata/stock=reader', role: 'tableReader', shown: 'queries an entity (there are none)' },
  {
    grant: 'table:shopdata/Stock=contributor',
    role: 'tableContributor',
    shown: 'queries an entity (there are none)',
  },
] as const

for (const { grant, role, shown } of cases)
  test(`${grant} is proven with its role, and with no other`, async () => {
    const { target, entity, role: wanted } = parseGrant(grant)
    const part = target.scope('', entity)
    const { token } = await storage.callerWith(role, part)
    assert.equal(await outcome(grant, token), shown)
    assert.equal(await outcome(grant, (await storage.callerWith()).token), 'role')
    const { body } = await storage.call(
      'GET',
      `/providers/Microsoft.Authorization/roleDefinitions/${wanted.id}?api-version=2022-04-01`,
    )
    assert.equal(body.properties.roleName, wanted.name)
  })

test('what a grant names may be absent', async () => {
  for (const [grant, role] of [
    ['storage:shopdata/none', 'blobReader'],
    ['queue:shopdata/none', 'queueReader'],
    ['table:shopdata/none', 'tableReader'],
  ] as const)
    assert.equal(await outcome(grant, (await storage.callerWith(role)).token), 'entity', grant)
})

test('a firewall, private access and a token for another service are told apart from roles', async () => {
  const { token } = await storage.callerWith('blobReader')
  const grant = 'storage:shopdata/orders'
  for (const properties of [
    { networkAcls: { defaultAction: 'Deny' } },
    { networkAcls: { defaultAction: 'Allow' }, publicNetworkAccess: 'Disabled' },
  ]) {
    await storage.call('PATCH', storage.account, { properties })
    assert.equal(await outcome(grant, token), 'network')
  }
  await storage.call('PATCH', storage.account, { properties: { publicNetworkAccess: 'Enabled' } })
  assert.equal(await outcome(grant, storage.token), 'token')
})

test('a sender is not proven: it has no harmless read', async () => {
  const { token } = await storage.callerWith('queueSender')
  assert.equal(await outcome('queue:shopdata/jobs=sender', token), undefined)
})
