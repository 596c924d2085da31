import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openServices } from '../../support/service-session.ts'
import { newTestRun } from '../../support/test-run.ts'

// From nothing to proven, to a second run without writes, to deleted: on the simulated services, by their SDK-free APIs.

let at: Awaited<ReturnType<typeof openServices>>
let run: Awaited<ReturnType<typeof newTestRun>>
const grants = [
  'appconfig:shop-config=reader',
  'cosmos:shop-cosmos/shop/orders=reader',
  'openai:shop-ai=user',
  'acr:shopreg=reader',
]
before(async () => {
  at = await openServices()
  run = await newTestRun({ grants, sample: false }, { sandbox: at.sandbox })
})
after(() => at.sandbox.close())

/** Returns the status and the detail of each check of the grants that is not passed, or of those with the code. */
async function findings(code?: string) {
  const results = await run.verify()
  return results
    .filter((each) => each.code.startsWith('WI90') && (code ? each.code === code : each.status !== 'pass'))
    .map(({ code, subject, status, detail }) => ({ code, subject, status, detail }))
}
const codesOf = async () =>
  (await findings()).filter(({ status }) => status === 'fail').map(({ code }) => code)

test('each grant is applied and proven by what the service returned', async () => {
  await run.apply()
  assert.deepEqual(await findings(), [])
  assert.deepEqual(
    (await findings('WI908')).map(({ detail }) => detail),
    [
      'lists its key-values',
      'reads the properties of shop/orders',
      'lists the models',
      'signs in to the registry',
    ],
  )
})

test('a second run writes nothing', async () => {
  assert.equal((await run.apply()).writes, 0)
})

const isolate = async (id: string, properties: object, back: object, code: string) => {
  await at.call('PATCH', id, { properties })
  assert.deepEqual(await codesOf(), [code])
  await at.call('PATCH', id, { properties: back })
  assert.deepEqual(await codesOf(), [])
}
const elsewhere = { defaultAction: 'Deny', ipRules: [{ value: '203.0.113.7' }] }

test('a firewall and private access are told apart', async () => {
  const { config, cosmos, openAi, registry } = at.ids
  for (const id of [config, cosmos, openAi, registry])
    await isolate(id, { publicNetworkAccess: 'Disabled' }, { publicNetworkAccess: 'Enabled' }, 'WI906')
  await isolate(cosmos, { ipRules: [{ ipAddressOrRange: '203.0.113.7' }] }, { ipRules: [] }, 'WI905')
  await isolate(openAi, { networkAcls: elsewhere }, { networkAcls: { defaultAction: 'Allow' } }, 'WI905')
  await isolate(
    registry,
    { networkRuleSet: elsewhere },
    { networkRuleSet: { defaultAction: 'Allow' } },
    'WI905',
  )
})

test('a container that does not exist is named', async () => {
  const container = `${at.ids.cosmos}/sqlDatabases/shop/containers/orders`
  await at.call('DELETE', container)
  assert.deepEqual(await codesOf(), ['WI907'])
  await at.put(container, {
    properties: { resource: { id: 'orders', partitionKey: { paths: ['/customer'] } } },
  })
  assert.deepEqual(await codesOf(), [])
})

test('another mode of the registry needs another role, which the next run assigns', async () => {
  await at.call('PATCH', at.ids.registry, { properties: { roleAssignmentMode: 'AbacRepositoryPermissions' } })
  assert.deepEqual(await codesOf(), ['WI904'])
  await run.apply()
  assert.deepEqual(await codesOf(), [])
})

test('a role elsewhere in the account does not suffice', async () => {
  const list = `${at.ids.cosmos}/sqlRoleAssignments`
  const { value } = (await at.call('GET', list)).body
  const { principalId } = value[0].properties
  for (const { id } of value) await at.call('DELETE', id)
  assert.deepEqual(await codesOf(), ['WI903'])
  await at.grantCosmos('reader', principalId, '/dbs/other')
  assert.deepEqual(await codesOf(), ['WI904'])
  await run.apply()
  assert.deepEqual(await codesOf(), [])
})

test('destroy revokes what was granted, and deletes no account', async () => {
  await run.destroy()
  const { body } = await at.call('GET', `${at.ids.cosmos}/sqlRoleAssignments`)
  assert.deepEqual(
    body.value.map(({ properties }: { properties: { scope: string } }) => properties.scope),
    [`${at.ids.cosmos}/dbs/other`],
  )
  for (const id of Object.values(at.ids)) assert.equal((await at.call('GET', id)).status, 200)
})
