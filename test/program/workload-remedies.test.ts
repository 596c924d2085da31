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

const said = (results: readonly CheckResult[]) =>
  results.map(({ code, status, detail }) => ({ code, status, detail }))
const wanted = ({ kind, metadata }: KubeObject) => [
  { kind: kind as HealthyKind, name: metadata.name as string },
]
const noKubectl = hasKubectl ? false : 'there is no kubectl on the PATH to run the remedies with'

/** The only thing found is this, about this workload; its remedy, run as it stands, heals it. */
async function isFoundAndHealed(object: KubeObject, of: { code: string; warns?: true; words?: true }) {
  const found = await environment.look(wanted(object))
  const status = of.warns ? 'warn' : 'fail'
  assert.deepEqual(
    found.map((each) => [each.code, each.status]),
    [[of.code, status]],
    JSON.stringify(said(found)),
  )
  const [first] = found
  assert.match(first!.detail, new RegExp(`${object.kind} shop/${object.metadata.name}`))
  assert.ok(first!.remedy)
  if (of.words) return
  await environment.shell(first!.remedy)
  assert.deepEqual(said(await environment.look(wanted(object))), [], first!.remedy)
}

describe('each fault is named alone, and its remedy heals it', { skip: noKubectl }, () => {
  for (const [index, fault] of manifestFaults.entries())
    test(`${fault.code}  ${fault.name}`, async () => {
      const object = healthyWorkloads.Deployment(`web-${index}`)
      fault.break(object)
      await environment.create(object)
      await isFoundAndHealed(object, fault)
      await environment.remove(object)
    })
})

describe('of every kind', { skip: noKubectl }, () => {
  const some = manifestFaults.filter(({ name }) =>
    ['no label', 'no service account', 'a client id of its own'].includes(name),
  )
  for (const kind of workloadKinds.filter((each) => each !== 'Deployment'))
    for (const fault of some) {
      // What a pod that nothing made has of its own and what was put into it look alike.
      const code = kind === 'Pod' && fault.code === 'WI215' ? 'WI204' : fault.code
      test(`${code}  ${kind}: ${fault.name}`, async () => {
        const object = healthyWorkloads[kind]()
        fault.break(object)
        await environment.create(object)
        await isFoundAndHealed(object, { ...fault, code })
        await environment.remove(object)
      })
    }
})

describe('pods that are older than what they should have', { skip: noKubectl }, () => {
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Pod'] as HealthyKind[])
    test(`WI204  ${kind}: made while the service account named no tenant`, async () => {
      const account = { kind: 'ServiceAccount', metadata: { name: 'checkout' } }
      const annotated = (tenant: string) =>
        environment.patch(account, {
          metadata: { annotations: { 'azure.workload.identity/tenant-id': tenant } },
        })
      await annotated('99999999-2222-4333-8444-555555555555')
      const object = healthyWorkloads[kind](`late-${kind.toLowerCase()}`)
      await environment.create(object)
      await environment.look(wanted(object))
      await annotated(environment.settings.tenant)
      await isFoundAndHealed(object, { code: 'WI204' })
      await environment.remove(object)
    })

  test('WI204  a label that came after the pods of a StatefulSet that is rolled by hand', async () => {
    const object: KubeObject = healthyWorkloads.StatefulSet('by-hand')
    object.spec.updateStrategy = { type: 'OnDelete' }
    const { labels } = object.spec.template.metadata
    object.spec.template.metadata.labels = { app: labels.app }
    await environment.create(object)
    await environment.look(wanted(object))
    await environment.patch(object, { spec: { template: { metadata: { labels } } } })
    await isFoundAndHealed(object, { code: 'WI204' })
    await environment.remove(object)
  })
})
