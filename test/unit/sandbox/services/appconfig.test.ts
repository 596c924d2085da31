import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openServices } from '../../../support/service-session.ts'

let at: Awaited<ReturnType<typeof openServices>>
before(async () => {
  at = await openServices()
})
after(() => at.sandbox.close())

const query = 'api-version=2026-04-01'
const audience = 'https://azconfig.io'

test('a reader lists and reads key-values, and writes none', async () => {
  await at.grant(at.ids.config, 'configOwner', at.operatorId)
  const owner = await at.tokenFor('https://appconfig.azure.com')
  const url = `${at.hosts.config}/kv/shop%2Fcolor?${query}`
  const written = await at.send(url, { method: 'PUT', token: owner, json: { value: 'blue' } })
  assert.equal(written.status, 200, JSON.stringify(written.body))
  const reader = await at.newCaller(audience)
  await at.grant(at.ids.config, 'configReader', reader.principalId)
  const one = await at.send(url, { token: reader.token })
  assert.deepEqual([one.status, one.body.key, one.body.value], [200, 'shop/color', 'blue'])
  assert.match(String(one.headers['sync-token']), /;sn=\d+$/)
  const list = await at.send(`${at.hosts.config}/kv?${query}&key=shop/*`, { token: reader.token })
  assert.deepEqual(
    list.body.items.map(({ key }: { key: string }) => key),
    ['shop/color'],
  )
  const none = await at.send(`${at.hosts.config}/kv?${query}&key=absent`, { token: reader.token })
  assert.deepEqual([none.status, none.body], [200, { items: [] }])
  const absent = await at.send(`${at.hosts.config}/kv/absent?${query}`, { token: reader.token })
  assert.equal(absent.status, 404)
  const refused = await at.send(url, { method: 'PUT', token: reader.token, json: { value: 'red' } })
  assert.deepEqual([refused.status, refused.body], [403, undefined])
})

test('control-plane roles, roles elsewhere and no role read nothing', async () => {
  const caller = await at.newCaller(audience)
  const read = async () => {
    const { status, body } = await at.send(`${at.hosts.config}/kv?${query}`, { token: caller.token })
    return [status, body]
  }
  assert.deepEqual(await read(), [403, undefined])
  await at.grant(at.group, 'contributor', caller.principalId)
  await at.grant(at.ids.registry, 'configReader', caller.principalId)
  assert.deepEqual(await read(), [403, undefined])
  await at.grant(at.group, 'configReader', caller.principalId)
  assert.equal((await read())[0], 200)
})

test('every audience of the clients is accepted, and no other', async () => {
  for (const accepted of [
    audience,
    'https://appconfig.azure.com',
    'https://azconfig.localhost',
    at.hosts.config,
  ]) {
    const token = await at.tokenFor(accepted)
    assert.equal((await at.send(`${at.hosts.config}/kv?${query}`, { token })).status, 200, accepted)
  }
  const token = await at.tokenFor('https://vault.azure.net')
  const { status, headers } = await at.send(`${at.hosts.config}/kv?${query}`, { token })
  assert.deepEqual(
    [status, headers['www-authenticate']],
    [
      401,
      'HMAC-SHA256, Bearer error="invalid_token", error_description="Authorization token failed validation"',
    ],
  )
})

test('a store without public access rejects every address', async () => {
  await at.call('PATCH', at.ids.config, { properties: { publicNetworkAccess: 'Disabled' } })
  const token = await at.tokenFor(audience)
  const { status, headers, body } = await at.send(`${at.hosts.config}/kv?${query}`, { token })
  assert.deepEqual([status, body.type], [403, 'https://azconfig.io/errors/ip-address-rejected'])
  assert.match(String(headers['content-type']), /^application\/problem\+json/)
})

test('a store that does not exist has no host name', async () => {
  await assert.rejects(at.send(`https://other.${at.simulator.hostSuffix('azconfig')}/kv?${query}`))
})
