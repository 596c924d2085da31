import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect } from '../../../src/clients/connect.ts'
import type { KubeObject } from '../../../src/clients/kubernetes.ts'
import { ServiceError } from '../../../src/clients/service-error.ts'
import { connectedSandbox } from '../../support/sandbox.ts'

const audience = 'api://AzureADTokenExchange'
const location = 'westeurope'
const directory = mkdtempSync(join(tmpdir(), 'wi-kube-'))
after(() => rmSync(directory, { recursive: true }))

const environment = await connectedSandbox()
const { clients } = environment
for (const each of ['Microsoft.ContainerService', 'Microsoft.KeyVault'])
  await clients.providers.register(each)
await clients.groups.put('g', { location, tags: {} })
await clients.aksClusters.create('g', 'c', {
  location,
  tags: {},
  dnsPrefix: 'c',
  kubernetesVersion: undefined,
  nodeSize: undefined,
  nodeCount: 1,
  windows: false,
  workloadIdentity: true,
})
const cluster = clients.kubernetes({ kind: 'aks', group: 'g', cluster: 'c' })

const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
const account = (clientId: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: {
    name: 'api',
    namespace: 'shop',
    annotations: { 'azure.workload.identity/client-id': clientId },
  },
})

test('a cluster has one client, with server and version', async () => {
  assert.equal(clients.kubernetes({ kind: 'aks', group: 'g', cluster: 'c' }), cluster)
  assert.match(await cluster.server(), /^https:\/\/.*\/kube\/c-/)
  assert.match(await cluster.version(), /^v1\.\d+\.\d+/)
})

test('objects are applied, read, listed and deleted', async () => {
  assert.equal(await cluster.get('Namespace', 'shop'), undefined)
  await cluster.apply(namespace('shop'))
  await cluster.apply(account('one'))
  const found = await cluster.get('ServiceAccount', 'api', 'shop')
  assert.equal(found?.metadata.annotations?.['azure.workload.identity/client-id'], 'one')
  assert.ok(found?.metadata.managedFields?.some(({ manager }) => manager === 'wi-setup'))
  const listed = (await cluster.list('ServiceAccount', 'shop')).find(
    ({ metadata }) => metadata.name === 'api',
  )
  assert.deepEqual([listed?.apiVersion, listed?.kind], ['v1', 'ServiceAccount'])
  assert.deepEqual(await cluster.list('ServiceAccount', 'shop', 'no=such'), [])
  assert.ok((await cluster.list('ServiceAccount')).length > 1)
  await cluster.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'm', namespace: 'shop' },
    data: { a: 'b' },
  })
  await cluster.remove('ConfigMap', 'm', 'shop')
  await cluster.remove('ConfigMap', 'm', 'shop')
  assert.equal(await cluster.get('ConfigMap', 'm', 'shop'), undefined)
})

