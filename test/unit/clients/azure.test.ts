import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from '../../../sandbox/index.ts'
import type { NewAksCluster } from '../../../src/clients/aks-clusters.ts'
import { connect } from '../../../src/clients/connect.ts'
import { connectedSandbox } from '../../support/sandbox.ts'

const providers = ['Microsoft.ContainerService', 'Microsoft.KeyVault', 'Microsoft.ManagedIdentity']
const location = 'westeurope'

/** Returns clients of a sandbox with registered providers and a resource group `g`. */
async function ready(options?: Parameters<typeof connectedSandbox>[0]) {
  const all = await connectedSandbox(options)
  await Promise.all(providers.map((each) => all.clients.providers.register(each)))
  await all.clients.groups.put('g', { location, tags: {} })
  return all
}

const cluster: NewAksCluster = {
  location,
  tags: { a: 'b' },
  dnsPrefix: 'wi-c',
  kubernetesVersion: undefined,
  nodeSize: undefined,
  nodeCount: 1,
  windows: false,
  workloadIdentity: false,
}

test('the account has a caller, subscriptions, regions, versions and a quota', async () => {
  const { clients, state: world } = await connectedSandbox()
  assert.deepEqual(await clients.azureAccount.caller(), {
    name: world.operator.clientId,
    objectId: world.operator.objectId,
    clientId: world.operator.clientId,
    tenantId: world.tenant.id,
    kind: 'app',
  })
  const [subscription] = await clients.azureAccount.subscriptions()
  assert.deepEqual([subscription?.id, subscription?.tenantId], [world.subscription.id, world.tenant.id])
  assert.ok((await clients.azureAccount.locations()).some(({ name }) => name === location))
  const versions = await clients.azureAccount.kubernetesVersions(location)
  assert.equal(versions.filter(({ isDefault }) => isDefault).length, 1)
  assert.deepEqual(
    versions,
    versions.toSorted((one, two) => Number(two.version.slice(2)) - Number(one.version.slice(2))),
  )
  assert.deepEqual(await clients.azureAccount.cores(location), { limit: 100, used: 0 })
})

test('without a subscription, only listing subscriptions works', async () => {
  const { cloud, credential, http, signal } = await connectedSandbox()
  const clients = connect({ cloud, credential, http, signal, env: {} })
  assert.equal((await clients.azureAccount.subscriptions()).length, 1)
  await assert.rejects(clients.groups.list(), { code: 'NoSubscription' })
})

test('a missing subscription is an error', async () => {
  const error = { code: 'SubscriptionNotFound', message: "The subscription 'x' could not be found." }
  const { clients } = await connectedSandbox({
    intercept: async (call, act) =>
      call.path.startsWith('/subscriptions/') ? { status: 404, body: { error } } : act(),
  })
  await assert.rejects(clients.groups.get('g'), { service: 'arm', ...error })
})

test('groups and identities are created, updated and deleted', async () => {
  const { clients } = await ready()
  assert.equal(await clients.groups.get('other'), undefined)
  assert.equal((await clients.groups.get('G'))?.state, 'Succeeded')
  assert.deepEqual(await clients.identities.credentials('g', 'id1'), [])
  await clients.identities.put('g', 'id1', { location, tags: { 'managed-by': 'wi-setup' } })
  const identity = await clients.identities.get('g', 'id1')
  assert.deepEqual(await clients.identities.list(), [identity])
  assert.deepEqual(identity?.tags, { 'managed-by': 'wi-setup' })
  const credential = { name: 'wi-shop', issuer: 'https://i.example/', subject: 's', audience: 'a' }
  await clients.identities.putCredential('g', 'id1', credential)
  assert.deepEqual(await clients.identities.credentials('g', 'id1'), [credential])
  await clients.identities.removeCredential('g', 'id1', 'wi-shop')
  await clients.identities.removeCredential('g', 'id1', 'wi-shop')
  assert.deepEqual(await clients.identities.credentials('g', 'id1'), [])
  await clients.identities.remove('g', 'id1')
  await clients.groups.remove('g')
  await clients.groups.remove('g')
  assert.equal(await clients.groups.get('g'), undefined)
})

