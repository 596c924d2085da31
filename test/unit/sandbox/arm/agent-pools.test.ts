import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { manualClock, openArm } from '../../../support/arm-session.ts'

// az aks nodepool, get-upgrades and operation-abort.

let arm: Awaited<ReturnType<typeof openArm>>
const { clock, advance } = manualClock()
let cluster: string

before(async () => {
  arm = await openArm({ clock, pace: 0.01 })
  await arm.prepare()
  cluster = `${arm.providers}/Microsoft.ContainerService/managedClusters/c1`
  await arm.call('PUT', cluster, {
    location: 'eastus',
    properties: {
      dnsPrefix: 'c1',
      agentPoolProfiles: [{ name: 'system', mode: 'System', count: 1, vmSize: 'Standard_D2s_v5' }],
    },
  })
  advance(arm.simulator.durationOf('clusterCreate'))
})
after(() => arm.sandbox.close())

const nodes = async () => {
  const { fqdn } = (await arm.call('GET', cluster)).body.properties
  const objects = Object.values(arm.state.clusters[fqdn.toLowerCase()]!.objects)
  return objects
    .filter(({ kind }) => kind === 'Node')
    .map(({ metadata }) => metadata.labels?.agentpool)
    .sort()
}

test('operations of the cluster create, scale and delete a pool', async () => {
  const pool = `${cluster}/agentPools/more`
  const created = await arm.call('PUT', pool, {
    properties: { count: 2, mode: 'User', vmSize: 'Standard_D2s_v5' },
  })
  assert.deepEqual([created.status, created.body.properties.provisioningState], [201, 'Creating'])
  assert.match(created.headers['azure-asyncoperation'] as string, /\/operations\//)
  const early = await arm.call('PUT', pool, { properties: { count: 3 } })
  assert.deepEqual([early.status, early.body.code], [409, 'OperationNotAllowed'])
  advance(arm.simulator.durationOf('clusterUpdate'))
  const prepare = (await arm.call('GET', pool)).body
  assert.deepEqual(
    [prepare.name, prepare.properties.provisioningState, prepare.properties.count],
    ['more', 'Succeeded', 2],
  )
  assert.deepEqual(await nodes(), ['more', 'more', 'system'])

  const scaled = await arm.call('PUT', pool, { properties: { ...prepare.properties, count: 1 } })
  assert.equal(scaled.status, 200)
  const resized = { ...prepare.properties, vmSize: 'Standard_D4s_v5' }
  advance(arm.simulator.durationOf('clusterUpdate'))
  const other = await arm.call('PUT', pool, { properties: resized })
  assert.deepEqual([other.status, other.body.code], [400, 'PropertyChangeNotAllowed'])
  assert.deepEqual(await nodes(), ['more', 'system'])

  const stopped = { ...prepare.properties, count: 1, powerState: { code: 'Stopped' } }
  assert.equal(
    (await arm.call('PUT', pool, { properties: stopped })).body.properties.powerState.code,
    'Stopped',
  )
  advance(arm.simulator.durationOf('clusterUpdate'))
  assert.deepEqual(await nodes(), ['system'])

  assert.equal((await arm.call('DELETE', pool)).status, 202)
  assert.equal((await arm.call('GET', pool)).body.properties.provisioningState, 'Deleting')
  advance(arm.simulator.durationOf('clusterUpdate'))
  assert.equal((await arm.call('GET', pool)).status, 404)
  assert.equal((await arm.call('DELETE', pool)).status, 204)
})

test('an invalid pool is rejected as in the body of the cluster', async () => {
  const put = async (name: string, properties: object) =>
    (await arm.call('PUT', `${cluster}/agentPools/${name}`, { properties })).body.code
  assert.equal(await put('Bad-Name', { count: 1 }), 'InvalidParameter')
  assert.equal(await put('many', { count: 900 }), 'ErrCode_InsufficientVCPUQuota')
  assert.equal(await put('newer', { count: 1, orchestratorVersion: '1.35.0' }), 'InvalidParameter')
  const size = await arm.call('PUT', `${cluster}/agentPools/odd`, { properties: { vmSize: 'Standard_Nope' } })
  assert.equal(size.body.code, 'BadRequest')
  assert.match(size.body.message, /^The VM size of Standard_Nope is not allowed .* in location 'eastus'/)
  const last = await arm.call('DELETE', `${cluster}/agentPools/system`)
  assert.deepEqual([last.status, last.body.code], [400, 'InvalidParameter'])
})

test('the upgrade profiles list the versions that a cluster can be upgraded to', async () => {
  const { body } = await arm.call('GET', `${cluster}/upgradeProfiles/default`)
  const { controlPlaneProfile, agentPoolProfiles } = body.properties
  const { values } = (
    await arm.call(
      'GET',
      `${arm.subscription}/providers/Microsoft.ContainerService/locations/eastus/kubernetesVersions`,
    )
  ).body
  const has = controlPlaneProfile.kubernetesVersion
  const listed = values.flatMap(
    ({ patchVersions }: { patchVersions: Record<string, { upgrades: string[] }> }) =>
      patchVersions[has] ? [patchVersions[has].upgrades] : [],
  )
  const targets = (upgrades: { kubernetesVersion: string }[]) =>
    upgrades.map(({ kubernetesVersion }) => kubernetesVersion)
  assert.deepEqual(targets(controlPlaneProfile.upgrades), listed[0])
  assert.equal(agentPoolProfiles[0].name, 'system')
  const pool = (await arm.call('GET', `${cluster}/agentPools/system/upgradeProfiles/default`)).body
  assert.deepEqual(targets(pool.properties.upgrades), listed[0])
})

test('abort cancels the operation of a cluster', async () => {
  const { body } = await arm.call('GET', cluster)
  const update = await arm.call('PUT', cluster, { ...body, tags: { a: 'b' } })
  assert.equal((await arm.call('POST', `${cluster}/abort`)).status, 204)
  const operation = await arm.call('GET', update.headers['azure-asyncoperation'] as string)
  assert.equal(operation.body.status, 'Canceled')
  assert.equal((await arm.call('GET', cluster)).body.properties.provisioningState, 'Canceled')
  assert.equal((await arm.call('POST', `${cluster}/abort`)).status, 204)
})

test('concurrent writes of credentials on one identity are rejected', async () => {
  const slow = await openArm({})
  try {
    await slow.prepare()
    const put = (identity: string, name: string) =>
      slow.call(
        'PUT',
        `${slow.providers}/Microsoft.ManagedIdentity/userAssignedIdentities/${identity}/federatedIdentityCredentials/${name}`,
        { properties: { issuer: 'https://x.example/', subject: name, audiences: ['api://x'] } },
      )
    for (const name of ['one', 'two'])
      await slow.call('PUT', `${slow.providers}/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`, {
        location: 'eastus',
      })
    // Long enough that the second request arrives before the first is done, even on a busy machine.
    Object.assign(slow.sandbox.faults.lags, { request: 1500 })
    const answers = await Promise.all([put('one', 'aaa'), put('one', 'bbb'), put('two', 'ccc')])
    const ofOne = answers.slice(0, 2)
    assert.deepEqual(ofOne.map(({ status }) => status).sort(), [201, 409])
    const refused = ofOne.find(({ status }) => status === 409)!
    assert.equal(
      refused.body.error.code,
      'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity',
    )
    assert.match(
      refused.body.error.message,
      /\/providers\/microsoft\.managedidentity\/userassignedidentities\/one'/,
    )
    assert.equal(answers[2]!.status, 201)
    slow.sandbox.faults.lags = {}
    assert.equal((await put('one', 'bbb')).status, 201)
  } finally {
    await slow.sandbox.close()
  }
})

test('an unknown route says that Azure may have it', async () => {
  const { subscription, group, call } = arm
  for (const [method, path] of [
    ['GET', `${subscription}/providers/Microsoft.Compute/virtualMachines`],
    ['POST', `${cluster}/runCommand`],
    ['PUT', `${group}/providers/Microsoft.Authorization/policyAssignments/${crypto.randomUUID()}`],
    ['GET', `${subscription}/tagNames`],
  ] as const) {
    const { status, body } = await call(method, path)
    assert.ok([404, 405].includes(status), `${status} ${path}`)
    assert.match(body.error.message, /Azure may have it: the sandbox simulates only what wi-setup needs/)
  }
  for (const type of ['locks', 'denyAssignments', 'policyAssignments'])
    for (const scope of [subscription, group]) {
      const { status, body } = await call('GET', `${scope}/providers/Microsoft.Authorization/${type}`)
      assert.deepEqual([status, body], [200, { value: [] }], type)
    }
})
