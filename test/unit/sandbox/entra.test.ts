import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import { after, before, test } from 'node:test'
import { createLocalJWKSet, decodeJwt, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose'
import { issueServerCertificate, type Sandbox } from '../../../sandbox/index.ts'
import { operatorToken, request } from '../../support/request.ts'
import { newSandbox } from '../../support/sandbox.ts'
import { sharedKeys } from '../../support/shared-keys.ts'

let sandbox: Sandbox
let issuer: string
let signingKey: Awaited<ReturnType<typeof generateKeyPair>>['privateKey']
let published: JWK[]
let documentsRead = 0
let closeIssuer: (() => void) | undefined
let clock = Date.now()
const clientId = crypto.randomUUID()
const principalId = crypto.randomUUID()
const subject = 'system:serviceaccount:shop:api'
const audience = 'api://AzureADTokenExchange'

before(async () => {
  sandbox = await newSandbox({ clock: () => clock })
  const keys = await generateKeyPair('RS256')
  signingKey = keys.privateKey
  published = [{ ...(await exportJWK(keys.publicKey)), kid: 'one', use: 'sig' }]
  await serveIssuer()

  const { directory } = sandbox.state
  const id = crypto.randomUUID()
  directory.applications[id] = {
    id,
    appId: clientId,
    uniqueName: null,
    createdAt: 0,
    body: { displayName: 'shop' },
    secrets: [],
    credentials: [
      {
        id: crypto.randomUUID(),
        name: 'shop-api',
        issuer,
        subject,
        description: null,
        audiences: [audience],
        createdAt: 0,
        changedAt: 0,
      },
    ],
  }
  directory.servicePrincipals[principalId] = {
    id: principalId,
    appId: clientId,
    type: 'Application',
    createdAt: 0,
    body: {},
    directoryRights: [],
  }
})
after(async () => {
  closeIssuer?.()
  await sandbox.close()
})

async function serveIssuer() {
  const { authority } = await sharedKeys()
  const names = { dns: ['oidc.localhost'], ip: ['127.0.0.1'] }
  const leaf = await issueServerCertificate(authority, names)
  const server = createServer({ ...leaf }, (incoming, response) => {
    documentsRead += 1
    const document = incoming.url?.endsWith('/jwks')
      ? { keys: published }
      : { issuer, jwks_uri: `${issuer}jwks` }
    response.end(JSON.stringify(document))
  })
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  )
  issuer = `https://oidc.localhost:${port}/`
  closeIssuer = () => {
    server.close()
    server.closeAllConnections()
  }
}

const signAssertion = (change: {
  subject?: string
  audience?: string
  issuer?: string
  kid?: string
  key?: typeof signingKey
  exp?: number
}) =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', kid: change.kid ?? 'one' })
    .setIssuer(change.issuer ?? issuer)
    .setSubject(change.subject ?? subject)
    .setAudience([change.audience ?? audience])
    .setIssuedAt(Math.floor(clock / 1000))
    .setExpirationTime(change.exp ?? Math.floor(clock / 1000) + 600)
    .sign(change.key ?? signingKey)

const ask = (fields: Record<string, string>, tenant = sandbox.state.tenant.id) =>
  request(sandbox, `${sandbox.simulator.addresses.login}/${tenant}/oauth2/v2.0/token`, {
    form: {
      grant_type: 'client_credentials',
      scope: `${sandbox.simulator.addresses.arm}/.default`,
      ...fields,
    },
  })

const exchange = async (change: Parameters<typeof signAssertion>[0], fields: Record<string, string> = {}) =>
  ask({
    client_id: clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await signAssertion(change),
    ...fields,
  })

const assertError = (answer: Awaited<ReturnType<typeof ask>>, status: number, error: string, code: number) =>
  assert.deepEqual(
    [answer.status, answer.body.error, answer.body.error_codes],
    [status, error, [code]],
    answer.body.error_description ?? JSON.stringify(answer.body),
  )

