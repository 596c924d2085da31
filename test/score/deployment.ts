import { healthyWorkloads, type KubeObject } from '../support/workloads/healthy.ts'
import type { Fixture } from './fault.ts'

/** A command that runs until SIGTERM; the container's args follow it. */
const idle = ['node', '-e', "process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1e6)", '--']

/** Returns a healthy Deployment with the fixture's service account. */
export const deploymentIn = ({ environment, settings }: Fixture, name: string): KubeObject => {
  const object: KubeObject = healthyWorkloads.Deployment(name)
  object.metadata.namespace = settings.namespace
  object.spec.template.spec.serviceAccountName = settings.serviceAccount
  object.spec.replicas = 1
  if (environment.image)
    for (const each of object.spec.template.spec.containers)
      Object.assign(each, { image: environment.image, imagePullPolicy: 'IfNotPresent', command: idle })
  return object
}

export const deploymentsPath = ({ settings }: Fixture) =>
  `/apis/apps/v1/namespaces/${settings.namespace}/deployments`
