import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { manualClock, openArm } from '../../../support/arm-session.ts'

let arm: Awaited<ReturnType<typeof openArm>>
const { clock, advance } = manualClock()

before(async () => {
  arm = await openArm({ clock, pace: 0.01 })
  await arm.prepare()
})
after(() => arm.sandbox.close())

const at = (name: string) => `${arm.providers}/Microsoft.ContainerService/managedClusters/${name}`
const wanted = (more: object = {}, rest: object = {}) => ({
  location: 'eastus',
  identity: { type: 'SystemAssigned' },
  sku: { name: 'Base', tier: 'Free' },
  properties: {
    dnsPrefix: 'wi-c1',
    kubernetesVersion: '',
    agentPoolProfiles: [{ name: 'system', mode: 'System', count: 1, vmSize: '', orchestratorVersion: '' }],
    ...more,
  },
  ...rest,
})
const finished = async (path: string, ms: number) => {
  advance(ms)
  return (await arm.call('GET', path)).body
}

test("the creation of a cluster ends by the simulator's clock", async () => {
  const { state, simulator, call } = arm
  const created = await call('PUT', at('c1'), wanted({ kubernetesVersion: '1.33' }, { tags: { a: 'b' } }))
  assert.equal(created.status, 201)
  assert.equal(created.headers['content-type'], 'application/json')
  const { properties } = created.body
  assert.match(
    created.body.id,
    /\/resourcegroups\/rg\/providers\/Microsoft\.ContainerService\/managedClusters\/c1$/,
  )
  assert.equal(created.body.type, 'Microsoft.ContainerService/ManagedClusters')
  assert.equal(properties.provisioningState, 'Creating')
  assert.equal(properties.identityProfile, undefined)
  assert.deepEqual(properties.oidcIssuerProfile, { enabled: false })
  assert.deepEqual(properties.securityProfile, {})
  assert.equal(properties.agentPoolProfiles[0].vmSize, 'Standard_D2s_v5')
  assert.equal(properties.servicePrincipalProfile.clientId, 'msi')
  const operation = created.headers['azure-asyncoperation'] as string
  assert.match(
    operation,
    /\/providers\/Microsoft\.ContainerService\/locations\/eastus\/operations\/[0-9a-f-]{36}\?api-version=/,
  )
  const busy = await call('GET', operation)
  assert.deepEqual([busy.status, busy.body.status], [200, 'InProgress'])
  assert.deepEqual(Object.keys(busy.body), ['name', 'status', 'startTime'])
  assert.ok(Number(busy.headers['retry-after']) >= 1)
  const id = /operations\/([^?]+)/.exec(operation)![1]!
  assert.equal(busy.body.name, id)

  advance(simulator.durationOf('clusterCreate'))
  const done = await call('GET', operation)
  assert.deepEqual([done.body.status, typeof done.body.endTime], ['Succeeded', 'string'])
  const { body } = await call('GET', at('C1').toLowerCase())
  assert.equal(body.properties.provisioningState, 'Succeeded')
  assert.equal(body.properties.currentKubernetesVersion, '1.33.6')
  assert.ok(body.properties.identityProfile.kubeletidentity.clientId)
  assert.ok(state.arm.groups[`${arm.subscription}/resourcegroups/mc_rg_c1_eastus`.toLowerCase()])
})

test('a PUT of the complete body enables the issuer and workload identity', async () => {
  const { simulator, call } = arm
  const path = at('c1')
  const { body: read } = await call('GET', path)
  const eTagNow = async () =>
    (await call('GET', path, undefined, { version: '2026-05-02-preview' })).body.eTag
  const eTag = await eTagNow()
  assert.equal(read.eTag, undefined, 'only previews of the API show it')
  const change = (properties: object, headers = {}) =>
    call('PUT', path, { ...read, properties: { ...read.properties, ...properties } }, { headers })

  const lonely = await change({ securityProfile: { workloadIdentity: { enabled: true } } })
  assert.equal(lonely.status, 400)
  assert.deepEqual(Object.keys(lonely.body), ['code', 'details', 'message', 'subcode', 'target'])

  const both = {
    oidcIssuerProfile: { enabled: true },
    securityProfile: { workloadIdentity: { enabled: true } },
  }
  const stale = await change(both, { 'if-match': '"other"' })
  assert.deepEqual([stale.status, stale.body.code], [412, 'PreconditionFailed'])
  const started = await change(both, { 'if-match': eTag })
  assert.deepEqual([started.status, started.body.properties.provisioningState], [200, 'Updating'])
  assert.equal(started.body.identity.principalId, read.identity.principalId)

  const second = await change(both)
  assert.equal(second.status, 409)
  assert.equal(second.body.code, 'OperationNotAllowed')
  assert.match(
    second.body.message,
    /in progress update managed cluster operation \(operation ID: [0-9a-f-]{36}\)/,
  )

  const updated = await finished(path, simulator.durationOf('clusterUpdate'))
  const { issuerURL } = updated.properties.oidcIssuerProfile
  assert.match(
    issuerURL.slice(simulator.addresses.issuers.length),
    new RegExp(`^/eastus/${arm.state.tenant.id}/[0-9a-f-]{36}/$`),
  )
  assert.notEqual(await eTagNow(), eTag)
  const discovery = await call('GET', `${issuerURL}.well-known/openid-configuration`)
  assert.equal(discovery.body.issuer, issuerURL)

  const off = await change({ oidcIssuerProfile: { enabled: false } })
  assert.deepEqual(
    [off.status, off.body],
    [
      400,
      {
        code: 'OIDCIssuerFeatureCannotBeDisabled',
        details: null,
        message: 'OIDC issuer feature cannot be disabled.',
        subcode: '',
      },
    ],
  )
  await change({ securityProfile: { workloadIdentity: { enabled: false } }, oidcIssuerProfile: undefined })
  const without = await finished(path, simulator.durationOf('clusterUpdate'))
  assert.deepEqual(without.properties.securityProfile, { workloadIdentity: { enabled: false } })
  assert.equal(without.properties.oidcIssuerProfile.issuerURL, issuerURL)
})

