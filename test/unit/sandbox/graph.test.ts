import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Sandbox } from '../../../sandbox/index.ts'
import { operatorToken, request } from '../../support/request.ts'
import { newSandbox } from '../../support/sandbox.ts'

let sandbox: Sandbox
let token: string
let slow: Sandbox
let clock = Date.now()
const eventual = { consistencylevel: 'eventual' }

before(async () => {
  sandbox = await newSandbox()
  token = await operatorToken(sandbox, sandbox.simulator.addresses.graph)
})
after(async () => {
  await sandbox.close()
  await slow?.close()
})

const call = (method: string, path: string, json?: unknown, headers: Record<string, string> = {}) =>
  request(sandbox, `${sandbox.simulator.addresses.graph}/v1.0${path}`, {
    method,
    token,
    headers,
    ...(json === undefined ? {} : { json }),
  })

const filtered = (collection: string, filter: string, headers = {}) =>
  call('GET', `/${collection}?$filter=${encodeURIComponent(filter)}&$count=true`, undefined, headers)

const assertError = (
  answer: Awaited<ReturnType<typeof call>>,
  status: number,
  code: string,
  message?: RegExp,
) => {
  assert.deepEqual([answer.status, answer.body?.error?.code], [status, code], JSON.stringify(answer.body))
  if (message) assert.match(answer.body.error.message, message)
}

const createApplication = async (more: object = {}) => {
  const answer = await call('POST', '/applications', { displayName: 'shop', ...more })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body
}

test('a request without a token or with a wrong audience gets 401 in the error envelope', async () => {
  const url = `${sandbox.simulator.addresses.graph}/v1.0/applications`
  const answer = await request(sandbox, url, { headers: { 'client-request-id': 'abc' } })
  assertError(answer, 401, 'InvalidAuthenticationToken', /^Access token is empty\.$/)
  assert.equal(answer.body.error.innerError['client-request-id'], 'abc')
  assert.equal(answer.body.error.innerError['request-id'], answer.headers['request-id'])
  assert.match(answer.body.error.innerError.date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/)
  assert.equal(answer.headers['content-type'], 'application/json')
  assert.equal(answer.headers['odata-version'], undefined)
  const forArm = await operatorToken(sandbox, sandbox.simulator.addresses.arm)
  assertError(
    await request(sandbox, url, { token: forArm }),
    401,
    'InvalidAuthenticationToken',
    /Invalid audience/,
  )
  assertError(await request(sandbox, url, { token: 'x.y.z' }), 401, 'InvalidAuthenticationToken')
})

test('an application can be created, read by each key, updated and deleted', async () => {
  const answer = await call('POST', '/applications', {
    '@odata.type': '#microsoft.graph.application',
    displayName: 'complete',
    uniqueName: 'wi-complete',
    tags: ['managed-by:wi-setup'],
    web: { homePageUrl: 'https://shop.example' },
  })
  const { body: created } = answer
  assert.equal(answer.status, 201)
  assert.match(
    String(answer.headers.location),
    /\/v2\/[0-9a-f-]{36}\/directoryObjects\/[0-9a-f-]{36}\/Microsoft\.DirectoryServices\.Application$/,
  )
  assert.match(created.createdDateTime, /\.\d{7}Z$/)
  assert.equal(
    created['@odata.context'],
    `${sandbox.simulator.addresses.graph}/v1.0/$metadata#applications/$entity`,
  )
  for (const name of [
    'nativeAuthenticationApisEnabled',
    'certification',
    'optionalClaims',
    'deletedDateTime',
  ])
    assert.equal(created[name], null, name)
  for (const name of ['identifierUris', 'addIns', 'appRoles', 'keyCredentials', 'passwordCredentials'])
    assert.deepEqual(created[name], [], name)
  assert.equal(Object.keys(created).length, 39)
  assert.deepEqual(created.web.implicitGrantSettings, {
    enableAccessTokenIssuance: false,
    enableIdTokenIssuance: false,
  })
  for (const key of [`/${created.id}`, `(appId='${created.appId}')`, "(uniqueName='wi-complete')"]) {
    const { body } = await call('GET', `/applications${key}?$select=id,displayName`)
    assert.deepEqual([body.id, body.displayName, body.tags], [created.id, 'complete', undefined])
  }
  assert.equal(
    (await call('PATCH', `/applications/${created.id}`, { notes: 'n', web: { logoutUrl: 'x' } })).status,
    204,
  )
  const { body: changed } = await call('GET', `/applications/${created.id}`)
  assert.deepEqual(
    [changed.notes, changed.web.homePageUrl, changed.web.logoutUrl],
    ['n', 'https://shop.example', 'x'],
  )
  assert.equal((await call('DELETE', `/applications/${created.id}`)).status, 204)
  assertError(
    await call('GET', `/applications/${created.id}`),
    404,
    'Request_ResourceNotFound',
    /^Resource '/,
  )
})

