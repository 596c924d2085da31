import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chainChecks } from '../../../src/checks/index.ts'
import { workloadsFound } from '../../../src/checks/workloads/find-workloads.ts'
import { workloadRuleChecks } from '../../../src/checks/workloads/rule-checks.ts'
import { verify } from '../../../src/engine/verify.ts'
import { newWorkloadCluster } from '../../support/workload-cluster.ts'
import { manifestFaults } from '../../support/workloads/faults.ts'
import { healthyWorkloads, type KubeObject } from '../../support/workloads/healthy.ts'

const at = await newWorkloadCluster({ sample: true })
const path = 'apis/apps/v1/namespaces/shop/deployments/vault-reader'
const healthy = await at.kube('GET', path)

/** Returns the codes of the failures, and how the sample's own check ended. */
async function outcome() {
  at.run.forgetReads()
  const results = await verify([...chainChecks, workloadsFound('running'), ...workloadRuleChecks], at.run)
  const sample = results.find(({ code }) => code === 'WI604')!
  return {
    failed: results.filter(({ status }) => status === 'fail').map(({ code }) => code),
    sample: [sample.status, sample.because],
  }
}

/** Replaces the sample's pod template. */
async function deploy(change: (template: KubeObject) => void): Promise<void> {
  const template = structuredClone(healthy.spec.template)
  change(template)
  await at.kube('DELETE', `${path}?propagationPolicy=Background`)
  const { labels } = healthy.metadata
  const metadata = { name: 'vault-reader', namespace: 'shop', labels }
  await at.create({ ...healthy, metadata, spec: { ...healthy.spec, template } })
}

const setVariable = (template: KubeObject, name: string, value: string) => {
  const [container] = template.spec.containers
  container.env = [...container.env.filter((each: KubeObject) => each.name !== name), { name, value }]
}

const useLabel = 'azure.workload.identity/use'
const faults: readonly [code: string, what: string, change: (template: KubeObject) => void][] = [
  ['WI222', 'no label', ({ metadata }) => delete metadata.labels[useLabel]],
  [
    'WI212',
    'the label with a capital letter',
    ({ metadata }) => {
      metadata.labels[useLabel] = 'True'
    },
  ],
  [
    'WI215',
    "another identity's client ID",
    (template) => setVariable(template, 'AZURE_CLIENT_ID', '11111111-2222-4333-8444-555555555555'),
  ],
  [
    'WI203',
    'another service account',
    ({ spec }) => {
      spec.serviceAccountName = 'default'
    },
  ],
]

for (const [code, what, change] of faults)
  test(`the sample with ${what} is named as skipped because of ${code}`, async () => {
    await deploy(change)
    assert.deepEqual(await outcome(), { failed: [code], sample: ['skip', code] })
  })

test("another workload's fault leaves the sample to itself", async () => {
  await deploy(() => {})
  const object = healthyWorkloads.Deployment('other')
  manifestFaults.find(({ name }) => name === 'no label')!.break(object)
  await at.create(object)
  assert.deepEqual(await outcome(), { failed: ['WI222'], sample: ['pass', undefined] })
  await deploy((template) => setVariable(template, 'KEYVAULT_URL', 'https://another.vault.localhost/'))
  assert.deepEqual(await outcome(), { failed: ['WI604', 'WI222'], sample: ['fail', undefined] })
})
