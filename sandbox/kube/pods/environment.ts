import { resourceForKind } from '../objects/resources.ts'
import { getObject } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { configMapData, podField, secretData } from './volumes.ts'

const expandReferences = (text: string, environment: Record<string, string>) =>
  text.replace(/\$\$|\$\(([A-Za-z_][\w.-]*)\)/g, (match, name) =>
    match === '$$' ? '$' : (environment[name] ?? match),
  )

/** Returns the environment of a container. It inherits nothing from this process. */
export function containerEnvironment(
  cluster: KubeCluster,
  pod: StoredObject,
  container: JsonObject,
): Record<string, string> {
  const { namespace = '' } = pod.metadata
  const data = (kind: 'ConfigMap' | 'Secret', name: string) => {
    const object = getObject(cluster, resourceForKind(kind), namespace, name)
    return kind === 'ConfigMap' ? configMapData(object) : secretData(object)
  }
  const environment: Record<string, string> = { HOSTNAME: pod.metadata.name }
  for (const { prefix = '', configMapRef, secretRef } of (container.envFrom ?? []) as JsonObject[]) {
    const ref = configMapRef ?? secretRef
    for (const [key, value] of Object.entries(data(configMapRef ? 'ConfigMap' : 'Secret', ref.name)))
      environment[prefix + key] = value.toString()
  }
  for (const { name, value, valueFrom } of (container.env ?? []) as JsonObject[]) {
    if (!valueFrom) environment[name] = expandReferences(value ?? '', environment)
    else if (valueFrom.fieldRef) environment[name] = podField(pod, valueFrom.fieldRef.fieldPath)
    else {
      const ref = valueFrom.configMapKeyRef ?? valueFrom.secretKeyRef
      const found = ref && data(valueFrom.configMapKeyRef ? 'ConfigMap' : 'Secret', ref.name)[ref.key]
      if (found) environment[name] = found.toString()
    }
  }
  return environment
}
