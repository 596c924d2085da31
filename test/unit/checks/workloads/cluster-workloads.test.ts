import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WorkloadKind } from '../../../../src/checks/workloads/workload.ts'
import { ServiceError } from '../../../../src/clients/service-error.ts'
import type { CheckResult } from '../../../../src/engine/check-result.ts'
import { newWorkloadCluster } from '../../../support/workload-cluster.ts'
import { manifestFaults } from '../../../support/workloads/faults.ts'
import { healthyWorkloads, type KubeObject, workloadKinds } from '../../../support/workloads/healthy.ts'

const at = await newWorkloadCluster()

const summaries = (results: readonly CheckResult[]) =>
  results.map(({ code, status, detail }) => ({ code, status, detail }))
const codes = (results: readonly CheckResult[]) => results.map(({ code }) => code)
const wanted = ({ kind, metadata }: KubeObject) => [
  { kind: kind as WorkloadKind, name: metadata.name as string },
]

test('reports nothing for healthy workloads of each kind, without an additional request', async () => {
  const alone = await requests(() => at.check([]))
  const before = await requests(() => at.verify())
  for (const kind of workloadKinds) await at.create(healthyWorkloads[kind]())
  assert.deepEqual(summaries(await at.check('all')), [])
  assert.equal((await requests(() => at.check('running'))) - before, 0)
  assert.deepEqual(summaries(await at.check('running')), [])
  for (const kind of workloadKinds) {
    assert.deepEqual(summaries(await at.check(wanted(healthyWorkloads[kind]()))), [])
    await at.remove(healthyWorkloads[kind]())
  }
  assert.ok(alone >= before)
})

async function requests(work: () => Promise<unknown>): Promise<number> {
  const before = at.sandbox.journal.length
  await work()
  return at.sandbox.journal.length - before
}

test('reports the owner of running pods, for every selection', async () => {
  const object = healthyWorkloads.Deployment('traced')
  manifestFaults.find(({ name }) => name === 'its own client ID')!.break(object)
  await at.create(object)
  const ways = [
    'running' as const,
    'all' as const,
    wanted(object),
    [{ kind: 'Pod' as const, name: await podOf('traced') }],
  ]
  for (const way of ways) {
    const found = await at.check(way)
    assert.deepEqual(codes(found), ['WI215'], JSON.stringify(summaries(found)))
    assert.match(found[0]!.detail, /^Deployment shop\/traced, container app,/)
    assert.match(found[0]!.remedy!, /^kubectl patch deployment\/traced --namespace shop --patch '\{/)
    assert.ok(found[0]!.should)
  }
  await at.remove(object)
})

async function podOf(app: string): Promise<string> {
  const { items } = await at.kube('GET', `api/v1/namespaces/shop/pods?labelSelector=app=${app}`)
  return items[0].metadata.name
}

test('reports one result for each workload', async () => {
  const two = [healthyWorkloads.Deployment('one'), healthyWorkloads.CronJob('two')]
  for (const each of two) {
    manifestFaults.find(({ name }) => name === 'no label')!.break(each)
    await at.create(each)
  }
  const found = await at.check('all')
  assert.deepEqual(codes(found), ['WI222', 'WI222'])
  assert.deepEqual(found.map(({ detail }) => detail.split(':')[0]).sort(), [
    'CronJob shop/two',
    'Deployment shop/one',
  ])
  for (const each of two) await at.remove(each)
})

test('reports service accounts that are missing or have no identity, and accepts one with its own', async () => {
  const object: KubeObject = healthyWorkloads.Deployment('other')
  object.spec.template.spec.serviceAccountName = 'reports'
  await at.create(object)
  assert.deepEqual(codes(await at.check('all')), ['WI213'])
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'reports', namespace: 'shop' },
  }
  await at.create(account)
  const [found, ...more] = await at.check('all')
  assert.deepEqual([found!.code, more.length], ['WI214', 0])
  assert.match(found!.remedy!, /^npx wi-setup federate --namespace shop --service-account reports/)
  // A workload selected by name must use the configured service account.
  assert.deepEqual(codes(await at.check(wanted(object))), ['WI203'])
  const clientId = '11111111-2222-4333-8444-555555555555'
  await at.patch(account, { metadata: { annotations: { 'azure.workload.identity/client-id': clientId } } })
  await at.patch(object, { spec: { template: { metadata: { annotations: { again: 'yes' } } } } })
  assert.deepEqual(summaries(await at.check('all')), [])
  await at.remove(object)
  await at.remove(account)
})

