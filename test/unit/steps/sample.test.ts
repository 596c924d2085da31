import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleKinds, sampleManifests } from '../../../src/steps/sample-manifests.ts'
import { newWorkloadCluster } from '../../support/workload-cluster.ts'

const policyPath = 'apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/vault-reader'
const deploymentPath = 'apis/apps/v1/namespaces/shop/deployments/vault-reader'
const at = await newWorkloadCluster({ sample: true })

const itemOf = ({ items }: Awaited<ReturnType<typeof at.plan>>) => items.find(({ id }) => id === 'sample')!
const read = (path: string) => {
  const { kubernetes } = at.clients
  return kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' }).proxyGet(
    'shop',
    'vault-reader:80',
    path,
  )
}

test('the manifests are in the order of their kinds, and the pod meets the restricted standard', () => {
  const objects = sampleManifests({ ...at.settings, os: 'linux' }, 'https://kv.vault.azure.net/', 'trust')
  assert.deepEqual(
    objects.map(({ kind }) => kind),
    sampleKinds.map(([kind]) => kind),
  )
  const { spec } = objects.find(({ kind }) => kind === 'Deployment')!.spec.template
  const [container] = spec.containers
  assert.equal(spec.automountServiceAccountToken, false)
  assert.deepEqual(spec.securityContext, {
    runAsNonRoot: true,
    runAsUser: 1000,
    seccompProfile: { type: 'RuntimeDefault' },
  })
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
})

test('the sample serves the configured secret, and no other secret of the vault', async () => {
  const { secrets } = at.clients
  const vault = (await at.clients.vaults.get('rg-shop', 'kv-shop'))!
  await secrets.put(vault.uri, 'another', { value: 'not for everyone', tags: {} })
  const served = await read('secrets/db-password')
  assert.equal(served.status, 200)
  const [existing, missing] = [await read('secrets/another'), await read('secrets/no-such-secret')]
  assert.equal(existing.status, 404)
  assert.deepEqual(existing, missing)
})

test('a sample of an older version, without a policy and with another script, is upgraded', async () => {
  await at.kube('DELETE', policyPath)
  const old = { 'vault-reader.mjs': 'setInterval(() => {}, 1000)', 'api.mjs': null, 'key-vault.mjs': null }
  await at.kube('PATCH', 'api/v1/namespaces/shop/configmaps/vault-reader', {
    data: old,
    metadata: { annotations: { 'wi-setup/manifest': '0123456789ab' } },
  })
  const planned = await at.plan()
  const { action, changes } = itemOf(planned)
  assert.equal(action, 'change')
  assert.deepEqual(
    changes.map(({ field }) => field),
    ['network policy', 'configuration'],
  )
  await at.apply(planned)
  assert.equal((await at.apply()).writes, 0)
  assert.deepEqual(await at.failedCodes(), [])
  assert.equal((await read('secrets/db-password')).status, 200)
})

for (const [name, spec] of Object.entries({
  'a rule that admits everyone': { ingress: [{}] },
  'another peer': { ingress: [{ from: [{ podSelector: {} }] }] },
  'a selector that matches no pod': { podSelector: { matchLabels: { app: 'vault-reader', x: 'y' } } },
  'egress rules': { policyTypes: ['Ingress', 'Egress'] },
}))
  test(`a changed policy is reported and repaired: ${name}`, async () => {
    const before = await at.kube('GET', policyPath)
    const { ingress } = before.spec
    const changed = 'ingress' in spec ? { ingress: [...ingress, ...spec.ingress] } : spec
    await at.kube('PATCH', policyPath, { spec: changed })
    const planned = await at.plan()
    assert.equal(itemOf(planned).action, 'change')
    assert.ok(itemOf(planned).changes.every(({ field }) => field.startsWith('network policy')))
    await at.apply(planned)
    assert.deepEqual((await at.kube('GET', policyPath)).spec, before.spec)
    assert.equal((await at.apply()).writes, 0)
  })

test("a policy of this name that isn't ours stops the run", async () => {
  await at.kube('PATCH', policyPath, { metadata: { labels: { 'app.kubernetes.io/managed-by': 'someone' } } })
  await assert.rejects(
    at.plan(),
    /NetworkPolicy shop\/vault-reader already exists and was not created by wi-setup/,
  )
  await at.kube('DELETE', policyPath)
  await at.apply()
})

test('the plan of a new sample says that it serves the secret inside the cluster', async () => {
  await at.kube('DELETE', `${deploymentPath}?propagationPolicy=Background`)
  for (const path of [
    policyPath,
    'api/v1/namespaces/shop/configmaps/vault-reader',
    'api/v1/namespaces/shop/services/vault-reader',
  ])
    await at.kube('DELETE', path)
  const { action, details } = itemOf(await at.plan())
  assert.equal(action, 'create')
  assert.match(JSON.stringify(details), /db-password, in the cluster \(or --no-sample\)/)
  await at.apply()
})

test('destroy deletes the policy with the rest', async () => {
  await at.destroy()
  const [cluster] = Object.values(at.state.clusters)
  const left = Object.keys(cluster?.objects ?? {}).filter((key) => key.includes('vault-reader'))
  assert.deepEqual(left, [])
})
