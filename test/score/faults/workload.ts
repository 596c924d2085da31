import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { manifestFaults } from '../../support/workloads/faults.ts'
import type { KubeObject } from '../../support/workloads/healthy.ts'
import { deploymentIn, deploymentsPath as path } from '../deployment.ts'
import type { Fixture, SeededFault } from '../fault.ts'
import { waitForRollout } from '../rolled-out.ts'

/** How a workload is written: each of the faults that a person makes, in a Deployment of its own. */
export const workloadFaults: SeededFault[] = manifestFaults.map((each, index): SeededFault => {
  const name = `written-${index}`
  return {
    code: each.code as SeededFault['code'],
    description: `a Deployment with ${each.name}`,
    api: 'Kubernetes',
    seed(scene) {
      const object = deploymentIn(scene, name)
      each.break(object)
      return scene.kube('POST', path(scene), object)
    },
    args: () => ['--workloads'],
    // Only a person can do what it says: here the program is taken away.
    ...(each.words ? { manualRemedy: (scene) => scene.kube('DELETE', `${path(scene)}/${name}`) } : {}),
  }
})

const late = 'written-late'

workloadFaults.push({
  code: 'WI204',
  description: 'pods that are older than the label',
  api: 'Kubernetes',
  async seed(scene) {
    const object: KubeObject = deploymentIn(scene, late)
    object.kind = 'StatefulSet'
    object.spec = { ...object.spec, serviceName: late, updateStrategy: { type: 'OnDelete' } }
    const { labels } = object.spec.template.metadata
    object.spec.template.metadata.labels = { app: labels.app }
    const sets = path(scene).replace(/deployments$/, 'statefulsets')
    await scene.kube('POST', sets, object)
    await scene.kube('GET', sets)
    await scene.kube('PATCH', `${sets}/${late}`, { spec: { template: { metadata: { labels } } } })
  },
  args: () => ['--workloads'],
})

workloadFaults.push({
  code: 'WI200',
  description: 'a name that nothing has',
  api: { none: 'it is what was asked for' },
  seed: async () => {},
  args: () => ['--workload', 'deploy/nobody'],
  // One of those that the remedy lists.
  argsAfterRemedy: () => ['--workload', 'deploy/vault-reader'],
})

workloadFaults.push({
  code: 'WI213',
  description: 'a Deployment whose service account is not there',
  api: 'Kubernetes',
  seed(scene) {
    const object: KubeObject = deploymentIn(scene, 'written-alone')
    object.spec.template.spec.serviceAccountName = 'reports'
    return scene.kube('POST', path(scene), object)
  },
  args: () => ['--workloads'],
})

workloadFaults.push({
  code: 'WI214',
  description: 'a Deployment whose service account names no identity',
  api: 'Kubernetes',
  fixture: 'managed',
  discardFixture: true,
  async seed(scene) {
    const accounts = `/api/v1/namespaces/${scene.settings.namespace}/serviceaccounts`
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reports' } }
    await scene.kube('POST', accounts, account)
    const object: KubeObject = deploymentIn(scene, 'written-other')
    object.spec.template.spec.serviceAccountName = 'reports'
    await scene.kube('POST', path(scene), object)
    await waitForRollout(scene.kube, `${path(scene)}/written-other`)
  },
  args: () => ['--workloads'],
})

const manifest = (scene: Fixture, namespace: string) => {
  const object: KubeObject = deploymentIn(scene, 'written-system')
  object.metadata.namespace = namespace
  writeFileSync(join(scene.cwd, 'system.yaml'), stringify(object))
}

workloadFaults.push({
  code: 'WI223',
  description: 'a manifest for kube-system',
  api: { none: 'it is a file' },
  seed: async (scene) => manifest(scene, 'kube-system'),
  args: () => ['--manifest', 'system.yaml'],
  // The remedy names the line.
  manualRemedy: async (scene) => manifest(scene, scene.settings.namespace),
  argsAfterRemedy: () => ['--manifest', 'system.yaml'],
})
