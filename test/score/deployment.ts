import { healthyWorkloads, type KubeObject } from '../support/workloads/healthy.ts'
import type { Scene } from './fault.ts'

/** Runs until it is told to end; what comes after it are arguments of its own. */
const idle = ['node', '-e', "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1e6)", '--']

/** A Deployment of the scene's workload, healthy but for what is done to it. */
export const deploymentIn = ({ at, settings }: Scene, name: string): KubeObject => {
  const object: KubeObject = healthyWorkloads.Deployment(name)
  object.metadata.namespace = settings.namespace
  object.spec.template.spec.serviceAccountName = settings.serviceAccount
  object.spec.replicas = 1
  if (at.image)
    for (const each of object.spec.template.spec.containers)
      Object.assign(each, { image: at.image, imagePullPolicy: 'IfNotPresent', command: idle })
  return object
}

export const deploymentsOf = ({ settings }: Scene) =>
  `/apis/apps/v1/namespaces/${settings.namespace}/deployments`
