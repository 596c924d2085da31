import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call, Reply } from '../../../sandbox/index.ts'
import { makeCredential } from '../../../src/clients/credential.ts'
import { fetchCloud } from '../../../src/clients/metadata.ts'
import { type Attacker, startAttacker } from '../../support/attacker.ts'
import { connectedSandbox } from '../../support/sandbox.ts'

type Connected = Awaited<ReturnType<typeof connectedSandbox>>
type Body = Record<string, unknown>

interface Planted {
  /** Changes the reply to a request, so that it names the attacker's address. */
  plant: (call: Call, reply: Reply, attacker: Attacker) => Reply
  act: (connected: Connected) => Promise<unknown>
  /** Where the credential would have gone by rights, as the error says. */
  service: RegExp
}

const location = 'westeurope'
const arm = /token for Azure Resource Manager was not sent to https:\/\/localhost:\d+: it is only for https/
const bodyOf = (reply: Reply) => reply.body as Body
const withBody = (reply: Reply, fields: Body): Reply => ({ ...reply, body: { ...bodyOf(reply), ...fields } })
const withHeaders = (reply: Reply, headers: Record<string, string>): Reply => ({
  ...reply,
  headers: { ...reply.headers, ...headers },
})
const prepare = async ({ clients }: Connected) => {
  for (const name of ['Microsoft.ContainerService', 'Microsoft.KeyVault', 'Microsoft.ManagedIdentity'])
    await clients.providers.register(name)
  await clients.groups.put('g', { location, tags: {} })
}
const createCluster = async (connected: Connected) => {
  await prepare(connected)
  await connected.clients.aksClusters.create('g', 'c', {
    location,
    tags: {},
    dnsPrefix: 'wi-c',
    kubernetesVersion: undefined,
    nodeSize: undefined,
    nodeCount: 1,
    windows: false,
    workloadIdentity: true,
  })
}
const isClusterPut = (call: Call) => call.method === 'PUT' && /managedClusters\/c$/i.test(call.path)
const createVault = async (connected: Connected) => {
  await prepare(connected)
  const { clients, state } = connected
  const options = { location, tenantId: state.tenant.id, access: 'policy' as const, tags: {} }
  await clients.vaults.create('g', 'kv-planted', options)
  const { tenantId } = options
  await clients.vaults.addPolicy('g', 'kv-planted', {
    tenantId,
    objectId: state.operator.objectId,
    secrets: ['get', 'list'],
  })
  return (await clients.vaults.get('g', 'kv-planted'))!.uri
}
const plantVault =
  (addressOf: (attacker: Attacker) => string): Planted['plant'] =>
  (call, reply, attacker) =>
    /vaults\/kv-planted$/i.test(call.path) && bodyOf(reply)?.properties
      ? withBody(reply, {
          properties: { ...(bodyOf(reply).properties as Body), vaultUri: addressOf(attacker) },
        })
      : reply
const plantList =
  (path: RegExp, field: string): Planted['plant'] =>
  (call, reply, attacker) =>
    path.test(call.path) ? withBody(reply, { [field]: `${attacker.origin}/next?$skiptoken=x` }) : reply

const cases: Record<string, Planted> = {
  'nextLink of an SDK list': {
    plant: plantList(/\/subscriptions$/, 'nextLink'),
    act: ({ clients }) => clients.azureAccount.subscriptions(),
    service: arm,
  },
  'nextLink of a list without an SDK': {
    plant: plantList(/\/usages$/, 'nextLink'),
    act: ({ clients }) => clients.azureAccount.cores(location),
    service: arm,
  },
  'Azure-AsyncOperation': {
    plant: (call, reply, { origin }) =>
      isClusterPut(call) ? withHeaders(reply, { 'azure-asyncoperation': `${origin}/operations/1` }) : reply,
    act: createCluster,
    service: arm,
  },
  'Location of a long-running operation': {
    plant: (call, reply, { origin }) =>
      isClusterPut(call)
        ? withHeaders(
            { ...reply, status: 202 },
            { 'azure-asyncoperation': undefined as never, location: `${origin}/operations/1` },
          )
        : reply,
    act: createCluster,
    service: arm,
  },
  'a vault URI elsewhere': {
    plant: plantVault(({ origin }) => `${origin}/`),
    act: async (connected) => connected.clients.secrets.names(await createVault(connected)),
    service: /token for Key Vault was not sent/,
  },
  'a vault URI with the right name on another port': {
    plant: plantVault(({ port }) => `https://kv-planted.vault.localhost:${port}/`),
    act: async (connected) => connected.clients.secrets.get(await createVault(connected), 's'),
    service: /token for Key Vault was not sent/,
  },
  'nextLink of a vault': {
    plant: plantList(/^\/secrets$/, 'nextLink'),
    act: async (connected) => connected.clients.secrets.names(await createVault(connected)),
    service: /token for Key Vault was not sent/,
  },
  '@odata.nextLink of Graph': {
    plant: plantList(/\/applications$/, '@odata.nextLink'),
    act: ({ clients }) => clients.directory.applicationsNamed('x'),
    service: /token for Microsoft Graph was not sent/,
  },
  'token_endpoint of the discovery document': {
    plant: (call, reply, { origin }) =>
      call.path.endsWith('/openid-configuration')
        ? withBody(reply, { token_endpoint: `${origin}/token` })
        : reply,
    act: ({ clients }) => clients.azureAccount.subscriptions(),
    service: /sign-in \(a secret, an assertion or a refresh token\) was not sent/,
  },
}