test('a vault is created, changed, deleted and recovered', async () => {
  const { clients, state: world } = await ready()
  const { vaults } = clients
  const objectId = world.operator.objectId
  const tenantId = world.tenant.id
  assert.equal(await vaults.nameTaken('kv-one'), undefined)
  await vaults.create('g', 'kv-one', { location, tenantId, access: 'policy', tags: { t: '1' } })
  const made = await vaults.get('g', 'kv-one')
  assert.deepEqual(
    [made?.access, made?.ready, made?.group, made?.firewall, made?.publicNetworkAccess, made?.tags],
    ['policy', true, 'g', 'Allow', true, { t: '1' }],
  )
  assert.match((await vaults.nameTaken('KV-one')) ?? '', /already in use/)
  await vaults.addPolicy('g', 'kv-one', { tenantId, objectId, secrets: ['get', 'list'] })
  assert.deepEqual((await vaults.get('g', 'kv-one'))?.policies, [{ objectId, secrets: ['get', 'list'] }])
  await vaults.removePolicy('g', 'kv-one', { tenantId, objectId })
  assert.deepEqual((await vaults.get('g', 'kv-one'))?.policies, [])
  await vaults.remove('g', 'kv-one')
  assert.equal(await vaults.get('g', 'kv-one'), undefined)
  const deleted = await vaults.deleted('kv-one')
  assert.equal(deleted?.vaultId, made?.id)
  await assert.rejects(vaults.create('g', 'kv-one', { location, tenantId, access: 'rbac', tags: {} }), {
    code: 'ConflictError',
    status: 409,
  })
  await vaults.recover('g', deleted!, tenantId)
  assert.equal((await vaults.list()).length, 1)
})

test('secrets are read and written as the caller', async () => {
  const { clients, state: world } = await ready()
  await clients.vaults.create('g', 'kv-two', {
    location,
    tenantId: world.tenant.id,
    access: 'rbac',
    tags: {},
  })
  const { id, uri } = (await clients.vaults.get('g', 'kv-two'))!
  const { secrets, roles } = clients
  await assert.rejects(secrets.get(uri, 's'), {
    service: 'vault',
    code: 'Forbidden',
    innerCode: 'ForbiddenByRbac',
    status: 403,
  })
  await roles.assign(id, '11111111-1111-4111-8111-111111111111', {
    role: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
    principalId: world.operator.objectId,
    principalType: 'ServicePrincipal',
    description: 'for the test',
  })
  assert.equal(await secrets.get(uri, 's'), undefined)
  await secrets.put(uri, 's', { value: 'v', tags: { m: 'n' } })
  const found = await secrets.get(uri, 's')
  assert.deepEqual([found?.value, found?.tags], ['v', { m: 'n' }])
  assert.deepEqual([await secrets.names(uri), await secrets.deleted(uri, 's')], [['s'], undefined])
  await secrets.remove(uri, 's')
  assert.deepEqual(
    [await secrets.get(uri, 's'), await secrets.deleted(uri, 's')],
    [undefined, { tags: { m: 'n' } }],
  )
  await assert.rejects(secrets.put(uri, 's', { value: 'x', tags: {} }), {
    innerCode: 'ObjectIsDeletedButRecoverable',
  })
  await secrets.recover(uri, 's')
  assert.equal((await secrets.get(uri, 's'))?.value, 'v')
})

test('role assignments are listed at and above a scope, and grant permissions', async () => {
  const { clients, state: world } = await ready()
  const { roles } = clients
  const group = (await clients.groups.get('g'))!.id
  await clients.identities.put('g', 'id1', { location, tags: {} })
  const identity = (await clients.identities.get('g', 'id1'))!
  const grant = {
    principalId: identity.principalId,
    principalType: 'ServicePrincipal' as const,
    description: 'd',
  }
  const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
  await roles.assign(group, '22222222-2222-4222-8222-222222222222', { role: reader, ...grant })
  await roles.assign(identity.id, '33333333-3333-4333-8333-333333333333', { role: reader, ...grant })
  assert.equal((await roles.assignments(identity.id, identity.principalId)).length, 2)
  const [above, ...rest] = await roles.assignments(group, identity.principalId)
  assert.deepEqual(
    [rest.length, above?.role, above?.description, above?.scope.toLowerCase()],
    [0, reader, 'd', group.toLowerCase()],
  )
  await assert.rejects(
    roles.assign(group, '44444444-4444-4444-8444-444444444444', { role: reader, ...grant }),
    {
      code: 'RoleAssignmentExists',
    },
  )
  await roles.unassign(above!.id)
  await roles.unassign(above!.id)
  assert.equal((await roles.assignments(group, identity.principalId)).length, 0)
  for (const id of [`/subscriptions/${world.subscription.id}`, group, identity.id])
    assert.ok(
      (await roles.permissions(id)).some(({ actions }) => actions.includes('*')),
      id,
    )
})

