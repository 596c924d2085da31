import { resourceOf } from '../objects/resources.ts'
import { read } from '../objects/store.ts'
import type { KubeCluster, KubeObject, Open } from '../state.ts'
import { configMapData, podField, secretData } from './volumes.ts'

const expand = (text: string, known: Record<string, string>) =>
  text.replace(/\$\$|\$\(([A-Za-z_][\w.-]*)\)/g, (whole, name) =>
    whole === '$$' ? '$' : (known[name] ?? whole),
  )

/** A container's environment as its specification says; nothing of this process's own gets in. */
export function environmentOf(
  cluster: KubeCluster,
  pod: KubeObject,
  container: Open,
): Record<string, string> {
  const { namespace = '' } = pod.metadata
  const data = (kind: 'ConfigMap' | 'Secret', name: string) => {
    const object = read(cluster, resourceOf(kind), namespace, name)
    return kind === 'ConfigMap' ? configMapData(object) : secretData(object)
  }
  const known: Record<string, string> = { HOSTNAME: pod.metadata.name }
  for (const { prefix = '', configMapRef, secretRef } of (container.envFrom ?? []) as Open[]) {
    const ref = configMapRef ?? secretRef
    for (const [key, value] of Object.entries(data(configMapRef ? 'ConfigMap' : 'Secret', ref.name)))
      known[prefix + key] = value.toString()
  }
  for (const { name, value, valueFrom } of (container.env ?? []) as Open[]) {
    if (!valueFrom) known[name] = expand(value ?? '', known)
    else if (valueFrom.fieldRef) known[name] = podField(pod, valueFrom.fieldRef.fieldPath)
    else {
      const ref = valueFrom.configMapKeyRef ?? valueFrom.secretKeyRef
      const found = ref && data(valueFrom.configMapKeyRef ? 'ConfigMap' : 'Secret', ref.name)[ref.key]
      if (found) known[name] = found.toString()
    }
  }
  return known
}
