import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { handClock, openArm } from '../../support/arm-session.ts'

// az aks nodepool, get-upgrades and operation-abort.

let arm: Awaited<ReturnType<typeof openArm>>
const { clock, pass } = handClock()
let cluster: string

before(async () => {
  arm = await openArm({ clock, pace: 0.01 })
  await arm.ready()
  cluster = `${arm.providers}/Microsoft.ContainerService/managedClusters/c1`
  await arm.ask('PUT', cluster, {
    location: 'eastus',
    properties: {
      dnsPrefix: 'c1',
      agentPoolProfiles: [{ name: 'system', mode: 'System', count: 1, vmSize: 'Standard_D2s_v5' }],
    },
  })
  pass(arm.simulator.durationOf('clusterCreate'))
})
after(() => arm.sandbox.close())

const nodes = async () => {
  const { fqdn } = (await arm.ask('GET', cluster)).body.properties
  const objects = Object.values(arm.state.clusters[fqdn.toLowerCase()]!.objects)
  return objects
    .filter(({ kind }) => kind === 'Node')
    .map(({ metadata }) => metadata.labels?.agentpool)
    .sort()
}

test('a pool is made, scaled and removed by operations of its cluster', async () => {
  const pool = `${cluster}/agentPools/more`
  const made = await arm.ask('PUT', pool, {
    properties: { count: 2, mode: 'User', vmSize: 'Standard_D2s_v5' },
  })
  assert.deepEqual([made.status, made.body.properties.provisioningState], [201, 'Creating'])
  assert.match(made.headers['azure-asyncoperation'] as string, /\/operations\//)
  const early = await arm.ask('PUT', pool, { properties: { count: 3 } })
  assert.deepEqual([early.status, early.body.code], [409, 'OperationNotAllowed'])
  pass(arm.simulator.durationOf('clusterUpdate'))
  const ready = (await arm.ask('GET', pool)).body
  assert.deepEqual(
    [ready.name, ready.properties.provisioningState, ready.properties.count],
    ['more', 'Succeeded', 2],
  )
  assert.deepEqual(await nodes(), ['more', 'more', 'system'])

  const scaled = await arm.ask('PUT', pool, { properties: { ...ready.properties, count: 1 } })
  assert.equal(scaled.status, 200)
  const resized = { ...ready.properties, vmSize: 'Standard_D4s_v5' }
  pass(arm.simulator.durationOf('clusterUpdate'))
  const other = await arm.ask('PUT', pool, { properties: resized })
  assert.deepEqual([other.status, other.body.code], [400, 'PropertyChangeNotAllowed'])
  assert.deepEqual(await nodes(), ['more', 'system'])

  const stopped = { ...ready.properties, count: 1, powerState: { code: 'Stopped' } }
  assert.equal(
    (await arm.ask('PUT', pool, { properties: stopped })).body.properties.powerState.code,
    'Stopped',
  )
  pass(arm.simulator.durationOf('clusterUpdate'))
  assert.deepEqual(await nodes(), ['system'])

  assert.equal((await arm.ask('DELETE', pool)).status, 202)
  assert.equal((await arm.ask('GET', pool)).body.properties.provisioningState, 'Deleting')
  pass(arm.simulator.durationOf('clusterUpdate'))
  assert.equal((await arm.ask('GET', pool)).status, 404)
  assert.equal((await arm.ask('DELETE', pool)).status, 204)
})

test('a pool that a cluster cannot have is refused as in the body of the cluster', async () => {
  const put = async (name: string, properties: object) =>
    (await arm.ask('PUT', `${cluster}/agentPools/${name}`, { properties })).body.code
  assert.equal(await put('Bad-Name', { count: 1 }), 'InvalidParameter')
  assert.equal(await put('many', { count: 900 }), 'ErrCode_InsufficientVCPUQuota')
  assert.equal(await put('newer', { count: 1, orchestratorVersion: '1.35.0' }), 'InvalidParameter')
  const size = await arm.ask('PUT', `${cluster}/agentPools/odd`, { properties: { vmSize: 'Standard_Nope' } })
  assert.equal(size.body.code, 'BadRequest')
  assert.match(size.body.message, /^The VM size of Standard_Nope is not allowed .* in location 'eastus'/)
  const last = await arm.ask('DELETE', `${cluster}/agentPools/system`)
  assert.deepEqual([last.status, last.body.code], [400, 'InvalidParameter'])
})

test('where a cluster can go is what the versions of the region say', async () => {
  const { body } = await arm.ask('GET', `${cluster}/upgradeProfiles/default`)
  const { controlPlaneProfile, agentPoolProfiles } = body.properties
  const { values } = (
    await arm.ask(
      'GET',
      `${arm.subscription}/providers/Microsoft.ContainerService/locations/eastus/kubernetesVersions`,
    )
  ).body
  const has = controlPlaneProfile.kubernetesVersion
  const told = values.flatMap(
    ({ patchVersions }: { patchVersions: Record<string, { upgrades: string[] }> }) =>
      patchVersions[has] ? [patchVersions[has].upgrades] : [],
  )
  const targets = (upgrades: { kubernetesVersion: string }[]) =>
    upgrades.map(({ kubernetesVersion }) => kubernetesVersion)
  assert.deepEqual(targets(controlPlaneProfile.upgrades), told[0])
  assert.equal(agentPoolProfiles[0].name, 'system')
  const pool = (await arm.ask('GET', `${cluster}/agentPools/system/upgradeProfiles/default`)).body
  assert.deepEqual(targets(pool.properties.upgrades), told[0])
})

test('what runs on a cluster is broken off by abort', async () => {
  const { body } = await arm.ask('GET', cluster)
  const update = await arm.ask('PUT', cluster, { ...body, tags: { a: 'b' } })
  assert.equal((await arm.ask('POST', `${cluster}/abort`)).status, 204)
  const operation = await arm.ask('GET', update.headers['azure-asyncoperation'] as string)
  assert.equal(operation.body.status, 'Canceled')
  assert.equal((await arm.ask('GET', cluster)).body.properties.provisioningState, 'Canceled')
  assert.equal((await arm.ask('POST', `${cluster}/abort`)).status, 204)
})

test('credentials of one identity are written one after the other', async () => {
  const slow = await openArm({})
  try {
    await slow.ready()
    const put = (identity: string, name: string) =>
      slow.ask(
        'PUT',
        `${slow.providers}/Microsoft.ManagedIdentity/userAssignedIdentities/${identity}/federatedIdentityCredentials/${name}`,
        { properties: { issuer: 'https://x.example/', subject: name, audiences: ['api://x'] } },
      )
    for (const name of ['one', 'two'])
      await slow.ask('PUT', `${slow.providers}/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`, {
        location: 'eastus',
      })
    // So long that the second comes before the first is done, also on a busy machine.
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

test('what the sandbox has not is not said to be missing in Azure', async () => {
  const { subscription, group, ask } = arm
  for (const [method, path] of [
    ['GET', `${subscription}/providers/Microsoft.Compute/virtualMachines`],
    ['POST', `${cluster}/runCommand`],
    ['PUT', `${group}/providers/Microsoft.Authorization/roleDefinitions/${crypto.randomUUID()}`],
    ['GET', `${subscription}/tagNames`],
  ] as const) {
    const { status, body } = await ask(method, path)
    assert.ok([404, 405].includes(status), `${status} ${path}`)
    assert.match(body.error.message, /Azure may have it: the sandbox simulates only what wi-setup needs/)
  }
  for (const type of ['locks', 'denyAssignments', 'policyAssignments'])
    for (const scope of [subscription, group]) {
      const { status, body } = await ask('GET', `${scope}/providers/Microsoft.Authorization/${type}`)
      assert.deepEqual([status, body], [200, { value: [] }], type)
    }
})
