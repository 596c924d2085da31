import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openServices } from '../../../support/service-session.ts'

let at: Awaited<ReturnType<typeof openServices>>
before(async () => {
  at = await openServices()
})
after(() => at.sandbox.close())

const audience = 'https://cognitiveservices.azure.com'
const models = '/openai/models?api-version=2024-10-21'
const chat = '/openai/deployments/chat/chat/completions?api-version=2024-10-21'
const question = { messages: [{ role: 'user', content: 'Hello' }] }

const send = (path: string, token?: string, json?: unknown, host = at.hosts.openAi) =>
  at.send(`${host}${path}`, {
    ...(token !== undefined && { token }),
    ...(json !== undefined && { method: 'POST', json }),
  })

test('a user lists models and gets an answer of a deployment', async () => {
  const user = await at.newCaller(audience)
  await at.grant(at.ids.openAi, 'openAiUser', user.principalId)
  for (const path of [models, '/openai/v1/models']) {
    const { status, body } = await send(path, user.token)
    assert.deepEqual([status, body.object, body.data[0].object], [200, 'list', 'model'])
  }
  assert.equal((await send('/openai/models/gpt-4o?api-version=2024-10-21', user.token)).body.id, 'gpt-4o')
  const answer = await send(chat, user.token, question)
  assert.deepEqual([answer.status, answer.body.choices[0].finish_reason], [200, 'stop'])
  const v1 = await send('/openai/v1/chat/completions', user.token, { model: 'chat', ...question })
  assert.equal(v1.status, 200)
  const absent = await send(chat.replace('/chat/', '/absent/'), user.token, question)
  assert.deepEqual([absent.status, absent.body.error.code], [404, 'DeploymentNotFound'])
})

test('a caller without the role is told the missing data action', async () => {
  const caller = await at.newCaller(audience)
  await at.grant(at.group, 'contributor', caller.principalId)
  const { status, body } = await send(chat, caller.token, question)
  assert.equal(status, 401)
  assert.deepEqual(body.error, {
    code: 'PermissionDenied',
    message: `The principal \`${caller.principalId}\` lacks the required data action \`Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action\` to perform \`POST /openai/deployments/{deployment-id}/chat/completions\` operation.`,
  })
})

test('a token that is missing, of another audience or of another tenant is rejected', async () => {
  for (const token of [undefined, await at.tokenFor('https://vault.azure.net')]) {
    const { status, body } = await send(models, token)
    assert.deepEqual([status, body.statusCode], [401, 401])
    assert.match(body.message, /^Unauthorized\. Access token is missing, invalid, audience is incorrect/)
  }
  const foreign = `e30.${Buffer.from('{"iss":"https://sts.windows.net/other/"}').toString('base64url')}.x`
  const { status, body } = await send(models, foreign)
  assert.deepEqual([status, body.error.code], [400, 'Tenant provided in token does not match resource token'])
})

test('an account without a subdomain accepts no token', async () => {
  const { body } = await at.put(`${at.group}/providers/Microsoft.CognitiveServices/accounts/regional`, {
    location: 'westus',
    kind: 'OpenAI',
    sku: { name: 'S0' },
  })
  assert.equal(body.properties.endpoint, `https://westus.${at.simulator.hostSuffix('api.cognitive')}/`)
  const { status, body: answer } = await send(
    models,
    await at.tokenFor(audience),
    undefined,
    body.properties.endpoint.slice(0, -1),
  )
  assert.equal(status, 400)
  assert.match(answer.error.message, /^Please provide a custom subdomain for token authentication/)
})

test('a subdomain is unique and final', async () => {
  const other = `${at.group}/providers/Microsoft.CognitiveServices/accounts/other`
  const account = { location: 'eastus', kind: 'AIServices', sku: { name: 'S0' } }
  const taken = await at.call('PUT', other, { ...account, properties: { customSubDomainName: 'Shop-AI' } })
  assert.deepEqual([taken.status, taken.body.error.code], [409, 'CustomDomainInUse'])
  const path = `${at.subscription}/providers/Microsoft.CognitiveServices/checkDomainAvailability`
  const check = async (subdomainName: string) =>
    (await at.call('POST', path, { subdomainName, type: 'Microsoft.CognitiveServices/accounts' })).body
      .isSubdomainAvailable
  assert.deepEqual([await check('shop-ai'), await check('free-ai')], [false, true])
  const made = await at.put(other, { ...account, properties: { customSubDomainName: 'other-ai' } })
  assert.equal(
    made.body.properties.endpoint,
    `https://other-ai.${at.simulator.hostSuffix('cognitiveservices')}/`,
  )
  const changed = await at.call('PATCH', other, { properties: { customSubDomainName: 'third-ai' } })
  assert.equal(changed.status, 400)
})

test('network rules, private access and keys that are turned off', async () => {
  const token = await at.tokenFor(audience)
  const restrict = (properties: object) => at.call('PATCH', at.ids.openAi, { properties })
  await restrict({ disableLocalAuth: true })
  const withKey = await at.send(`${at.hosts.openAi}${models}`, { headers: { 'api-key': 'abc' } })
  assert.deepEqual([withKey.status, withKey.body.error.code], [403, 'AuthenticationTypeDisabled'])
  await restrict({ networkAcls: { defaultAction: 'Deny', ipRules: [{ value: '203.0.113.7' }] } })
  assert.deepEqual((await send(models, token)).body.error, {
    code: '403',
    message: 'Access denied due to Virtual Network/Firewall rules.',
  })
  await restrict({ publicNetworkAccess: 'Disabled' })
  assert.deepEqual((await send(models, token)).body.error, {
    code: '403',
    message: 'Public access is disabled. Please configure private endpoint.',
  })
})