test('a client secret gets a signed token with the claims of Azure', async () => {
  const token = await operatorToken(sandbox, `${sandbox.simulator.addresses.arm}/`)
  const { tenant, operator } = sandbox.state
  const { body: document } = await request(
    sandbox,
    `${sandbox.simulator.addresses.login}/${tenant.domain}/v2.0/.well-known/openid-configuration?`,
  )
  assert.equal(document.issuer, `${sandbox.simulator.addresses.login}/${tenant.id}/v2.0`)
  const { body: keys } = await request(sandbox, document.jwks_uri)
  assert.equal(keys.keys[0].alg, undefined)
  const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
    currentDate: new Date(clock),
  })
  assert.equal(protectedHeader.x5t, protectedHeader.kid)
  assert.partialDeepStrictEqual(payload, {
    aud: `${sandbox.simulator.addresses.arm}/`,
    iss: `https://sts.windows.net/${tenant.id}/`,
    appid: operator.clientId,
    appidacr: '1',
    oid: operator.objectId,
    sub: operator.objectId,
    tid: tenant.id,
    idtyp: 'app',
    ver: '1.0',
  })
  assert.equal((payload.uti as string).length, 22)
  assert.equal(payload.roles, undefined)
})

test('a Graph token has roles; HTTP Basic works; cp1 tokens are valid for a day', async () => {
  const { operator, tenant } = sandbox.state
  const { login, graph } = sandbox.simulator.addresses
  const { body } = await request(sandbox, `${login}/${tenant.id}/oauth2/v2.0/token`, {
    form: {
      grant_type: 'client_credentials',
      scope: `${graph}/.default openid offline_access`,
      claims: '{"access_token":{"xms_cc":{"values":["CP1"]}}}',
    },
    headers: {
      authorization: `Basic ${Buffer.from(`${operator.clientId}:${operator.clientSecret}`).toString('base64')}`,
    },
  })
  assert.equal(body.expires_in, 86_399)
  const claims = decodeJwt(body.access_token)
  assert.deepEqual(claims.roles, ['Application.ReadWrite.All', 'Directory.Read.All', 'Group.ReadWrite.All'])
  assert.deepEqual(claims.xms_cc, ['cp1'])
})

test('a federated assertion gets a token; the keys of its issuer are read and cached', async () => {
  documentsRead = 0
  const answer = await exchange({})
  assert.equal(answer.status, 200, answer.body.error_description)
  assert.deepEqual(Object.keys(answer.body), ['token_type', 'expires_in', 'ext_expires_in', 'access_token'])
  const claims = decodeJwt(answer.body.access_token)
  assert.deepEqual([claims.appid, claims.oid, claims.appidacr], [clientId, principalId, '2'])
  assert.equal(documentsRead, 2)
})

test('each invalid assertion gets its own error code', async () => {
  const other = await generateKeyPair('RS256')
  assertError(await exchange({ issuer: issuer.slice(0, -1) }), 401, 'invalid_client', 700211)
  assertError(await exchange({ subject: 'system:serviceaccount:shop:web' }), 401, 'invalid_client', 700213)
  assertError(await exchange({ subject: 'system:serviceaccount:Shop:api' }), 401, 'invalid_client', 7002138)
  assertError(await exchange({ audience: 'api://other' }), 401, 'invalid_client', 700212)
  assertError(await exchange({ kid: 'two' }), 401, 'invalid_client', 7000272)
  assertError(await exchange({ key: other.privateKey }), 401, 'invalid_client', 700027)
  assertError(await exchange({ exp: Math.floor(clock / 1000) - 1 }), 401, 'invalid_client', 700024)
  assertError(await exchange({}, { client_assertion: '"x.y' }), 400, 'invalid_request', 50027)
  assertError(
    await exchange({}, { scope: 'https://nobody.example/.default' }),
    400,
    'invalid_resource',
    500011,
  )
  assertError(await exchange({}, { scope: 'https://nobody.example' }), 400, 'invalid_scope', 1002012)
})

