import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply, SandboxState } from '../../../sandbox/index.ts'
import { connectedSandbox } from '../../support/sandbox.ts'

const application = {
  uniqueName: 'wi-shop-api',
  displayName: "It's shop & api",
  tags: ['managed-by:wi-setup'],
}
const credential = {
  name: 'wi-shop-api-12345678',
  issuer: 'https://issuer.example/x/',
  subject: 'system:serviceaccount:shop:api',
  audience: 'api://AzureADTokenExchange',
}

test('an application is found by unique name, client ID and display name', async () => {
  const { clients } = await connectedSandbox()
  const { directory } = clients
  assert.equal(await directory.application(application.uniqueName), undefined)
  await directory.createApplication(application)
  const created = (await directory.application(application.uniqueName))!
  assert.deepEqual(
    [created.displayName, created.uniqueName, created.tags],
    [application.displayName, application.uniqueName, application.tags],
  )
  assert.deepEqual(await directory.applicationByClientId(created.clientId), created)
  assert.deepEqual(await directory.applicationsNamed(application.displayName), [created])
  assert.deepEqual(await directory.applicationsNamed('other'), [])
})

test('a deleted application reserves its name until it is restored', async () => {
  const { clients } = await connectedSandbox()
  const { directory } = clients
  await directory.createApplication(application)
  const created = (await directory.application(application.uniqueName))!
  assert.equal(await directory.deletedApplication(application.uniqueName), undefined)
  await directory.removeApplication(created.objectId)
  await directory.removeApplication(created.objectId)
  assert.equal(await directory.application(application.uniqueName), undefined)
  assert.equal((await directory.deletedApplication(application.uniqueName))?.objectId, created.objectId)
  await assert.rejects(directory.createApplication(application), {
    service: 'graph',
    code: 'Request_BadRequest',
    status: 400,
    message: 'Another object with the same value for property uniqueName already exists.',
  })
  await directory.restoreApplication(created.objectId)
  assert.deepEqual(await directory.application(application.uniqueName), created)
})

test('service principals are created and deleted', async () => {
  const { clients } = await connectedSandbox()
  const { directory } = clients
  await directory.createApplication(application)
  const { clientId } = (await directory.application(application.uniqueName))!
  assert.equal(await directory.servicePrincipal(clientId), undefined)
  await directory.createServicePrincipal({ clientId, tags: ['t'] })
  const created = (await directory.servicePrincipal(clientId))!
  assert.deepEqual([created.enabled, created.tags, created.clientId], [true, ['t'], clientId])
  await assert.rejects(directory.createServicePrincipal({ clientId, tags: [] }), ({ requestId, status }) =>
    Boolean(requestId && status === 409),
  )
  await directory.removeServicePrincipal(created.objectId)
  assert.equal(await directory.servicePrincipal(clientId), undefined)
})

test('a credential is created once, updated in place, and not written if unchanged', async () => {
  const { clients, http } = await connectedSandbox()
  const { directory } = clients
  await directory.createApplication(application)
  const { objectId } = (await directory.application(application.uniqueName))!
  await directory.putCredential(objectId, credential)
  const { writes } = http.counts
  await directory.putCredential(objectId, credential)
  assert.equal(http.counts.writes, writes)
  const changed = { ...credential, subject: 'system:serviceaccount:shop:other' }
  await directory.putCredential(objectId, changed)
  assert.deepEqual(await directory.credentials(objectId), [changed])
  await directory.removeCredential(objectId, credential.name)
  await directory.removeCredential(objectId, credential.name)
  assert.deepEqual(await directory.credentials(objectId), [])
})

test('lists have the items of all pages', async () => {
  let first = true
  const { clients } = await connectedSandbox({
    intercept: async (call, act) => {
      const reply = await act()
      if (!/\/applications$/.test(call.path) || call.method !== 'GET' || !first) return reply
      first = false
      const link = new URL(call.url)
      link.searchParams.set('$skiptoken', 'x')
      return { ...reply, body: { value: [], '@odata.nextLink': link.href } } as Reply
    },
  })
  await clients.directory.createApplication(application)
  assert.equal((await clients.directory.applicationsNamed(application.displayName)).length, 1)
  assert.equal(first, false)
})

test('a cut connection is a network error with the host', async () => {
  let cut = false
  const { clients } = await connectedSandbox({ intercept: async (_, act) => (cut ? 'cut' : act()) })
  await clients.directory.application('x')
  cut = true
  await assert.rejects(clients.directory.application('x'), {
    service: 'network',
    code: 'ECONNRESET',
    message: /^localhost:\d+ /,
  })
})

test('an application with a flexible credential is listed, with the expression', async () => {
  const requested: string[] = []
  const { clients, state } = await connectedSandbox({ onRequest: ({ url }) => requested.push(url) })
  const { directory } = clients
  await directory.createApplication(application)
  const { objectId } = (await directory.application(application.uniqueName))!
  await directory.putCredential(objectId, credential)
  await directory.credentials(objectId)
  assert.ok(!requested.some((url) => url.includes('/beta/')), 'v1.0 is enough for other applications')
  addFlexible(state.directory.applications[objectId]!)
  assert.deepEqual(await directory.credentials(objectId), [
    credential,
    {
      name: 'branches',
      issuer: 'https://token.actions.githubusercontent.com',
      subject: '',
      expression: "claims['sub'] matches 'repo:acme/*'",
      audience: 'api://AzureADTokenExchange',
    },
  ])
  await directory.putCredential(objectId, { ...credential, audience: 'api://other' })
  assert.equal((await directory.credentials(objectId))[0]?.audience, 'api://other')
  await directory.removeCredential(objectId, credential.name)
  assert.deepEqual(
    (await directory.credentials(objectId)).map(({ name }) => name),
    ['branches'],
  )
})

test('a list that beta breaks off, too, names what Graph reported', async () => {
  const { clients, state } = await connectedSandbox({
    intercept: async (call, act) => {
      if (!/^\/beta\//.test(call.path)) return act()
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: '{"value":[{"id":"x"{"error":{"code":"InternalServerError","message":"Cannot write \\"x\\"."}}',
      }
    },
  })
  const { directory } = clients
  await directory.createApplication(application)
  const { objectId } = (await directory.application(application.uniqueName))!
  addFlexible(state.directory.applications[objectId]!)
  await assert.rejects(directory.credentials(objectId), {
    service: 'graph',
    code: 'IncompleteDocument',
    status: 200,
    message:
      /^Microsoft Graph returned an incomplete response to GET \S*\/beta\/applications\/\S+\/federatedIdentityCredentials with the error InternalServerError: Cannot write/,
  })
})

type ApplicationObject = SandboxState['directory']['applications'][string]

const addFlexible = ({ credentials }: ApplicationObject) =>
  credentials.push({
    id: crypto.randomUUID(),
    name: 'branches',
    issuer: 'https://token.actions.githubusercontent.com',
    subject: null,
    claimsMatchingExpression: { value: "claims['sub'] matches 'repo:acme/*'", languageVersion: 1 },
    description: null,
    audiences: ['api://AzureADTokenExchange'],
    createdAt: 0,
    changedAt: 0,
  })
