import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { openServices } from '../../../support/service-session.ts'

let at: Awaited<ReturnType<typeof openServices>>
let login: string
before(async () => {
  at = await openServices()
  login = new URL(at.hosts.registry).host
})
after(() => at.sandbox.close())

const audience = 'https://containerregistry.azure.net'
const tags = '/acr/v1/samples/hello/_tags?n=1'
const manifest = '/v2/samples/hello/manifests/v1'

const form = (path: string, fields: Record<string, string>) =>
  at.send(`${at.hosts.registry}${path}`, { form: { service: login, ...fields } })
const exchange = (access_token: string) =>
  form('/oauth2/exchange', { grant_type: 'access_token', access_token })
const accessToken = async (refresh_token: string, scope: string) =>
  (await form('/oauth2/token', { grant_type: 'refresh_token', refresh_token, scope })).body.access_token
const get = (path: string, token?: string, method = 'GET') =>
  at.send(`${at.hosts.registry}${path}`, { method, ...(token !== undefined && { token }) })

/** Returns the statuses of reading tags and a manifest after a complete exchange, or of the refused exchange. */
async function read(token: string): Promise<number[]> {
  const exchanged = await exchange(token)
  if (exchanged.status !== 200) return [exchanged.status]
  const { refresh_token } = exchanged.body
  const own = await accessToken(refresh_token, 'repository:samples/hello:metadata_read,pull')
  return [(await get(tags, own)).status, (await get(manifest, own, 'HEAD')).status]
}

const setMode = (roleAssignmentMode: string) =>
  at.call('PATCH', at.ids.registry, { properties: { roleAssignmentMode } })
beforeEach(() => setMode('LegacyRegistryPermissions'))

test('the challenge names the token endpoint and the scope', async () => {
  const { status, headers } = await get('/v2/')
  assert.equal(status, 401)
  const challenge = `Bearer realm="https://${login}/oauth2/token",service="${login}"`
  assert.equal(headers['www-authenticate'], challenge)
  assert.equal(
    (await get(tags)).headers['www-authenticate'],
    `${challenge},scope="repository:samples/hello:metadata_read"`,
  )
  assert.equal((await get('/oauth2/exchange')).status, 405)
})

test('the legacy mode counts roles on the registry, and those of the control plane', async () => {
  for (const role of ['acrPull', 'reader', 'contributor'] as const) {
    const caller = await at.newCaller(audience)
    assert.deepEqual(await read(caller.token), [401])
    await at.grant(at.ids.registry, role, caller.principalId)
    assert.deepEqual(await read(caller.token), [200, 200], role)
  }
  const caller = await at.newCaller(audience)
  await at.grant(at.ids.registry, 'repositoryReader', caller.principalId)
  const { status, body } = await exchange(caller.token)
  assert.deepEqual([status, body.errors[0].code], [401, 'UNAUTHORIZED'])
  assert.match(
    body.errors[0].message,
    /^authentication required, visit https:\/\/aka\.ms\/acr\/authorization/,
  )
})

test('the mode with repository permissions counts only those', async () => {
  await setMode('AbacRepositoryPermissions')
  const caller = await at.newCaller(audience)
  await at.grant(at.ids.registry, 'acrPull', caller.principalId)
  await at.grant(at.group, 'contributor', caller.principalId)
  assert.deepEqual(await read(caller.token), [401])
  await at.grant(at.ids.registry, 'repositoryReader', caller.principalId)
  assert.deepEqual(await read(caller.token), [200, 200])
  const { refresh_token } = (await exchange(caller.token)).body
  const catalog = () => accessToken(refresh_token, 'registry:catalog:*')
  assert.equal((await get('/acr/v1/_catalog', await catalog())).status, 401)
  await at.grant(at.ids.registry, 'catalogLister', caller.principalId)
  const { body } = await get('/acr/v1/_catalog', await catalog())
  assert.deepEqual(body.repositories, ['samples/hello'])
})