test('an invalid application is rejected', async () => {
  assertError(await call('POST', '/applications', {}), 400, 'Request_BadRequest', /A value is required/)
  assertError(await call('POST', '/applications', { displayName: 'x', colour: 1 }), 400, 'Request_BadRequest')
  assertError(
    await call('POST', '/applications', { displayName: 'x', appId: 'y' }),
    400,
    'Request_BadRequest',
  )
  assertError(
    await call('POST', '/applications', { displayName: 'x', tags: 'y' }),
    400,
    'Request_BadRequest',
    /Invalid value specified for property 'tags' of resource 'Application'/,
  )
  assertError(await call('GET', '/nonsense'), 400, 'BadRequest', /segment 'nonsense'/)
  assertError(await call('GET', '/me'), 400, 'BadRequest', /delegated/)
})

test('an upsert by unique name creates once; a soft-deleted application reserves the name', async () => {
  const path = "/applications(uniqueName='wi-once')"
  const prefer = { prefer: 'create-if-missing' }
  assertError(await call('PATCH', path, { displayName: 'a' }), 404, 'Request_ResourceNotFound')
  const first = await call('PATCH', path, { displayName: 'a' }, prefer)
  assert.equal(first.status, 201)
  assert.equal((await call('PATCH', path, { displayName: 'b' }, prefer)).status, 204)
  assert.equal((await call('GET', path)).body.displayName, 'b')
  const again = { displayName: 'c', uniqueName: 'wi-once' }
  assertError(
    await call('POST', '/applications', again),
    400,
    'Request_BadRequest',
    /uniqueName already exists/,
  )
  await call('DELETE', `/applications/${first.body.id}`)
  assertError(
    await call('PATCH', path, { displayName: 'c' }, prefer),
    400,
    'Request_BadRequest',
    /already exists/,
  )
  assert.equal((await call('DELETE', `/directory/deletedItems/${first.body.id}`)).status, 204)
  assert.equal((await call('PATCH', path, { displayName: 'c' }, prefer)).status, 201)
})

test('an application has one service principal, deleted and restored with it', async () => {
  assertError(
    await call('POST', '/servicePrincipals', { appId: crypto.randomUUID() }),
    400,
    'Request_BadRequest',
    /does not reference a valid application object/,
  )
  const app = await createApplication({ displayName: 'with-principal' })
  const created = await call('POST', '/servicePrincipals', { appId: app.appId, accountEnabled: true })
  assert.equal(created.status, 201)
  assert.partialDeepStrictEqual(created.body, {
    appId: app.appId,
    displayName: 'with-principal',
    appDisplayName: 'with-principal',
    servicePrincipalType: 'Application',
    servicePrincipalNames: [app.appId],
    appOwnerOrganizationId: sandbox.state.tenant.id,
    disabledByMicrosoftStatus: null,
  })
  assertError(
    await call('POST', '/servicePrincipals', { appId: app.appId }),
    409,
    'Request_MultipleObjectsWithSameKeyValue',
  )
  const byName = `servicePrincipalNames/any(c:c eq '${app.appId}')`
  assert.equal((await filtered('servicePrincipals', byName)).body.value[0].id, created.body.id)
  const { body: many } = await call('POST', '/directoryObjects/getByIds', {
    ids: [created.body.id, app.id, crypto.randomUUID()],
    types: ['servicePrincipal'],
  })
  assert.deepEqual(
    many.value.map((each: Record<string, string>) => [each.id, each['@odata.type']]),
    [[created.body.id, '#microsoft.graph.servicePrincipal']],
  )
  await call('DELETE', `/applications/${app.id}`)
  assertError(await call('GET', `/servicePrincipals(appId='${app.appId}')`), 404, 'Request_ResourceNotFound')
  const deleted = await call(
    'GET',
    `/directory/deletedItems/microsoft.graph.application?$filter=appId+eq+'${app.appId}'`,
  )
  assert.equal(deleted.body.value[0].id, app.id)
  assert.equal((await call('POST', `/directory/deletedItems/${app.id}/restore`)).status, 200)
  assert.equal((await call('GET', `/servicePrincipals/${created.body.id}`)).status, 200)
  assert.equal((await call('DELETE', `/servicePrincipals/${created.body.id}`)).status, 204)
})