test('a cluster is created, changed and deleted', async () => {
  const { clients } = await ready()
  const { aksClusters } = clients
  assert.equal(await aksClusters.get('g', 'c'), undefined)
  await aksClusters.create('g', 'c', cluster)
  const made = (await aksClusters.get('g', 'c'))!
  assert.deepEqual(
    [made.state, made.running, made.issuerEnabled, made.workloadIdentity, made.windowsPool, made.tags],
    ['Succeeded', true, true, false, false, { a: 'b' }],
  )
  assert.match(made.issuer ?? '', /\/$/)
  await aksClusters.enable('g', 'c', { workloadIdentity: true })
  await aksClusters.enable('g', 'c', { windowsPool: true })
  const changed = (await aksClusters.get('g', 'c'))!
  assert.deepEqual(
    [changed.issuer, changed.issuerEnabled, changed.workloadIdentity, changed.windowsPool],
    [made.issuer, true, true, true],
  )
  assert.match(await aksClusters.kubeconfig('g', 'c'), /current-context: c/)
  assert.deepEqual(await aksClusters.list(), [changed])
  await aksClusters.remove('g', 'c')
  await aksClusters.remove('g', 'c')
  assert.equal(await aksClusters.get('g', 'c'), undefined)
})

test('enabling a feature preserves unknown properties of the cluster', async () => {
  const puts: Call[] = []
  const { clients } = await ready({
    intercept: async (call, act) => {
      if (call.method === 'PUT') puts.push(call)
      const reply = await act()
      const body = reply.body as { type?: string; properties?: object } | undefined
      return call.method === 'GET' && /managedClusters$/i.test(body?.type ?? '')
        ? {
            ...reply,
            body: { ...body, eTag: '"e1"', properties: { ...body?.properties, madeLater: { on: true } } },
          }
        : reply
    },
  })
  await clients.aksClusters.create('g', 'c', cluster)
  await clients.aksClusters.enable('g', 'c', { workloadIdentity: true }).catch((error) => {
    if (error.status !== 412) throw error
  })
  const sent = puts.at(-1)!
  const { properties } = sent.json<{ properties: Record<string, unknown> }>()
  assert.equal(sent.headers['if-match'], '"e1"')
  assert.deepEqual(properties.madeLater, { on: true })
  assert.deepEqual((properties.oidcIssuerProfile as { enabled: boolean }).enabled, true)
  assert.deepEqual(properties.securityProfile, { workloadIdentity: { enabled: true } })
})

test('a rejected cluster has its error code and request ID', async () => {
  const { clients, sandbox } = await ready()
  await assert.rejects(
    clients.aksClusters.create('g', 'c', { ...cluster, kubernetesVersion: '1.2' }),
    ({ service, code, status, requestId }) =>
      service === 'arm' && /K8sVersionNotSupported/.test(code) && status === 400 && Boolean(requestId),
  )
  assert.ok(!JSON.stringify(sandbox.journal).includes('Bearer'))
})

test('an abort ends the wait for an operation', async () => {
  let later = 0
  const {
    cloud,
    credential,
    http,
    state: world,
  } = await ready({ pace: 0.9, clock: () => Date.now() + later })
  later = 600_000
  const controller = new AbortController()
  const { signal } = controller
  const clients = connect({ cloud, subscription: world.subscription.id, credential, http, env: {}, signal })
  const making = clients.aksClusters.create('g', 'c', cluster)
  setTimeout(() => controller.abort(new Error('by hand')), 700)
  const began = Date.now()
  await assert.rejects(making, /by hand/)
  assert.ok(Date.now() - began < 1500)
  assert.equal(world.arm.resources[Object.keys(world.arm.resources)[0]!]?.body.name, 'c')
})

test('a lost response and a 429 are retried', async () => {
  let left = 2
  const { clients } = await ready({
    intercept: async (call, act) => {
      if (!/resourcegroups\/again$/i.test(call.path) || left === 0) return act()
      return left-- === 2 ? { status: 429, headers: { 'retry-after': '0' } } : 'cut'
    },
  })
  await clients.groups.put('again', { location, tags: {} })
  assert.equal(left, 0)
})

test('reads and writes are counted like in the sandbox', async () => {
  const { clients, http, sandbox } = await ready()
  await clients.azureAccount.kubernetesVersions(location)
  await clients.vaults.nameTaken('kv-three')
  await clients.aksClusters.create('g', 'c', cluster)
  await clients.aksClusters.kubeconfig('g', 'c')
  const writes = sandbox.journal.filter((entry) => entry.write).length
  assert.deepEqual(http.counts, { reads: sandbox.journal.length - writes, writes })
})
