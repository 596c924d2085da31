import type { KubeObject } from '../clients/kubernetes.ts'
import { absent, step } from '../engine/step.ts'
import { Refusal } from '../refusal.ts'
import { cluster } from './cluster.ts'

export const kubeMark = { 'app.kubernetes.io/managed-by': 'wi-setup' }
export const isKubeMarked = (object: KubeObject) =>
  object.metadata.labels?.['app.kubernetes.io/managed-by'] === 'wi-setup'

/** The workload's namespace. A new one enforces the restricted Pod Security Standard; an existing one stays as it is. */
export const namespace = step<{ name: string }>()({
  id: 'namespace',
  title: 'namespace',
  command: 'federate',
  uses: ['namespace', 'os'],
  needs: { cluster },
  label: (settings) => settings.namespace,
  async inspect({ settings, cluster, kubernetes }) {
    if (!cluster.connection) return absent()
    const found = await kubernetes(cluster.connection).get('Namespace', settings.namespace)
    if (!found) return absent()
    if (found.status?.phase === 'Terminating')
      throw new Refusal(
        `The namespace ${settings.namespace} is being deleted`,
        'Wait until it is gone, or name another with --namespace',
      )
    return { state: 'ready', out: { name: settings.namespace }, owned: isKubeMarked(found) }
  },
  apply: ({ settings, cluster, kubernetes }) =>
    kubernetes(cluster.connection).apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: settings.namespace,
        labels: {
          ...kubeMark,
          ...(settings.os === 'linux' ? { 'pod-security.kubernetes.io/enforce': 'restricted' } : {}),
        },
      },
    }),
  remove: ({ settings, cluster, kubernetes }) =>
    kubernetes(cluster.connection).remove('Namespace', settings.namespace),
})