test('a flexible credential accepts the tokens that its expression matches', async () => {
  const application = Object.values(sandbox.state.directory.applications).find(
    (each) => each.appId === clientId,
  )!
  const { credentials } = application
  const flexible = (value: string) => {
    application.credentials = [
      {
        ...credentials[0]!,
        subject: null,
        claimsMatchingExpression: { value, languageVersion: 1 },
      },
    ]
  }
  try {
    flexible("claims['sub'] matches 'system:serviceaccount:shop:*' and claims['sub'] matches '*a?i'")
    assert.equal((await exchange({})).status, 200)
    assertError(
      await exchange({ subject: 'system:serviceaccount:other:api' }),
      401,
      'invalid_client',
      7002131,
    )
    assertError(await exchange({ audience: 'api://other' }), 401, 'invalid_client', 700212)
    flexible(`claims['sub'] eq '${subject}'`)
    assert.equal((await exchange({})).status, 200)
    flexible("claims['sub'] eq 'system:serviceaccount:shop:*'")
    assertError(await exchange({}), 401, 'invalid_client', 7002131)
  } finally {
    application.credentials = credentials
  }
})

test('a new key of the issuer works immediately; an unreachable issuer fails', async () => {
  const keys = await generateKeyPair('RS256')
  published.push({ ...(await exportJWK(keys.publicKey)), kid: 'three' })
  assert.equal((await exchange({ kid: 'three', key: keys.privateKey })).status, 200)
  const credential = Object.values(sandbox.state.directory.applications).find((a) => a.appId === clientId)!
    .credentials[0]!
  credential.issuer = 'https://localhost:9/'
  assertError(await exchange({ issuer: 'https://localhost:9/' }), 400, 'invalid_request', 90061)
  credential.issuer = issuer
})

test('a client must exist, be enabled and have a service principal and a valid secret', async () => {
  const { operator, directory } = sandbox.state
  const secret = { client_id: operator.clientId, client_secret: operator.clientSecret }
  const principal = directory.servicePrincipals[operator.objectId]!
  assertError(await ask({ ...secret, client_id: crypto.randomUUID() }), 400, 'unauthorized_client', 700016)
  assertError(await ask({ ...secret, client_secret: 'x' }), 401, 'invalid_client', 7000215)
  assertError(await ask({ client_id: operator.clientId }), 401, 'invalid_client', 7000218)
  assertError(await ask({}), 400, 'invalid_request', 900144)
  assertError(await ask(secret, crypto.randomUUID()), 400, 'invalid_tenant', 90002)
  assertError(await ask(secret, 'nonsense'), 400, 'invalid_request', 900023)
  principal.deletedAt = clock
  assertError(await ask(secret), 401, 'invalid_client', 7000229)
  delete principal.deletedAt
  principal.body.accountEnabled = false
  assertError(await ask(secret), 400, 'unauthorized_client', 7000112)
  delete principal.body.accountEnabled
  const app = Object.values(directory.applications).find((each) => each.appId === operator.clientId)!
  app.deletedAt = clock
  assertError(await ask(secret), 400, 'unauthorized_client', 700016)
  delete app.deletedAt
  app.secrets[0]!.endsAt = clock - 1
  assertError(await ask(secret), 401, 'invalid_client', 7000222)
  app.secrets[0]!.endsAt = clock + 1e9
  assertError(
    await ask({ client_id: operator.clientId, ...(await assertionFields()) }),
    401,
    'invalid_client',
    70025,
  )
})

const assertionFields = async () => ({
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: await signAssertion({}),
})