test('a federated credential has an ID and a name, and a unique issuer and subject', async () => {
  const app = await createApplication()
  const path = `/applications/${app.id}/federatedIdentityCredentials`
  const good = {
    name: 'aks-shop-api',
    issuer: 'https://oidc.example/',
    subject: 'system:serviceaccount:shop:api',
    audiences: ['api://AzureADTokenExchange'],
  }
  const created = await call('POST', path, good)
  assert.equal(created.status, 201)
  const { '@odata.context': context, ...rest } = created.body
  assert.match(context, /#applications\('[0-9a-f-]{36}'\)\/federatedIdentityCredentials\/\$entity$/)
  assert.deepEqual(rest, { id: rest.id, ...good, description: null })
  assertError(await call('POST', path, good), 409, 'Request_MultipleObjectsWithSameKeyValue')
  assertError(
    await call('POST', path, { ...good, name: 'other' }),
    400,
    'InvalidFederatedIdentityCredentialValue',
    /combination of issuer and subject must be unique/,
  )
  for (const bad of [{ name: 'a b' }, { audiences: [] }, { audiences: ['a', 'b'] }, { issuer: '' }])
    assertError(
      await call('POST', path, { ...good, name: 'other', subject: 'x', ...bad }),
      400,
      'InvalidFederatedIdentityCredentialValue',
    )
  assert.equal((await call('POST', path, { ...good, name: 'c2hvcA==', subject: 'padded' })).status, 201)
  assert.equal((await call('GET', `${path}/c2hvcA==`)).body.subject, 'padded')
  assert.equal((await call('PATCH', `${path}/aks-shop-api`, { subject: 'changed' })).status, 204)
  assert.equal((await call('GET', `${path}/${rest.id}`)).body.subject, 'changed')
  const bySubject = await filtered(path.slice(1), "subject eq 'changed'")
  assert.equal(bySubject.body.value.length, 1)
  const upsert = `${path}(name='third')`
  const { name: _, ...nameless } = good
  assertError(await call('PATCH', upsert, nameless), 404, 'Request_ResourceNotFound')
  assert.equal((await call('PATCH', upsert, nameless, { prefer: 'create-if-missing' })).status, 201)
  for (let n = 3; n < 20; n++)
    assert.equal((await call('POST', path, { ...good, name: `more-${n}`, subject: `${n}` })).status, 201)
  assertError(
    await call('POST', path, { ...good, name: 'many', subject: 'many' }),
    400,
    'Directory_QuotaExceeded',
  )
  assert.equal((await call('DELETE', `${path}/${rest.id}`)).status, 204)
  assertError(await call('GET', `${path}/aks-shop-api`), 404, 'Request_ResourceNotFound')
})

test('filters work as Graph supports them', async () => {
  const tag = `t-${crypto.randomUUID()}`
  const app = await createApplication({ displayName: "it's", tags: [tag], notes: 'note' })
  await call('POST', `/applications/${app.id}/federatedIdentityCredentials`, {
    name: 'one-more',
    issuer: `https://${tag}/`,
    subject: 's',
    audiences: ['a'],
  })
  const found = async (filter: string, headers = {}) => {
    const answer = await filtered('applications', filter, headers)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body.value.map(({ id }: { id: string }) => id)
  }
  for (const filter of [
    `appId eq '${app.appId}'`,
    `appId in ('x','${app.appId}')`,
    `startswith(displayName,'IT''S') and tags/any(t:t eq '${tag}')`,
    `tags/any(t:startswith(t,'${tag}')) and (displayName eq 'none' or displayName eq 'it''s')`,
  ])
    assert.deepEqual(await found(filter), [app.id], filter)
  const federated = `federatedIdentityCredentials/any(f:f/issuer eq 'https://${tag}/')`
  assertError(await filtered('applications', federated), 400, 'Request_UnsupportedQuery')
  assert.deepEqual(await found(federated, eventual), [app.id])
  assertError(
    await filtered('applications', "endswith(displayName,'s')"),
    400,
    'Request_UnsupportedQuery',
    /Operator 'endsWith' is not supported because/,
  )
  assert.deepEqual(await found(`not (tags/any(t:t ne '${tag}')) and notes eq 'note'`, eventual), [app.id])
  assertError(await filtered('applications', "web/homePageUrl eq 'x'"), 400, 'Request_UnsupportedQuery')
  assertError(await filtered('applications', "appId eq 'x"), 400, 'BadRequest')
  assertError(await call('GET', '/applications/$count'), 400, 'Request_BadRequest')
  assert.match((await call('GET', '/applications/$count', undefined, eventual)).body, /^\d+$/)
  assertError(await call('GET', '/applications?$top=1000'), 400, 'Request_UnsupportedQuery')
})

test('a list is paged', async () => {
  const tag = `p-${crypto.randomUUID()}`
  for (let n = 0; n < 3; n++) await createApplication({ tags: [tag] })
  const query = `$filter=${encodeURIComponent(`tags/any(t:t eq '${tag}')`)}&$count=true&$top=2&$select=id`
  const first = await call('GET', `/applications?${query}`, undefined, eventual)
  assert.deepEqual([first.body.value.length, first.body['@odata.count']], [2, 3])
  assert.match(first.body['@odata.context'], /#applications\(id\)$/)
  const second = await request(sandbox, first.body['@odata.nextLink'], { token })
  assert.deepEqual([second.body.value.length, second.body['@odata.nextLink']], [1, undefined])
})

test('a client secret works until it is removed', async () => {
  const app = await createApplication()
  await call('POST', '/servicePrincipals', { appId: app.appId })
  const { body: secret, status } = await call('POST', `/applications/${app.id}/addPassword`, {
    passwordCredential: { displayName: 'ci' },
  })
  assert.equal(status, 200)
  assert.ok(secret.secretText.startsWith(secret.hint))
  const signIn = () =>
    request(sandbox, `${sandbox.simulator.addresses.login}/${sandbox.state.tenant.id}/oauth2/v2.0/token`, {
      form: {
        grant_type: 'client_credentials',
        client_id: app.appId,
        client_secret: secret.secretText,
        scope: 'https://graph.microsoft.com/.default',
      },
    })
  const { body: signedIn } = await signIn()
  const url = `${sandbox.simulator.addresses.graph}/v1.0/applications`
  assertError(
    await request(sandbox, url, { token: signedIn.access_token }),
    403,
    'Authorization_RequestDenied',
  )
  const [kept] = (await call('GET', `/applications/${app.id}`)).body.passwordCredentials
  assert.deepEqual([kept.keyId, kept.secretText, kept.displayName], [secret.keyId, null, 'ci'])
  await call('POST', `/applications/${app.id}/removePassword`, { keyId: secret.keyId })
  assert.deepEqual((await signIn()).body.error_codes, [7000215])
})

test('a caller limited to owned objects cannot change others', async () => {
  const { directory, operator } = sandbox.state
  const other = await createApplication()
  directory.servicePrincipals[operator.objectId]!.directoryRights = ['Application.ReadWrite.OwnedBy']
  const own = await createApplication()
  assert.equal((await call('PATCH', `/applications/${own.id}`, { notes: 'mine' })).status, 204)
  assertError(
    await call('PATCH', `/applications/${other.id}`, { notes: 'x' }),
    403,
    'Authorization_RequestDenied',
  )
  const { body: list } = await call('GET', `/applications/${own.id}/owners`)
  assert.equal(list.value[0].id, operator.objectId)
  directory.servicePrincipals[operator.objectId]!.directoryRights = [
    'Application.ReadWrite.All',
    'Directory.Read.All',
  ]
})

test('the organization and domains describe the tenant', async () => {
  const { tenant } = sandbox.state
  const { body } = await call('GET', '/organization?$select=id,displayName,verifiedDomains,tenantType')
  assert.deepEqual([body.value[0].id, body.value[0].verifiedDomains[0].name], [tenant.id, tenant.domain])
  assert.equal((await call('GET', '/domains')).body.value[0].id, tenant.domain)
  assertError(await call('GET', '/policies/authorizationPolicy'), 403, 'Authorization_RequestDenied')
})

test('a batch answers each request; dependents of a failed one fail', async () => {
  const typed = { 'Content-Type': 'application/json' }
  const answer = await call('POST', '/$batch', {
    requests: [
      { id: '1', method: 'POST', url: '/applications', headers: typed, body: { displayName: 'batch' } },
      { id: '2', method: 'GET', url: '/applications/none' },
      { id: '3', method: 'GET', url: '/organization', dependsOn: ['2'] },
      {
        id: '4',
        method: 'GET',
        url: "/applications?$filter=displayName eq 'batch'&$top=1",
        dependsOn: ['1'],
      },
    ],
  })
  assert.deepEqual(
    answer.body.responses.map(({ id, status }: { id: string; status: number }) => [id, status]),
    [
      ['1', 201],
      ['2', 404],
      ['3', 424],
      ['4', 200],
    ],
  )
  assert.equal(answer.body.responses[3].body.value.length, 1)
  const item = { id: '1', method: 'GET', url: '/organization' }
  assertError(await call('POST', '/$batch', { requests: [item, item] }), 400, 'BadRequest')
})

test('replication lag hides new objects from reads', async () => {
  slow = await newSandbox({ pace: 0.01, clock: () => clock })
  const as = await operatorToken(slow, slow.simulator.addresses.graph)
  const ask = (method: string, path: string, json?: unknown) =>
    request(slow, `${slow.simulator.addresses.graph}/v1.0${path}`, {
      method,
      token: as,
      ...(json ? { json } : {}),
    })
  const { body: app } = await ask('POST', '/applications', { displayName: 'late' })
  assert.equal((await ask('GET', `/applications/${app.id}`)).status, 404)
  const credential = { name: 'abc', issuer: 'https://x/', subject: 's', audiences: ['a'] }
  const path = `/applications/${app.id}/federatedIdentityCredentials`
  assert.equal((await ask('POST', path, credential)).status, 404)
  assert.equal((await ask('POST', '/servicePrincipals', { appId: app.appId })).status, 400)
  clock += 41
  assert.equal((await ask('GET', `/applications/${app.id}`)).status, 200)
  assert.equal((await ask('POST', path, credential)).status, 201)
  assert.equal((await ask('GET', path)).body.value.length, 0)
})

test('the control endpoint serves the journal to programs, not to web pages', async () => {
  const { control } = sandbox.simulator.addresses
  const token = sandbox.simulator.controlToken
  assert.equal((await request(sandbox, `${control}/status`)).status, 401)
  const { body: status } = await request(sandbox, `${control}/status`, { token })
  assert.deepEqual([status.tenantId, status.pace], [sandbox.state.tenant.id, 0])
  assert.ok(!JSON.stringify(status).includes(sandbox.state.operator.clientSecret))
  const { body: journal } = await request(sandbox, `${control}/journal`, { token })
  assert.equal(journal.value.length, sandbox.journal.length)
  const page = await request(sandbox, `${control}/status`, {
    token,
    headers: { origin: 'https://evil.example' },
  })
  assert.equal(page.status, 403)
})

test('unsupported query options are rejected, not ignored', async () => {
  for (const option of ['$expand=owners', '$skip=1', '$apply=x'])
    assertError(await call('GET', `/applications?${option}`), 400, 'Request_UnsupportedQuery')
  const page = await call('GET', '/applications?$top=1')
  const next = page.body['@odata.nextLink']
  if (next) assert.equal((await request(sandbox, next, { token })).status, 200)
  assertError(await call('GET', '/oauth2PermissionGrants'), 400, 'BadRequest', /Graph may have it/)
})
