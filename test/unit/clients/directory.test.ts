import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply } from '../../../sandbox/index.ts'
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
