import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ActionRequiredError } from '../../../src/base/action-required.ts'
import { textOf } from '../../support/remedies.ts'
import { actions, newTestRun } from '../../support/test-run.ts'

const deployment = 'azure-wi-webhook-controller-manager'
const configuration = 'azure-wi-webhook-mutating-webhook-configuration'

/** Returns a set-up on AKS, and its cluster. */
async function setUp() {
  const run = await newTestRun()
  await run.apply()
  const kube = run.clients.kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' })
  const scaleToZero = () =>
    kube.apply(
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: deployment, namespace: 'kube-system' },
        spec: { replicas: 0 },
      } as never,
      { force: true },
    )
  return { run, kube, scaleToZero }
}

test('an AKS add-on that is scaled to 0 is repaired, as the plan says', async () => {
  const { run, scaleToZero } = await setUp()
  await scaleToZero()
  const { plan, writes } = await run.apply()
  assert.equal(actions(plan).webhook, 'change')
  assert.ok(writes > 0)
  assert.deepEqual(await run.failedCodes(), [])
})

test("another owner's webhook that is scaled to 0 fails the plan, with the command for its owner", async () => {
  const { run, kube, scaleToZero } = await setUp()
  await scaleToZero()
  const found = await kube.get('MutatingWebhookConfiguration', configuration)
  const labels = { ...found!.metadata.labels, 'kubernetes.azure.com/managedby': 'platform-team' }
  await kube.apply(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: configuration, labels, annotations: { 'meta.helm.sh/release-name': 'platform' } },
    },
    { force: true },
  )
  await assert.rejects(run.plan(), (error: ActionRequiredError) => {
    assert.ok(error instanceof ActionRequiredError)
    assert.match(error.message, /Helm release kube-system\/platform.* is scaled to 0/)
    assert.match(
      textOf(error.remedy),
      new RegExp(`scale deployment/${deployment} --namespace kube-system --replicas 2`),
    )
    return true
  })
})