test("another manager's field is a conflict unless forced", async () => {
  await cluster.apply(namespace('shop'))
  await cluster.apply(account('one'))
  const object = await cluster.get('ServiceAccount', 'api', 'shop')
  const stored = environment.state.clusters[Object.keys(environment.state.clusters)[0]!]!
  const held = Object.values(stored.objects).find(
    ({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === 'api',
  ) as KubeObject
  assert.equal(held.metadata.uid, object?.metadata.uid)
  for (const entry of held.metadata.managedFields ?? []) entry.manager = 'argocd-controller'
  await assert.rejects(cluster.apply(account('two')), (error) => {
    assert.ok(error instanceof ServiceError)
    assert.deepEqual([error.service, error.code, error.status], ['kubernetes', 'Conflict', 409])
    assert.deepEqual(error.conflicts, [
      { field: '.metadata.annotations.azure.workload.identity/client-id', manager: 'argocd-controller' },
    ])
    return true
  })
  await cluster.apply(account('two'), { force: true })
  const now = await cluster.get('ServiceAccount', 'api', 'shop')
  assert.equal(now?.metadata.annotations?.['azure.workload.identity/client-id'], 'two')
})

test('errors have the reason of the API server', async () => {
  await assert.rejects(cluster.apply({ ...account('x'), metadata: { name: 'A_b', namespace: 'shop' } }), {
    service: 'kubernetes',
    code: 'Invalid',
    status: 422,
  })
  await assert.rejects(cluster.apply({ ...account('x'), metadata: { name: 'api', namespace: 'none' } }), {
    code: 'NotFound',
    message: 'namespaces "none" not found',
  })
})

test('a dry run returns the mutated pod and stores nothing', async () => {
  await cluster.apply(namespace('shop'))
  await cluster.apply(account('one'), { force: true })
  const { writes } = environment.http.counts
  const pod = await cluster.dryRun({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'shop', labels: { 'azure.workload.identity/use': 'true' } },
    spec: { serviceAccountName: 'api', containers: [{ name: 'c', image: 'x' }] },
  })
  assert.ok(
    pod.spec.containers[0].env.some(({ name }: { name: string }) => name === 'AZURE_FEDERATED_TOKEN_FILE'),
  )
  assert.equal(await cluster.get('Pod', 'p', 'shop'), undefined)
  assert.equal(environment.http.counts.writes, writes)
})

test('permissions, issuer and the service proxy are available', async () => {
  assert.equal(await cluster.can({ verb: 'patch', resource: 'serviceaccounts', namespace: 'shop' }), true)
  assert.equal(await cluster.issuer(), (await clients.aksClusters.get('g', 'c'))?.issuer)
  const { status } = await cluster.proxyGet('shop', 'none:80', '/health')
  assert.ok(status >= 400, `${status}`)
})

test('a token is exchanged and reads a secret', async () => {
  const { directory: entra, vaults, roles, secrets } = clients
  const tenantId = environment.state.tenant.id
  await cluster.apply(namespace('shop'))
  await cluster.apply(account('one'), { force: true })
  await entra.createApplication({ uniqueName: 'wi-x', displayName: 'x', tags: [] })
  const { clientId, objectId } = (await entra.application('wi-x'))!
  await entra.createServicePrincipal({ clientId, tags: [] })
  const principal = (await entra.servicePrincipal(clientId))!
  await vaults.create('g', 'kv-road', { location, tenantId, access: 'rbac', tags: {} })
  const vault = (await vaults.get('g', 'kv-road'))!
  const grant = (name: string, role: string, principalId: string) =>
    roles.assign(vault.id, name, { role, principalId, principalType: 'ServicePrincipal', description: '' })
  const officer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
  await grant('11111111-1111-4111-8111-111111111111', officer, environment.state.operator.objectId)
  await secrets.put(vault.uri, 's', { value: 'hello', tags: {} })

  const assertion = await cluster.token('shop', 'api', { audience, seconds: 3600 })
  const exchange = (scope: string, tenant = tenantId) =>
    clients.entra.exchange({ tenantId: tenant, clientId, assertion, scope })
  const read = () => secrets.get(vault.uri, 's', { token: exchange })
  await assert.rejects(read(), (error) => {
    assert.ok(error instanceof ServiceError)
    assert.equal(error.service, 'entra')
    assert.match(error.code, /^AADSTS70025$/)
    assert.doesNotMatch(error.message, /Trace ID/)
    assert.match(error.requestId ?? '', /^[\w-]{36}$/)
    return true
  })
  const issuer = (await cluster.issuer())!
  const documents = await clients.issuers.documents(issuer)
  assert.equal(documents.issuer, issuer)
  assert.ok(documents.keys.some(({ kid }) => kid === JSON.parse(atob(assertion.split('.')[0]!)).kid))
  await entra.putCredential(objectId, {
    name: 'road',
    issuer,
    subject: 'system:serviceaccount:shop:api',
    audience,
  })
  await assert.rejects(read(), { service: 'vault', innerCode: 'ForbiddenByRbac' })
  await grant(
    '22222222-2222-4222-8222-222222222222',
    '4633458b-17de-408a-b874-0445c86b69e6',
    principal.objectId,
  )
  assert.equal((await read())?.value, 'hello')
})

test('the error for an unreadable issuer names the document', async () => {
  const issuer = (await cluster.issuer())!
  const bare = issuer.replace(/\/$/, '')
  assert.equal((await clients.issuers.documents(bare)).issuer, issuer)
  await assert.rejects(clients.issuers.documents(`${issuer}none/`), {
    service: 'network',
    code: 'HttpStatus',
    status: 404,
    message: /^The discovery document https:.*none\/\.well-known\/openid-configuration returned status 404$/,
  })
  await assert.rejects(clients.issuers.documents('https://localhost:1/x/'), {
    service: 'network',
    code: 'ECONNREFUSED',
  })
  await assert.rejects(clients.issuers.documents('http://localhost/x/'), { code: 'NotHttps' })
})

test('a kubeconfig file connects to the same cluster, and a wrong token is Unauthorized', async () => {
  const { cloud, credential, http, signal } = environment
  const path = join(directory, 'config')
  const text = await cluster.kubeconfig()
  writeFileSync(path, text)
  const byFile = (env: Record<string, string>) =>
    connect({ cloud, credential, http, signal, env }).kubernetes({
      kind: 'kubeconfig',
      path: undefined,
      context: undefined,
    })
  assert.equal(await byFile({ KUBECONFIG: path }).version(), await cluster.version())
  const config = JSON.parse(text)
  config.users[0].user = { token: 'spoiled' }
  writeFileSync(path, JSON.stringify(config))
  await assert.rejects(byFile({ KUBECONFIG: path }).list('Namespace'), {
    service: 'kubernetes',
    code: 'Unauthorized',
    status: 401,
  })
  delete config.clusters[0].cluster['certificate-authority-data']
  writeFileSync(path, JSON.stringify(config))
  await assert.rejects(byFile({ KUBECONFIG: path }).list('Namespace'), {
    service: 'network',
    message: /certificate/,
  })
})