test('new clusters have the issuer by default since 1.34', async () => {
  const two = await Promise.all([1, 2].map(() => arm.call('PUT', at('c2'), wanted({ dnsPrefix: 'c2' }))))
  assert.deepEqual(two.map(({ status }) => status).sort(), [201, 409])
  const created = two.find(({ status }) => status === 201)!
  assert.equal(created.body.properties.kubernetesVersion, '1.34')
  assert.equal(created.body.properties.oidcIssuerProfile.enabled, true)
  assert.ok(created.body.properties.oidcIssuerProfile.issuerURL.endsWith('/'))
})

test('invalid cluster properties are rejected', async () => {
  const refusal = async (more: object, name = 'c9') => {
    const { status, body } = await arm.call('PUT', at(name), wanted(more))
    return [status, body.code]
  }
  assert.deepEqual(await refusal({ kubernetesVersion: '1.20.1' }), [400, 'K8sVersionNotSupported'])
  assert.deepEqual(await refusal({ kubernetesVersion: '1.32' }), [400, 'K8sVersionNotSupported'])
  assert.deepEqual(await refusal({ dnsPrefix: 'no_underscore' }), [400, 'InvalidParameter'])
  assert.deepEqual(await refusal({ dnsPrefix: '' }), [400, 'InvalidParameter'])
  assert.deepEqual(await refusal({ agentPoolProfiles: [] }), [400, 'InvalidParameter'])
  assert.deepEqual(await refusal({ agentPoolProfiles: [{ name: 'Bad', mode: 'System', count: 1 }] }), [
    400,
    'InvalidParameter',
  ])
  assert.deepEqual(await refusal({}, 'bad.name'), [400, 'InvalidParameter'])
  assert.deepEqual(await refusal({ dnsPrefix: 'other' }, 'c1'), [400, 'PropertyChangeNotAllowed'])
  const exists = await arm.call('PUT', at('c1'), wanted(), { headers: { 'if-none-match': '*' } })
  assert.equal(exists.status, 412)
  const moved = await arm.call('PUT', at('c1'), wanted({}, { location: 'westeurope' }))
  assert.deepEqual([moved.status, moved.body.error.code], [409, 'InvalidResourceLocation'])
  const absent = await arm.call('GET', at('none'))
  assert.deepEqual([absent.status, absent.body.error.code], [404, 'ResourceNotFound'])
})

test('the API server accepts the kubeconfig of the credentials', async () => {
  const { call } = arm
  const { body } = await call('POST', `${at('c1')}/listClusterUserCredential?format=exec`)
  assert.equal(body.kubeconfigs[0].name, 'clusterUser')
  const text = Buffer.from(body.kubeconfigs[0].value, 'base64').toString()
  assert.match(text, /current-context: c1\n/)
  assert.match(text, /user: clusterUser_rg_c1\n/)
  const server = /server: (\S+)/.exec(text)![1]!
  const token = /token: (\S+)/.exec(text)![1]!
  assert.equal((await call('GET', `${server}/api/v1/namespaces`, undefined, { token })).status, 200)
  const admin = await call('POST', `${at('c1')}/listClusterAdminCredential`)
  assert.match(
    Buffer.from(admin.body.kubeconfigs[0].value, 'base64').toString(),
    /current-context: c1-admin\n/,
  )
})

