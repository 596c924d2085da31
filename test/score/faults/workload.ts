import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { manifestFaults } from '../../support/workloads/faults.ts'
import type { KubeObject } from '../../support/workloads/healthy.ts'
import { deploymentIn, deploymentsPath as path } from '../deployment.ts'
import type { Fixture, SeededFault } from '../fault.ts'
import { waitForRollout } from '../rolled-out.ts'

/** Each manifest fault, in its own Deployment. */
export const workloadFaults: SeededFault[] = manifestFaults.map((each, index): SeededFault => {
  const name = `written-${index}`
  return {
    code: each.code as SeededFault['code'],
    description: `a Deployment with ${each.name}`,
    api: 'Kubernetes',
    seed(fixture) {
      const object = deploymentIn(fixture, name)
      each.break(object)
      return fixture.kube('POST', path(fixture), object)
    },
    args: () => ['--workloads'],
    // No command does what the remedy describes, so the Deployment is deleted.
    ...(each.manual ? { manualRemedy: (fixture) => fixture.kube('DELETE', `${path(fixture)}/${name}`) } : {}),
  }
})

const staleName = 'written-stale'

workloadFaults.push({
  code: 'WI204',
  description: 'the pods are older than the label',
  api: 'Kubernetes',
  async seed(fixture) {
    const object: KubeObject = deploymentIn(fixture, staleName)
    object.kind = 'StatefulSet'
    object.spec = { ...object.spec, serviceName: staleName, updateStrategy: { type: 'OnDelete' } }
    const { labels } = object.spec.template.metadata
    object.spec.template.metadata.labels = { app: labels.app }
    const sets = path(fixture).replace(/deployments$/, 'statefulsets')
    await fixture.kube('POST', sets, object)
    await fixture.kube('GET', sets)
    await fixture.kube('PATCH', `${sets}/${staleName}`, { spec: { template: { metadata: { labels } } } })
  },
  args: () => ['--workloads'],
})

workloadFaults.push({
  code: 'WI200',
  description: 'a name that does not exist',
  api: { none: 'the argument itself is the fault' },
  seed: async () => {},
  args: () => ['--workload', 'deploy/nobody'],
  // A name from the remedy's list.
  argsAfterRemedy: () => ['--workload', 'deploy/vault-reader'],
})

workloadFaults.push({
  code: 'WI213',
  description: 'a Deployment whose service account does not exist',
  api: 'Kubernetes',
  seed(fixture) {
    const object: KubeObject = deploymentIn(fixture, 'written-alone')
    object.spec.template.spec.serviceAccountName = 'reports'
    return fixture.kube('POST', path(fixture), object)
  },
  args: () => ['--workloads'],
})

workloadFaults.push({
  code: 'WI214',
  description: 'a Deployment whose service account has no client ID annotation',
  api: 'Kubernetes',
  fixture: 'managed',
  discardFixture: true,
  async seed(fixture) {
    const accounts = `/api/v1/namespaces/${fixture.settings.namespace}/serviceaccounts`
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reports' } }
    await fixture.kube('POST', accounts, account)
    const object: KubeObject = deploymentIn(fixture, 'written-other')
    object.spec.template.spec.serviceAccountName = 'reports'
    await fixture.kube('POST', path(fixture), object)
    await waitForRollout(fixture.kube, `${path(fixture)}/written-other`)
  },
  args: () => ['--workloads'],
})

const manifest = (fixture: Fixture, namespace: string) => {
  const object: KubeObject = deploymentIn(fixture, 'written-system')
  object.metadata.namespace = namespace
  writeFileSync(join(fixture.cwd, 'system.yaml'), stringify(object))
}

workloadFaults.push({
  code: 'WI223',
  description: 'a manifest for kube-system',
  api: { none: 'the fault is in a file' },
  seed: async (fixture) => manifest(fixture, 'kube-system'),
  args: () => ['--manifest', 'system.yaml'],
  // The remedy is to edit the line that it names.
  manualRemedy: async (fixture) => manifest(fixture, fixture.settings.namespace),
  argsAfterRemedy: () => ['--manifest', 'system.yaml'],
})
