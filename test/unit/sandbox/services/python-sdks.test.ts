import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openPythonWorkload, withoutPackages } from '../../../support/python/python-sdks.ts'
import { cosmosHeaders, openServices } from '../../../support/service-session.ts'

const skip = withoutPackages(
  'azure.appconfiguration',
  'azure.cosmos',
  'azure.containerregistry',
  'azure.identity',
  'openai',
)

let at: Awaited<ReturnType<typeof openServices>>
let workload: Awaited<ReturnType<typeof openPythonWorkload>>
before(async () => {
  at = await openServices()
  workload = await openPythonWorkload(at)
  await at.grant(at.ids.config, 'configOwner', at.operatorId)
  await at.grantCosmos('contributor', at.operatorId)
  const config = await at.tokenFor('https://azconfig.io')
  const setting = `${at.hosts.config}/kv/shop%2Fcolor?api-version=2026-04-01`
  await at.send(setting, { method: 'PUT', token: config, json: { value: 'blue' } })
  const item = await at.send(`${at.hosts.cosmos}/dbs/shop/colls/orders/docs`, {
    method: 'POST',
    headers: {
      ...cosmosHeaders(await at.tokenFor(at.hosts.cosmos)),
      'x-ms-documentdb-partitionkey': '["contoso"]',
    },
    json: { id: 'order-1', customer: 'contoso', total: 42 },
  })
  assert.equal(item.status, 201, JSON.stringify(item.body))
})
after(async () => {
  workload.close()
  await at.sandbox.close()
})

const run = () => workload.run('read-services.py', JSON.stringify(at.hosts))

test('the SDKs for Python are refused without a role', { skip }, async () => {
  assert.deepEqual(await run(), {
    config: ['error', 403],
    cosmos: ['error', 403, 5301],
    openAi: ['error', 401, 'PermissionDenied'],
    registry: ['error', 401],
  })
})

test('the SDKs for Python read with the token of a workload', { skip }, async () => {
  await at.grant(at.ids.config, 'configReader', workload.principalId)
  await at.grantCosmos('reader', workload.principalId, '/dbs/shop')
  await at.grant(at.ids.openAi, 'openAiUser', workload.principalId)
  await at.grant(at.ids.registry, 'acrPull', workload.principalId)
  assert.deepEqual(await run(), {
    config: ['blue', ['shop/color']],
    cosmos: [42, ['order-1'], ['order-1']],
    openAi: [true, 'This is an answer of the sandbox.'],
    registry: [['v1'], 'sha256'],
  })
})
