import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as plain } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { environmentShell, openSandbox, type Sandbox, type SandboxSession } from '../../../sandbox/index.ts'
import { sandboxProcesses } from '../../../src/session/open-sandbox.ts'
import { manualClock, openArm } from '../../support/arm-session.ts'
import { operatorToken, request } from '../../support/request.ts'
import { newSandbox } from '../../support/sandbox.ts'

// What az, azwi and the SDKs of other languages rely on, as plain requests.

const vaultReader = '21090545-7ca7-4776-b22c-e363652d74d2'
let arm: Awaited<ReturnType<typeof openArm>>
let graph: string
let graphToken: string
const folder = mkdtempSync(join(tmpdir(), 'wi "sandbox\' '))
let session: SandboxSession | undefined

before(async () => {
  arm = await openArm()
  await arm.prepare()
  graph = `${arm.simulator.addresses.graph}/v1.0`
  graphToken = await operatorToken(arm.sandbox, arm.simulator.addresses.graph)
})
after(async () => {
  await arm.sandbox.close()
  await session?.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the lines for a shell set every variable, even for a folder name with special characters', async () => {
  session = await openSandbox(folder, sandboxProcesses(), { pace: 0 })
  const file = join(folder, 'env.sh')
  writeFileSync(file, environmentShell(session))
  const names = [
    'AZURE_CONFIG_DIR',
    'SSL_CERT_FILE',
    'REQUESTS_CA_BUNDLE',
    'KUBECONFIG',
    'HTTPS_PROXY',
    'https_proxy',
    'NO_PROXY',
    'no_proxy',
    'AZURE_CLIENT_SECRET',
  ]
  const env = {
    PATH: process.env.PATH,
    no_proxy: 'localhost',
    NO_PROXY: 'localhost',
    https_proxy: 'http://x',
  }
  const printed = execFileSync(
    'sh',
    ['-c', `. "$1"; for n in ${names.join(' ')}; do eval "printf '%s\\n' \\"\\$$n\\""; done`, 'sh', file],
    { env, encoding: 'utf8' },
  )
  const [config, certs, bundle, kubeconfig, proxy, lowProxy, none, lowNone, secret] = printed.split('\n')
  assert.equal(config, join(folder, 'azure-cli'), "another account's settings stay alone")
  assert.deepEqual([certs, bundle, kubeconfig], [session.caFile, session.caFile, join(folder, 'kubeconfig')])
  assert.deepEqual([proxy, lowProxy], [session.proxy, session.proxy])
  assert.deepEqual([none, lowNone], ['', ''], 'Python would bypass the proxy for vaults, too')
  assert.equal(secret, session.operator.clientSecret)
  assert.match(secret ?? '', /^\w/, 'az takes a leading dash for an option')
})

test('the proxy reaches vaults by host name, and nothing else', async () => {
  const connect = (target: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const tunnel = plain(arm.sandbox.proxy, { method: 'CONNECT', path: target })
      tunnel.on('connect', (response, socket) => {
        socket.destroy()
        resolve(response.statusCode)
      })
      tunnel.on('error', reject)
      tunnel.end()
    })
  const { port } = arm.state
  assert.equal(await connect(`some.vault.localhost:${port}`), 200)
  assert.equal(await connect('login.microsoftonline.com:443'), 403)
  assert.equal(await connect('localhost:22'), 403)
})

test('the challenge of a vault contains its address with the port, which Python and Go require', async () => {
  await arm.call('PUT', `${arm.providers}/Microsoft.KeyVault/vaults/kv-strange-1`, {
    location: 'eastus',
    properties: { tenantId: arm.state.tenant.id, sku: { family: 'A', name: 'standard' } },
  })
  const { vaultSuffix, login } = arm.simulator.addresses
  const vault = `https://kv-strange-1.${vaultSuffix}`
  const { status, headers } = await request(arm.sandbox, `${vault}/secrets/s/?api-version=7.4`)
  assert.equal(status, 401)
  const [, authorization, resource] =
    /authorization="([^"]+)", resource="([^"]+)"/.exec(headers['www-authenticate'] ?? '') ?? []
  assert.equal(authorization, `${login}/${arm.state.tenant.id}`)
  assert.ok(new URL(vault).host.endsWith(`.${new URL(resource ?? '').host}`))
})

test('azwi gets the tenant from a request with an empty token', async () => {
  for (const headers of [{}, { authorization: 'Bearer ' }]) {
    const url = `${arm.simulator.addresses.arm}${arm.subscription}?api-version=2016-06-01`
    const answer = await request(arm.sandbox, url, { headers })
    assert.equal(answer.status, 401)
    assert.match(
      answer.headers['www-authenticate'] ?? '',
      new RegExp(`authorization_uri="${arm.simulator.addresses.login}/${arm.state.tenant.id}"`),
    )
  }
})

