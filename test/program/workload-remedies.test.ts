import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { CheckResult } from '../../src/engine/check-result.ts'
import { hasKubectl, newWorkloadCluster } from '../support/workload-cluster.ts'
import { manifestFaults } from '../support/workloads/faults.ts'
import {
  type HealthyKind,
  healthyWorkloads,
  type KubeObject,
  workloadKinds,
} from '../support/workloads/healthy.ts'

const environment = await newWorkloadCluster()

const summaryOf = (results: readonly CheckResult[]) =>
  results.map(({ code, status, detail }) => ({ code, status, detail }))
const selectionOf = ({ kind, metadata }: KubeObject) => [
  { kind: kind as HealthyKind, name: metadata.name as string },
]
const noKubectl = hasKubectl ? false : 'kubectl is not installed'

/** Asserts that only this code is reported, for this workload, and that the printed fix, run unchanged, heals it. */
async function assertReportedAndHealed(
  object: KubeObject,
  of: { code: string; warns?: true; manual?: true },
) {
  const found = await environment.check(selectionOf(object))
  const status = of.warns ? 'warn' : 'fail'
  assert.deepEqual(
    found.map((each) => [each.code, each.status]),
    [[of.code, status]],
    JSON.stringify(summaryOf(found)),
  )
  const [first] = found
  assert.match(first!.detail, new RegExp(`${object.kind} shop/${object.metadata.name}`))
  assert.ok(first!.remedy)
  if (of.manual) return
  await environment.shell(first!.remedy)
  assert.deepEqual(summaryOf(await environment.check(selectionOf(object))), [], first!.remedy)
}

describe('each fault alone is reported, and its fix heals it', { skip: noKubectl }, () => {
  for (const [index, fault] of manifestFaults.entries())
    test(`${fault.code}  ${fault.name}`, async () => {
      const object = healthyWorkloads.Deployment(`web-${index}`)
      fault.break(object)
      await environment.create(object)
      await assertReportedAndHealed(object, fault)
      await environment.remove(object)
    })
})

describe('faults of workloads of every kind', { skip: noKubectl }, () => {
  const some = manifestFaults.filter(({ name }) =>
    ['no label', 'no service account', 'its own client ID'].includes(name),
  )
  for (const kind of workloadKinds.filter((each) => each !== 'Deployment'))
    for (const fault of some) {
      // In a pod without a controller, its own variables and injected ones look alike.
      const code = kind === 'Pod' && fault.code === 'WI215' ? 'WI204' : fault.code
      test(`${code}  ${kind}: ${fault.name}`, async () => {
        const object = healthyWorkloads[kind]()
        fault.break(object)
        await environment.create(object)
        await assertReportedAndHealed(object, { ...fault, code })
        await environment.remove(object)
      })
    }
})

describe('pods older than the current settings', { skip: noKubectl }, () => {
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Pod'] as HealthyKind[])
    test(`WI204  ${kind}: created while the service account had another tenant`, async () => {
      const account = { kind: 'ServiceAccount', metadata: { name: 'checkout' } }
      const annotated = (tenant: string) =>
        environment.patch(account, {
          metadata: { annotations: { 'azure.workload.identity/tenant-id': tenant } },
        })
      await annotated('99999999-2222-4333-8444-555555555555')
      const object = healthyWorkloads[kind](`late-${kind.toLowerCase()}`)
      await environment.create(object)
      await environment.check(selectionOf(object))
      await annotated(environment.settings.tenant)
      await assertReportedAndHealed(object, { code: 'WI204' })
      await environment.remove(object)
    })

  test('WI204  StatefulSet with updateStrategy OnDelete: labelled after its pods were created', async () => {
    const object: KubeObject = healthyWorkloads.StatefulSet('by-hand')
    object.spec.updateStrategy = { type: 'OnDelete' }
    const { labels } = object.spec.template.metadata
    object.spec.template.metadata.labels = { app: labels.app }
    await environment.create(object)
    await environment.check(selectionOf(object))
    await environment.patch(object, { spec: { template: { metadata: { labels } } } })
    await assertReportedAndHealed(object, { code: 'WI204' })
    await environment.remove(object)
  })
})
