import { writtenFaults } from '../../workloads/faults.ts'
import { healthy, type Open } from '../../workloads/healthy.ts'
import type { Fault, Scene } from '../fault.ts'

/** A Deployment of the scene's workload, healthy but for what is done to it. */
const deploymentIn = ({ settings }: Scene, name: string): Open => {
  const object: Open = healthy.Deployment(name)
  object.metadata.namespace = settings.namespace
  object.spec.template.spec.serviceAccountName = settings.serviceAccount
  return object
}

const path = ({ settings }: Scene) => `/apis/apps/v1/namespaces/${settings.namespace}/deployments`

/** How a workload is written: each of the faults that a person makes, in a Deployment of its own. */
export const workload: Fault[] = writtenFaults.map((each, index): Fault => {
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
    const object: Open = deploymentIn(scene, late)
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