test('a condition limits a role to one repository', async () => {
  await setMode('AbacRepositoryPermissions')
  await at.call('POST', `${at.ids.registry}/importImage`, {
    source: { sourceImage: 'hello-world:latest' },
    targetTags: ['other:v1'],
  })
  const caller = await at.newCaller(audience)
  const action = (name: string) =>
    `!(ActionMatches{'Microsoft.ContainerRegistry/registries/repositories/${name}/read'})`
  await at.grant(at.ids.registry, 'repositoryReader', caller.principalId, {
    condition: `((${action('content')} AND ${action('metadata')}) OR (@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringEqualsIgnoreCase 'samples/hello'))`,
    conditionVersion: '2.0',
  })
  assert.deepEqual(await read(caller.token), [200, 200])
  const { refresh_token } = (await exchange(caller.token)).body
  const own = await accessToken(refresh_token, 'repository:other:metadata_read')
  const { status, body } = await get('/acr/v1/other/_tags', own)
  assert.deepEqual(
    [status, body.errors[0].detail],
    [401, [{ Type: 'repository', Name: 'other', Action: 'metadata_read' }]],
  )
})

test('a change of the mode invalidates the tokens of the registry', async () => {
  const caller = await at.newCaller(audience)
  await at.grant(at.ids.registry, 'acrPull', caller.principalId)
  const { refresh_token } = (await exchange(caller.token)).body
  const own = await accessToken(refresh_token, 'repository:samples/hello:metadata_read')
  assert.equal((await get(tags, own)).status, 200)
  await setMode('AbacRepositoryPermissions')
  assert.equal((await get(tags, own)).status, 401)
  assert.equal(await accessToken(refresh_token, 'repository:samples/hello:metadata_read'), undefined)
})

test('tokens for Resource Manager are accepted unless a policy forbids it', async () => {
  const token = await at.tokenFor(at.simulator.addresses.arm)
  assert.equal((await exchange(token)).status, 200)
  await at.call('PATCH', at.ids.registry, {
    properties: { policies: { azureADAuthenticationAsArmPolicy: { status: 'disabled' } } },
  })
  const { status, body } = await exchange(token)
  assert.equal(status, 401)
  assert.match(body.errors[0].message, /^token validation failed/)
  assert.equal((await exchange(await at.tokenFor(audience))).status, 200)
})

test('an absent repository and an absent tag are told apart', async () => {
  const { refresh_token } = (await exchange(await at.tokenFor(audience))).body
  const scopes = 'repository:absent:metadata_read repository:samples/hello:pull'
  const own = await accessToken(refresh_token, scopes)
  const code = async (path: string) => (await get(path, own)).body.errors[0].code
  assert.equal(await code('/acr/v1/absent/_tags'), 'NAME_UNKNOWN')
  assert.equal(await code('/v2/samples/hello/manifests/v2'), 'MANIFEST_UNKNOWN')
})

test('API versions before the mode hide it', async () => {
  const modeIn = async (version: string) =>
    (await at.call('GET', at.ids.registry, undefined, { version })).body.properties.roleAssignmentMode
  assert.equal(await modeIn('2025-11-01'), 'LegacyRegistryPermissions')
  assert.equal(await modeIn('2025-03-01-preview'), 'LegacyRegistryPermissions')
  assert.equal(await modeIn('2023-07-01'), undefined)
})

test('the firewall rejects every path', async () => {
  await at.call('PATCH', at.ids.registry, {
    properties: { networkRuleSet: { defaultAction: 'Deny', ipRules: [{ value: '203.0.113.7' }] } },
  })
  const { status, body } = await get('/v2/')
  assert.deepEqual([status, body.errors[0].code], [403, 'DENIED'])
  assert.match(body.errors[0].message, /^client with IP '127\.0\.0\.1' is not allowed access\./)
})
