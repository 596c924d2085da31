import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { manifestFaults } from '../../support/workloads/faults.ts'
import type { KubeObject } from '../../support/workloads/healthy.ts'
import { deploymentIn, deploymentsOf as path } from '../deployment.ts'
import type { Fault, Scene } from '../fault.ts'
import { rolledOut } from '../rolled-out.ts'

/** How a workload is written: each of the faults that a person makes, in a Deployment of its own. */
export const workload: Fault[] = manifestFaults.map((each, index): Fault => {
  const name = `written-${index}`
  return {
    code: each.code as Fault['code'],
    says: `a Deployment with ${each.name}`,
    by: 'Kubernetes',
    seed(scene) {
      const object = deploymentIn(scene, name)
      each.break(object)
      return scene.kube('POST', path(scene), object)
    },
    args: () => ['--workloads'],
    // Only a person can do what it says: here the program is taken away.
    ...(each.words ? { instead: (scene) => scene.kube('DELETE', `${path(scene)}/${name}`) } : {}),
  }
})

const late = 'written-late'

workload.push({
  code: 'WI204',
  says: 'pods that are older than the label',
  by: 'Kubernetes',
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

workload.push({
  code: 'WI200',
  says: 'a name that nothing has',
  by: { none: 'it is what was asked for' },
  seed: async () => {},
  args: () => ['--workload', 'deploy/nobody'],
  // One of those that the remedy lists.
  after: () => ['--workload', 'deploy/vault-reader'],
})

workload.push({
  code: 'WI213',
  says: 'a Deployment whose service account is not there',
  by: 'Kubernetes',
  seed(scene) {
    const object: KubeObject = deploymentIn(scene, 'written-alone')
    object.spec.template.spec.serviceAccountName = 'reports'
    return scene.kube('POST', path(scene), object)
  },
  args: () => ['--workloads'],
})

workload.push({
  code: 'WI214',
  says: 'a Deployment whose service account names no identity',
  by: 'Kubernetes',
  on: 'managed',
  renews: true,
  async seed(scene) {
    const accounts = `/api/v1/namespaces/${scene.settings.namespace}/serviceaccounts`
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reports' } }
    await scene.kube('POST', accounts, account)
    const object: KubeObject = deploymentIn(scene, 'written-other')
    object.spec.template.spec.serviceAccountName = 'reports'
    await scene.kube('POST', path(scene), object)
    await rolledOut(scene.kube, `${path(scene)}/written-other`)
  },
  args: () => ['--workloads'],
})

const manifest = (scene: Scene, namespace: string) => {
  const object: KubeObject = deploymentIn(scene, 'written-system')
  object.metadata.namespace = namespace
  writeFileSync(join(scene.cwd, 'system.yaml'), stringify(object))
}

workload.push({
  code: 'WI223',
  says: 'a manifest for kube-system',
  by: { none: 'it is a file' },
  seed: async (scene) => manifest(scene, 'kube-system'),
  args: () => ['--manifest', 'system.yaml'],
  // The remedy names the line.
  instead: async (scene) => manifest(scene, scene.settings.namespace),
  after: () => ['--manifest', 'system.yaml'],
})
