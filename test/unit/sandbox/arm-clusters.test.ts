import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { handClock, openArm } from '../../support/arm-session.ts'

let arm: Awaited<ReturnType<typeof openArm>>
const { clock, pass } = handClock()

before(async () => {
  arm = await openArm({ clock, pace: 0.01 })
  await arm.ready()
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
  pass(ms)
  return (await arm.ask('GET', path)).body
}

test('a cluster is made by the clock', async () => {
  const { state, simulator, ask } = arm
  const made = await ask('PUT', at('c1'), wanted({ kubernetesVersion: '1.33' }, { tags: { a: 'b' } }))
  assert.equal(made.status, 201)
  assert.equal(made.headers['content-type'], 'application/json')
  const { properties } = made.body
  assert.match(
    made.body.id,
    /\/resourcegroups\/rg\/providers\/Microsoft\.ContainerService\/managedClusters\/c1$/,
  )
  assert.equal(made.body.type, 'Microsoft.ContainerService/ManagedClusters')
  assert.equal(properties.provisioningState, 'Creating')
  assert.equal(properties.identityProfile, undefined)
  assert.deepEqual(properties.oidcIssuerProfile, { enabled: false })
  assert.deepEqual(properties.securityProfile, {})
  assert.equal(properties.agentPoolProfiles[0].vmSize, 'Standard_D2s_v5')
  assert.equal(properties.servicePrincipalProfile.clientId, 'msi')
  const operation = made.headers['azure-asyncoperation'] as string
  assert.match(
    operation,
    /\/providers\/Microsoft\.ContainerService\/locations\/eastus\/operations\/[0-9a-f-]{36}\?api-version=/,
  )
  const busy = await ask('GET', operation)
  assert.deepEqual([busy.status, busy.body.status], [200, 'InProgress'])
  assert.deepEqual(Object.keys(busy.body), ['name', 'status', 'startTime'])
  assert.ok(Number(busy.headers['retry-after']) >= 1)
  const id = /operations\/([^?]+)/.exec(operation)![1]!
  assert.equal(busy.body.name, id)

  pass(simulator.durationOf('clusterCreate'))
  const done = await ask('GET', operation)
  assert.deepEqual([done.body.status, typeof done.body.endTime], ['Succeeded', 'string'])
  const { body } = await ask('GET', at('C1').toLowerCase())
  assert.equal(body.properties.provisioningState, 'Succeeded')
  assert.equal(body.properties.currentKubernetesVersion, '1.33.6')
  assert.ok(body.properties.identityProfile.kubeletidentity.clientId)
  assert.ok(state.arm.groups[`${arm.subscription}/resourcegroups/mc_rg_c1_eastus`.toLowerCase()])
})

test('issuer and workload identity come with a PUT of all that was read', async () => {
  const { simulator, ask } = arm
  const path = at('c1')
  const { body: read } = await ask('GET', path)
  const eTagNow = async () => (await ask('GET', path, undefined, { version: '2026-05-02-preview' })).body.eTag
  const eTag = await eTagNow()
  assert.equal(read.eTag, undefined, 'only previews of the API show it')
  const change = (properties: object, headers = {}) =>
    ask('PUT', path, { ...read, properties: { ...read.properties, ...properties } }, { headers })

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
  const discovery = await ask('GET', `${issuerURL}.well-known/openid-configuration`)
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

test('from 1.34 on a new cluster has the issuer unasked', async () => {
  const two = await Promise.all([1, 2].map(() => arm.ask('PUT', at('c2'), wanted({ dnsPrefix: 'c2' }))))
  assert.deepEqual(two.map(({ status }) => status).sort(), [201, 409])
  const made = two.find(({ status }) => status === 201)!
  assert.equal(made.body.properties.kubernetesVersion, '1.34')
  assert.equal(made.body.properties.oidcIssuerProfile.enabled, true)
  assert.ok(made.body.properties.oidcIssuerProfile.issuerURL.endsWith('/'))
})

test('what a cluster may not be is refused', async () => {
  const refusal = async (more: object, name = 'c9') => {
    const { status, body } = await arm.ask('PUT', at(name), wanted(more))
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
  const exists = await arm.ask('PUT', at('c1'), wanted(), { headers: { 'if-none-match': '*' } })
  assert.equal(exists.status, 412)
  const moved = await arm.ask('PUT', at('c1'), wanted({}, { location: 'westeurope' }))
  assert.deepEqual([moved.status, moved.body.error.code], [409, 'InvalidResourceLocation'])
  const absent = await arm.ask('GET', at('none'))
  assert.deepEqual([absent.status, absent.body.error.code], [404, 'ResourceNotFound'])
})

test('credentials are kubeconfigs that are accepted', async () => {
  const { ask } = arm
  const { body } = await ask('POST', `${at('c1')}/listClusterUserCredential?format=exec`)
  assert.equal(body.kubeconfigs[0].name, 'clusterUser')
  const text = Buffer.from(body.kubeconfigs[0].value, 'base64').toString()
  assert.match(text, /current-context: c1\n/)
  assert.match(text, /user: clusterUser_rg_c1\n/)
  const server = /server: (\S+)/.exec(text)![1]!
  const token = /token: (\S+)/.exec(text)![1]!
  assert.equal((await ask('GET', `${server}/api/v1/namespaces`, undefined, { token })).status, 200)
  const admin = await ask('POST', `${at('c1')}/listClusterAdminCredential`)
  assert.match(
    Buffer.from(admin.body.kubeconfigs[0].value, 'base64').toString(),
    /current-context: c1-admin\n/,
  )
})

test('stopped and started, keys turned, tags changed', async () => {
  const { simulator, ask } = arm
  const stop = await ask('POST', `${at('c1')}/stop`)
  assert.equal(stop.status, 202)
  const stopped = await finished(at('c1'), simulator.durationOf('clusterUpdate'))
  assert.equal(stopped.properties.powerState.code, 'Stopped')
  assert.equal((await ask('PUT', at('c1'), wanted())).body.code, 'OperationNotAllowed')
  await ask('POST', `${at('c1')}/start`)
  assert.equal(
    (await finished(at('c1'), simulator.durationOf('clusterUpdate'))).properties.powerState.code,
    'Running',
  )
  const jwks = `${(await ask('GET', at('c1'))).body.properties.oidcIssuerProfile.issuerURL}openid/v1/jwks`
  const keys = async () => (await ask('GET', jwks)).body.keys.map(({ kid }: { kid: string }) => kid)
  const before = await keys()
  assert.equal((await ask('POST', `${at('c1')}/rotateServiceAccountSigningKeys`)).status, 202)
  assert.ok((await keys()).some((kid: string) => !before.includes(kid)))
  pass(simulator.durationOf('clusterUpdate'))
  assert.deepEqual((await ask('PATCH', at('c1'), { tags: { x: 'y' } })).body.tags, { x: 'y' })
})

test('the versions on offer', async () => {
  const path = `${arm.subscription}/providers/Microsoft.ContainerService/locations/eastus/kubernetesVersions`
  const { values } = (await arm.ask('GET', path)).body
  const [standard] = values.filter(({ isDefault }: { isDefault?: boolean }) => isDefault)
  assert.equal(standard.version, '1.34')
  assert.ok(standard.capabilities.supportPlan.includes('KubernetesOfficial'))
  assert.ok(standard.patchVersions['1.34.2'].upgrades.includes('1.35.0'))
})

test('the cores that the nodes of a region use, of the quota', async () => {
  const usages = (location: string) =>
    arm.ask('GET', `${arm.subscription}/providers/Microsoft.Compute/locations/${location}/usages`)
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

test('a deleted cluster takes its issuer, nodes and identities along', async () => {
  const { state, simulator, ask } = arm
  const { properties } = (await ask('GET', at('c1'))).body
  const gone = await ask('DELETE', at('c1'))
  assert.equal(gone.status, 202)
  assert.ok(gone.headers['azure-asyncoperation'])
  assert.equal((await ask('GET', at('c1'))).body.properties.provisioningState, 'Deleting')
  assert.equal((await ask('GET', gone.headers.location as string)).status, 202)
  pass(simulator.durationOf('clusterDelete'))
  assert.equal((await ask('GET', gone.headers.location as string)).status, 204)
  assert.equal((await ask('DELETE', at('c1'))).status, 204)
  assert.equal(state.clusters[properties.fqdn], undefined)
  const { clientId } = properties.identityProfile.kubeletidentity
  assert.ok(!Object.values(state.directory.servicePrincipals).some(({ appId }) => appId === clientId))
  assert.notEqual((await ask('GET', `${properties.oidcIssuerProfile.issuerURL}openid/v1/jwks`)).status, 200)
})

test('an operation goes on while nothing runs', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'wi-arm-'))
  const { clock, pass } = handClock()
  try {
    const first = await openArm({ stateDir, clock, pace: 0.01 })
    await first.ready()
    const path = `${first.providers}/Microsoft.ContainerService/managedClusters/c1`
    const made = await first.ask('PUT', path, {
      location: 'eastus',
      properties: { dnsPrefix: 'c1', agentPoolProfiles: [{ name: 'system', mode: 'System', count: 1 }] },
    })
    await first.sandbox.close()
    pass(first.simulator.durationOf('clusterCreate'))
    const second = await openArm({ stateDir, clock, pace: 0.01 })
    const operation = await second.ask('GET', made.headers['azure-asyncoperation'] as string)
    assert.equal(operation.body.status, 'Succeeded')
    const { properties } = (await second.ask('GET', path)).body
    assert.equal(properties.provisioningState, 'Succeeded')
    assert.deepEqual(properties.oidcIssuerProfile, made.body.properties.oidcIssuerProfile)
    await second.sandbox.close()
  } finally {
    rmSync(stateDir, { recursive: true, force: true })
  }
})