test('a user-assigned identity signs in with its federated credentials', async () => {
  const { arm, directory, subscription, tenant } = sandbox.state
  const id = `/subscriptions/${subscription.id}/resourceGroups/shop/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop`
  const [identityClientId, oid] = [crypto.randomUUID(), crypto.randomUUID()]
  const properties = { clientId: identityClientId, principalId: oid, tenantId: tenant.id }
  const credential = {
    id,
    name: 'abc',
    issuer,
    subject: 'identity',
    description: null,
    audiences: [audience],
  }
  arm.resources[id.toLowerCase()] = {
    createdAt: 0,
    changedAt: 0,
    body: { id, name: 'shop', type: 'Microsoft.ManagedIdentity/userAssignedIdentities', properties },
    credentials: [{ ...credential, createdAt: 0, changedAt: 0 }],
  }
  directory.servicePrincipals[oid] = {
    id: oid,
    appId: identityClientId,
    type: 'ManagedIdentity',
    createdAt: 0,
    body: {},
    directoryRights: [],
    managedIdentityId: id,
  }
  assertError(await exchange({}, { client_id: identityClientId }), 401, 'invalid_client', 700213)
  const { body } = await exchange({ subject: 'identity' }, { client_id: identityClientId })
  assert.partialDeepStrictEqual(decodeJwt(body.access_token), { oid, appid: identityClientId, xms_mirid: id })
})

test('the version 1 endpoints have their own responses', async () => {
  const { tenant, operator } = sandbox.state
  const { login } = sandbox.simulator.addresses
  const { body: document } = await request(sandbox, `${login}/${tenant.id}/.well-known/openid-configuration`)
  assert.equal(document.issuer, `https://sts.windows.net/${tenant.id}/`)
  const { body } = await request(sandbox, document.token_endpoint, {
    form: {
      grant_type: 'client_credentials',
      client_id: operator.clientId,
      client_secret: operator.clientSecret,
      resource: 'https://vault.azure.net',
    },
  })
  assert.deepEqual([body.expires_in, body.resource], ['3599', 'https://vault.azure.net'])
  assert.equal(decodeJwt(body.access_token).aud, 'https://vault.azure.net')
})

test('an error echoes the request ID and keeps the order of its fields', async () => {
  const id = crypto.randomUUID()
  const answer = await ask({ client_id: crypto.randomUUID(), client_secret: 'x', 'client-request-id': id })
  const { body } = answer
  assert.deepEqual(Object.keys(body), [
    'error',
    'error_description',
    'error_codes',
    'timestamp',
    'trace_id',
    'correlation_id',
    'error_uri',
  ])
  assert.equal(body.correlation_id, id)
  assert.equal(answer.headers['x-ms-request-id'], body.trace_id)
  assert.match(body.timestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/)
  assert.match(
    body.error_description,
    /^AADSTS700016: Application .* Trace ID: \S+ Correlation ID: \S+ Timestamp: /,
  )
})

test('instance discovery accepts only its own host', async () => {
  const at = (host: string) =>
    request(
      sandbox,
      `${sandbox.simulator.addresses.login}/common/discovery/instance?api-version=1.1&authorization_endpoint=${encodeURIComponent(`${host}/organizations/oauth2/v2.0/authorize`)}`,
    )
  const known = await at(sandbox.simulator.addresses.login)
  assert.equal(known.status, 200)
  assert.equal(known.headers['access-control-allow-origin'], '*')
  assert.match(
    known.body.tenant_discovery_endpoint,
    /\/organizations\/v2\.0\/\.well-known\/openid-configuration$/,
  )
  assertError(await at('https://login.example.com'), 400, 'invalid_instance', 50049)
})

test('a device code stays pending until it expires', async () => {
  const { login } = sandbox.simulator.addresses
  const client = { client_id: crypto.randomUUID() }
  const { body: code } = await request(sandbox, `${login}/organizations/oauth2/v2.0/devicecode`, {
    form: { ...client, scope: 'openid' },
  })
  const poll = () =>
    ask({
      ...client,
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: code.device_code,
    })
  assertError(await poll(), 400, 'authorization_pending', 70016)
  clock += 901_000
  assertError(await poll(), 400, 'expired_token', 70020)
})