for (const status of [301, 302, 307, 308])
  cases[`a redirect with status ${status}`] = {
    plant: (call, reply, { origin }) =>
      call.path.endsWith('/subscriptions')
        ? { status, headers: { location: `${origin}/subscriptions` } }
        : reply,
    act: ({ clients }) => clients.azureAccount.subscriptions(),
    service: /redirects to https:\/\/localhost:\d+\/subscriptions, which is not followed/,
  }

for (const [name, { plant, act, service }] of Object.entries(cases))
  test(`${name}: no credential leaves`, async () => {
    const attacker = await startAttacker((_, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"value":[],"status":"Succeeded"}'),
    )
    const connected = await connectedSandbox({
      pace: 0,
      intercept: async (call, answer) => plant(call, await answer(), attacker),
    })
    await assert.rejects(act(connected), (error: Error) => {
      assert.match(error.message, service)
      return true
    })
    assert.deepEqual(attacker.credentials(), [])
  })

test("an issuer's documents are read without a token", async () => {
  const attacker = await startAttacker((request, response) => {
    const origin = `https://${request.headers.host}`
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ issuer: origin, jwks_uri: `${origin}/keys`, keys: [] }))
  })
  const { clients } = await connectedSandbox()
  await clients.azureAccount.subscriptions()
  await clients.issuers.documents(attacker.origin)
  assert.equal(attacker.received.length, 2)
  assert.deepEqual(attacker.credentials(), [])
})

test('a hostile cloud gets no token, secret or sign-in of another cloud', async () => {
  const { http, signal } = await connectedSandbox()
  const documents = {
    'audience of Azure': { audiences: ['https://management.azure.com/'] },
    'login endpoint of Azure': { loginEndpoint: 'https://login.microsoftonline.com' },
    'login endpoint elsewhere': { loginEndpoint: 'https://login.evil.test' },
    'login endpoint on another port': { loginEndpoint: 'https://localhost:1' },
    'login endpoint without TLS': { loginEndpoint: 'http://localhost' },
    'Graph of Azure': { graph: 'https://graph.microsoft.com/' },
    'vault suffix of Azure': { suffix: 'vault.azure.net' },
    'top-level domain as vault suffix': { suffix: 'com' },
    'empty vault suffix': { suffix: '' },
    'vault suffix with a path': { suffix: 'localhost/x.' },
    'vault suffix with a user': { suffix: 'x@localhost' },
  }
  for (const [name, changed] of Object.entries(documents)) {
    const attacker = await startAttacker((request, response) => {
      const origin = `https://${request.headers.host}`
      const {
        audiences = [origin],
        loginEndpoint = origin,
        graph = origin,
        suffix,
      } = changed as Body & {
        audiences?: string[]
      }
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          name: 'Evil',
          authentication: { audiences, loginEndpoint },
          microsoftGraphResourceId: graph,
          suffixes: { keyVaultDns: suffix ?? `vault.${request.headers.host}` },
        }),
      )
    })
    await assert.rejects(fetchCloud({ arm: attacker.origin, http, signal }), { code: 'NotACloud' }, name)
    assert.deepEqual(attacker.credentials(), [], name)
  }
})

test('a private cloud has its services in its own domain, or the login endpoint that the user chose', async () => {
  const { http, signal } = await connectedSandbox()
  let document: object = {}
  const attacker = await startAttacker((_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document)),
  )
  const { origin, port } = attacker
  document = {
    name: 'Stack',
    authentication: {
      audiences: ['https://elsewhere.test', `${origin}/arm`],
      loginEndpoint: 'https://adfs.corp.test/adfs/',
    },
    microsoftGraphResourceId: `https://graph.localhost:${port}/`,
    suffixes: { keyVaultDns: `.vault.localhost:${port}` },
  }
  await assert.rejects(fetchCloud({ arm: origin, http, signal }), {
    message: /login endpoint "https:\/\/adfs\.corp\.test/,
  })
  const cloud = await fetchCloud({ arm: origin, authorityHost: 'https://adfs.corp.test/adfs', http, signal })
  assert.deepEqual(
    [cloud.armScope, cloud.login, cloud.vaultSuffix],
    [`${origin}/arm/.default`, 'https://adfs.corp.test/adfs', `vault.localhost:${port}`],
  )
  const credential = makeCredential({ cloud, http, signal, env: {} })
  await assert.rejects(credential.getToken('https://management.azure.com/.default') as Promise<unknown>, {
    code: 'AudienceNotAllowed',
  })
})
