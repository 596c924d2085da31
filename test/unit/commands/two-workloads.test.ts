import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sandbox } from '../../../sandbox/index.ts'
import type { Settings } from '../../../src/settings/settings.ts'
import { annotate } from '../../support/external-changes.ts'
import { newTestRun } from '../../support/test-run.ts'

type Chain = Partial<Settings>

const inDefault = { namespace: 'default' }
const billing = { namespace: 'billing', serviceAccount: 'billing' }
const oneIdentity = { identity: 'wi-shared' }
const managed: Chain = { identityKind: 'managed', vaultAccess: 'policy' }

/** Two set-ups that share a cluster, an identity, a vault or a secret; the first creates what they share. */
const couples: [first: Chain, second: Chain, survives: 'first' | 'second'][] = [
  [inDefault, billing, 'first'],
  [{}, { ...inDefault, serviceAccount: 'billing' }, 'second'],
  [inDefault, { ...inDefault, serviceAccount: 'billing', sample: false }, 'first'],
  [inDefault, { ...inDefault, serviceAccount: 'billing', sample: false }, 'second'],
  [{ namespace: 'kube-node-lease', sample: false }, billing, 'first'],
  [oneIdentity, { ...oneIdentity, cluster: 'aks-billing' }, 'second'],
  [
    { ...managed, ...oneIdentity },
    { ...managed, ...oneIdentity, ...billing, secret: 'billing-key' },
    'second',
  ],
]

const destroyChain = async (chain: Chain, sandbox: Sandbox) =>
  (await newTestRun(chain, { sandbox })).destroy()

for (const [first, second, survives] of couples)
  test(`what two workloads share lasts until the last destroy: ${JSON.stringify([first, second])}, ${survives} survives`, async () => {
    const { sandbox, state, apply } = await newTestRun(first)
    await apply()
    await (await newTestRun(second, { sandbox })).apply()
    const [gone, left] = survives === 'first' ? [second, first] : [first, second]
    await destroyChain(gone, sandbox)
    assert.deepEqual(await (await newTestRun(left, { sandbox })).failedCodes(), [])
    await destroyChain(left, sandbox)
    // What the first destroy retained for the other one goes with the group.
    await destroyChain(gone, sandbox)
    assert.deepEqual(Object.keys(state.arm.resources), [])
  })

const noteOf = ({ items }: { items: { id: string; note: string | undefined }[] }, id: string) =>
  items.find((item) => item.id === id)?.note ?? ''

test('the plan names the workloads that use the cluster and the identity', async () => {
  const { sandbox, apply } = await newTestRun(oneIdentity)
  await apply()
  const second = { ...oneIdentity, ...inDefault, serviceAccount: 'billing', sample: false }
  await (await newTestRun(second, { sandbox })).apply()
  const { plan } = await destroyChain(oneIdentity, sandbox)
  assert.equal(noteOf(plan, 'cluster'), 'contains other resources: ServiceAccount default/billing')
  assert.equal(noteOf(plan, 'identity'), 'also used by default/billing')
})

test('an identity is retained for a service account without a credential, as with an identity binding', async () => {
  const { sandbox, apply, settings, clients } = await newTestRun()
  await apply()
  const application = (await clients.directory.application(settings.identity))!
  const kube = clients.kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' })
  await kube.apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'bound', namespace: 'default' },
  })
  await annotate(sandbox, 'default', 'bound', {
    'azure.workload.identity/client-id': application.clientId.toUpperCase(),
  })
  const { plan } = await destroyChain({}, sandbox)
  assert.equal(noteOf(plan, 'identity'), 'also used by default/bound')
  assert.match(noteOf(plan, 'vault-access'), /other workloads have it through the same identity/)
  assert.ok(await clients.directory.application(settings.identity))
  await kube.remove('ServiceAccount', 'bound', 'default')
  await destroyChain({}, sandbox)
  assert.equal(await clients.directory.application(settings.identity), undefined)
})