test('a gzip token request with the scopes of MSAL Go gets a token for the first scope', async () => {
  const { clientId, clientSecret } = arm.state.operator
  const form = new URLSearchParams({
    client_id: clientId,
    client_secret: clientSecret,
    grant_type: 'client_credentials',
    scope: `${arm.simulator.addresses.arm}//.default openid offline_access profile`,
  })
  const { login } = arm.simulator.addresses
  const { body } = await request(arm.sandbox, `${login}/${arm.state.tenant.id}/oauth2/v2.0/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' },
    body: gzipSync(form.toString()),
  })
  const { aud } = JSON.parse(Buffer.from(body.access_token.split('.')[1], 'base64url').toString())
  assert.equal(aud, `${arm.simulator.addresses.arm}/`)
  assert.equal((await arm.call('GET', arm.subscription, undefined, { token: body.access_token })).status, 200)
})

test('a credential is found by a base64 name and by its subject', async () => {
  const call = (method: string, path: string, json?: unknown) =>
    request(arm.sandbox, `${graph}${path}`, { method, token: graphToken, ...(json ? { json } : {}) })
  const { body: app } = await call('POST', '/applications', {
    '@odata.type': '#microsoft.graph.application',
    displayName: 'azwi app',
  })
  const credentials = `/applications/${app.id}/federatedIdentityCredentials`
  const created = await call('POST', credentials, {
    '@odata.type': '#microsoft.graph.federatedIdentityCredential',
    name: 'c2hvcC9hcGk=',
    issuer: 'https://x.example/',
    subject: 'system:serviceaccount:shop:api',
    audiences: ['api://AzureADTokenExchange'],
  })
  assert.equal(created.status, 201)
  const found = await call(
    'GET',
    `${credentials}?$filter=subject+eq+%27system%3Aserviceaccount%3Ashop%3Aapi%27`,
  )
  assert.deepEqual(
    found.body.value.map(({ name }: { name: string }) => name),
    ['c2hvcC9hcGk='],
  )
  assert.equal((await call('DELETE', `${credentials}/c2hvcC9hcGk=`)).status, 204)
})

test('role definitions are found at no scope, and with + for blanks', async () => {
  for (const slash of ['/', '//']) {
    const { body } = await arm.call(
      'GET',
      `${slash}providers/Microsoft.Authorization/roleDefinitions?api-version=2018-01-01-preview&%24filter=roleName+eq+%27Key+Vault+Reader%27`,
    )
    assert.deepEqual(
      body.value.map(({ name }: { name: string }) => name),
      [vaultReader],
    )
  }
})

test('az checks the names of managed HSMs together with a vault name', async () => {
  const check = async (name: string) =>
    (
      await arm.call('POST', `${arm.subscription}/providers/Microsoft.KeyVault/checkMhsmNameAvailability`, {
        name,
        type: 'hsm',
      })
    ).body
  assert.deepEqual(await check('some-hsm'), { nameAvailable: true })
  assert.equal((await check('a--b')).reason, 'AccountNameInvalid')
})

test('az ad sp create-for-rbac: a new application accepts a secret immediately, its principal only later', async () => {
  const { clock, advance } = manualClock()
  const slow: Sandbox = await newSandbox({ clock, pace: 1 })
  try {
    advance(60_000)
    const token = await operatorToken(slow, slow.simulator.addresses.graph)
    const post = (path: string, json: unknown) =>
      request(slow, `${slow.simulator.addresses.graph}/v1.0${path}`, { method: 'POST', token, json })
    const { body: app } = await post('/applications', { displayName: 'rbac' })
    const secret = await post(`/applications/${app.id}/addPassword`, {
      passwordCredential: { displayName: 'rbac', endDateTime: '2027-11-23T16:00:00Z' },
    })
    assert.equal(secret.status, 200, JSON.stringify(secret.body))
    const early = await post('/servicePrincipals', { appId: app.appId })
    // az retries on this message.
    assert.match(early.body.error.message, / does not reference /)
    advance(10_000)
    assert.equal((await post('/servicePrincipals', { appId: app.appId })).status, 201)
    const unknown = await post(`/applications/${crypto.randomUUID()}/addPassword`, {})
    assert.equal(unknown.body.error.code, 'Request_ResourceNotFound')
  } finally {
    await slow.close()
  }
})