test('a cluster can be stopped, started and tagged, and its keys rotated', async () => {
  const { simulator, call } = arm
  const stop = await call('POST', `${at('c1')}/stop`)
  assert.equal(stop.status, 202)
  const stopped = await finished(at('c1'), simulator.durationOf('clusterUpdate'))
  assert.equal(stopped.properties.powerState.code, 'Stopped')
  assert.equal((await call('PUT', at('c1'), wanted())).body.code, 'OperationNotAllowed')
  await call('POST', `${at('c1')}/start`)
  assert.equal(
    (await finished(at('c1'), simulator.durationOf('clusterUpdate'))).properties.powerState.code,
    'Running',
  )
  const jwks = `${(await call('GET', at('c1'))).body.properties.oidcIssuerProfile.issuerURL}openid/v1/jwks`
  const keys = async () => (await call('GET', jwks)).body.keys.map(({ kid }: { kid: string }) => kid)
  const before = await keys()
  assert.equal((await call('POST', `${at('c1')}/rotateServiceAccountSigningKeys`)).status, 202)
  assert.ok((await keys()).some((kid: string) => !before.includes(kid)))
  advance(simulator.durationOf('clusterUpdate'))
  assert.deepEqual((await call('PATCH', at('c1'), { tags: { x: 'y' } })).body.tags, { x: 'y' })
})

test('the Kubernetes versions of a region are listed', async () => {
  const path = `${arm.subscription}/providers/Microsoft.ContainerService/locations/eastus/kubernetesVersions`
  const { values } = (await arm.call('GET', path)).body
  const [standard] = values.filter(({ isDefault }: { isDefault?: boolean }) => isDefault)
  assert.equal(standard.version, '1.34')
  assert.ok(standard.capabilities.supportPlan.includes('KubernetesOfficial'))
  assert.ok(standard.patchVersions['1.34.2'].upgrades.includes('1.35.0'))
})

test('the usage of a region counts the cores of its nodes', async () => {
  const usages = (location: string) =>
    arm.call('GET', `${arm.subscription}/providers/Microsoft.Compute/locations/${location}/usages`)
  const cores = async (location: string) =>
    (await usages(location)).body.value.find(
      ({ name }: { name: { value: string } }) => name.value === 'cores',
    )
  const { currentValue, limit, unit, name } = await cores('eastus')
  assert.ok(currentValue > 0 && currentValue < limit)
  assert.deepEqual([unit, name.localizedValue], ['Count', 'Total Regional vCPUs'])
  assert.equal((await cores('norwayeast')).currentValue, 0)
  assert.equal((await usages('atlantis')).status, 400)
})

test('deleting a cluster deletes its issuer, nodes and identities', async () => {
  const { state, simulator, call } = arm
  const { properties } = (await call('GET', at('c1'))).body
  const gone = await call('DELETE', at('c1'))
  assert.equal(gone.status, 202)
  assert.ok(gone.headers['azure-asyncoperation'])
  assert.equal((await call('GET', at('c1'))).body.properties.provisioningState, 'Deleting')
  assert.equal((await call('GET', gone.headers.location as string)).status, 202)
  advance(simulator.durationOf('clusterDelete'))
  assert.equal((await call('GET', gone.headers.location as string)).status, 204)
  assert.equal((await call('DELETE', at('c1'))).status, 204)
  assert.equal(state.clusters[properties.fqdn], undefined)
  const { clientId } = properties.identityProfile.kubeletidentity
  assert.ok(!Object.values(state.directory.servicePrincipals).some(({ appId }) => appId === clientId))
  assert.notEqual((await call('GET', `${properties.oidcIssuerProfile.issuerURL}openid/v1/jwks`)).status, 200)
})

test('an operation continues while the sandbox is stopped', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'wi-arm-'))
  const { clock, advance } = manualClock()
  try {
    const first = await openArm({ stateDir, clock, pace: 0.01 })
    await first.prepare()
    const path = `${first.providers}/Microsoft.ContainerService/managedClusters/c1`
    const created = await first.call('PUT', path, {
      location: 'eastus',
      properties: { dnsPrefix: 'c1', agentPoolProfiles: [{ name: 'system', mode: 'System', count: 1 }] },
    })
    await first.sandbox.close()
    advance(first.simulator.durationOf('clusterCreate'))
    const second = await openArm({ stateDir, clock, pace: 0.01 })
    const operation = await second.call('GET', created.headers['azure-asyncoperation'] as string)
    assert.equal(operation.body.status, 'Succeeded')
    const { properties } = (await second.call('GET', path)).body
    assert.equal(properties.provisioningState, 'Succeeded')
    assert.deepEqual(properties.oidcIssuerProfile, created.body.properties.oidcIssuerProfile)
    await second.sandbox.close()
  } finally {
    rmSync(stateDir, { recursive: true, force: true })
  }
})
