import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { makeCluster } from '../../support/external-changes.ts'
import { actions, newTestRun } from '../../support/test-run.ts'

const helm = (() => {
  try {
    return execFileSync('helm', ['version', '--short'], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
})()
const chart = fileURLToPath(new URL('../../support/chart', import.meta.url))
const skip = helm === undefined && 'helm is not installed (go install helm.sh/helm/v3/cmd/helm@v3.22.0)'

test('helm installs the chart once, and later runs find it', { skip }, async () => {
  const job = await newTestRun(
    { webhook: 'helm', chart },
    { env: { PATH: process.env.PATH, HOME: '/nonexistent' } },
  )
  const { applied } = await job.apply()
  assert.match(
    applied.find(({ item }) => item.id === 'webhook')?.inspection.note ?? '',
    /^Helm release azure-workload-identity-system\/workload-identity-webhook$/,
  )
  assert.equal((await job.clients.aksClusters.get('rg-shop', 'aks-shop'))?.workloadIdentity, false)
  assert.deepEqual(await job.failedCodes(), [])
  const again = await job.apply()
  assert.equal(again.writes, 0)
  assert.equal(actions(again.plan).webhook, 'keep')
  // With --webhook auto, the installed chart is used and the add-on stays off.
  const auto = await newTestRun({ webhook: 'auto' }, { sandbox: job.sandbox })
  assert.deepEqual([...new Set(Object.values(actions(await auto.plan())))], ['keep'])
})

test('our release that is scaled to 0 is upgraded, which restores its replicas', { skip }, async () => {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent' }
  const job = await newTestRun({ webhook: 'helm', chart }, { env })
  await job.apply()
  const kube = job.clients.kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' })
  const metadata = {
    name: 'azure-wi-webhook-controller-manager',
    namespace: 'azure-workload-identity-system',
  }
  const scaled = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 0 } }
  await kube.apply(scaled as never, { force: true })
  const again = await job.apply()
  assert.equal(actions(again.plan).webhook, 'change')
  assert.deepEqual(await job.failedCodes(), [])
})

test('destroy deletes our release with its namespace, and retains one that others use', {
  skip,
}, async () => {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent' }
  const job = await newTestRun({ webhook: 'helm', chart }, { env })
  for (const provider of ['Microsoft.ContainerService', 'Microsoft.KeyVault'])
    await job.clients.providers.register(provider)
  await job.clients.groups.put('rg-shop', { location: 'westeurope', tags: {} })
  await makeCluster(job.sandbox, 'rg-shop', 'aks-shop', { location: 'westeurope', tags: {} })
  await job.apply()
  const kube = job.clients.kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' })
  const metadata = { name: 'other', namespace: 'default' }
  const annotations = { 'azure.workload.identity/client-id': '00000000-0000-4000-8000-000000000000' }
  await kube.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...metadata, annotations } })
  const first = await job.destroy()
  assert.match(
    first.plan.items.find(({ id }) => id === 'webhook')?.note ?? '',
    /used by others: default\/other/,
  )
  assert.ok(await kube.get('Namespace', 'azure-workload-identity-system'))
  await kube.remove('ServiceAccount', 'other', 'default')
  const again = await newTestRun({ webhook: 'helm', chart }, { sandbox: job.sandbox, env })
  await again.destroy()
  for (const [kind, name] of [
    ['Namespace', 'azure-workload-identity-system'],
    ['MutatingWebhookConfiguration', 'azure-wi-webhook-mutating-webhook-configuration'],
  ] as const)
    assert.equal(await kube.get(kind, name), undefined)
  assert.equal(
    (await (await newTestRun({ webhook: 'helm', chart }, { sandbox: job.sandbox, env })).destroy()).writes,
    0,
  )
})

test('without helm on PATH the error is HelmNotFound', async () => {
  const job = await newTestRun({ webhook: 'helm', chart }, { env: { PATH: '/nonexistent' } })
  await assert.rejects(job.apply(), { code: 'HelmNotFound' })
})