test('accepts the settings of an identity binding, and reports that it and the permission are missing', async () => {
  const object: KubeObject = healthyWorkloads.Deployment('bound')
  object.spec.template.metadata.annotations = { 'azure.workload.identity/use-identity-binding': 'true' }
  object.spec.template.spec.containers[0].env.push({
    name: 'AZURE_FEDERATED_TOKEN_FILE',
    value: '/own/token',
  })
  object.spec.template.spec.containers[0].volumeMounts = [{ name: 'own', mountPath: '/own' }]
  object.spec.template.spec.volumes = [
    {
      name: 'own',
      projected: {
        sources: [{ serviceAccountToken: { audience: 'api://AKSIdentityBinding', path: 'token' } }],
      },
    },
  ]
  await at.create(object)
  assert.deepEqual(codes(await at.check(wanted(object))), ['WI116', 'WI117'])
  await at.remove(object)
})

test('WI207  reports the old path in a ConfigMap', async () => {
  const data = { 'app.yaml': 'vault: kv\ntoken: /var/run/secrets/azure/tokens/azure-identity-token\n' }
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app', namespace: 'shop' }, data }
  const object: KubeObject = healthyWorkloads.Deployment('configured')
  object.spec.template.spec.containers[0].envFrom = [{ configMapRef: { name: 'app' } }]
  await at.create(config)
  await at.create(object)
  const [found, ...more] = await at.check('all')
  assert.deepEqual([found!.code, more.length], ['WI207', 0])
  assert.equal(found!.is, 'token: /var/run/secrets/azure/tokens/azure-identity-token')
  assert.match(found!.remedy!, /^kubectl patch configmap\/app --namespace shop --type merge --patch /)
  assert.match(found!.remedy!, / && kubectl rollout restart deployment\/configured --namespace shop$/)
  await at.remove(object)
})

test('WI200  reports a workload that does not exist', async () => {
  const [found, ...more] = await at.check([{ kind: 'Deployment', name: 'nobody' }])
  assert.deepEqual(
    [found!.code, found!.detail, more.length],
    ['WI200', 'The Deployment shop/nobody does not exist', 0],
  )
  assert.equal(found!.remedy, 'kubectl get deployments --namespace shop')
})

test('WI207  accepts the old path with a webhook before 1.6', async () => {
  const controller = 'apis/apps/v1/namespaces/kube-system/deployments/azure-wi-webhook-controller-manager'
  const image = (version: string) =>
    at.kube('GET', controller).then((found) => {
      const [container] = found.spec.template.spec.containers
      container.image = container.image.replace(/:[^:]+$/, `:${version}`)
      return at.kube('PATCH', controller, { spec: { template: { spec: { containers: [container] } } } })
    })
  const object = healthyWorkloads.Deployment('old-path')
  manifestFaults.find(({ name }) => name === 'the old path in a variable')!.break(object)
  await at.create(object)
  await image('v1.5.1')
  assert.deepEqual(codes(await at.check('all')), [])
  await image('v1.6.0')
  assert.deepEqual(codes(await at.check('all')), ['WI207'])
  await at.remove(object)
})

test('skips the workload checks if the caller cannot list pods', async () => {
  const [cluster] = Object.values(at.state.clusters)
  const { kubernetes } = at.run.clients
  const blind: typeof kubernetes = (connection) => ({
    ...kubernetes(connection),
    list: async (kind) => {
      throw new ServiceError({ service: 'kubernetes', code: 'Forbidden', message: `no ${kind}`, status: 403 })
    },
  })
  at.run.clients = { ...at.run.clients, kubernetes: blind }
  try {
    assert.ok(cluster)
    assert.deepEqual(summaries(await at.check('running')), [])
    const [found] = await at.check('all')
    assert.equal(found?.code, 'WI200')
  } finally {
    at.run.clients = { ...at.run.clients, kubernetes }
  }
})

for (const [name, over] of Object.entries({
  'a managed identity': { identityKind: 'managed' },
  'Windows with a sample': { os: 'windows', sample: true, sampleImage: 'registry.example/node-windows:24' },
  'no webhook': { webhook: 'none' },
  'the sample': { sample: true },
} as const))
  test(`reports nothing after a set-up with ${name}`, async () => {
    const other = await newWorkloadCluster(over)
    assert.deepEqual(summaries(await other.check('running')), [])
    assert.deepEqual(summaries(await other.check('all')), [])
  })
