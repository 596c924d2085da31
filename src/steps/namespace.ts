import { ActionRequiredError } from '../base/action-required.ts'
import { absent, nothingToRemove, notManaged, removable, retained, step } from '../engine/step.ts'
import { cluster } from './cluster.ts'
import { isOfWorkload, isSystemNamespace } from './cluster-contents.ts'
import { retainedBecauseOf } from './other-owners.ts'
import { hasOwnershipLabel, ownershipLabel } from './ownership-label.ts'

/** The workload's namespace. A new one enforces the restricted Pod Security Standard; an existing one is not changed. */
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
      throw new ActionRequiredError(
        `The namespace ${settings.namespace} is being deleted`,
        'Wait until it is deleted, or choose another with --namespace',
      )
    return { state: 'ready', out: { name: settings.namespace }, owned: hasOwnershipLabel(found) }
  },
  apply: ({ settings, cluster, kubernetes }) =>
    kubernetes(cluster.connection).apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: settings.namespace,
        labels: {
          ...ownershipLabel,
          ...(settings.os === 'linux' ? { 'pod-security.kubernetes.io/enforce': 'restricted' } : {}),
        },
      },
    }),
  within: () => 'cluster',
  async removability({ settings, cluster, kubernetes }) {
    if (!cluster.connection) return nothingToRemove
    const kube = kubernetes(cluster.connection)
    const found = await kube.get('Namespace', settings.namespace)
    if (!found) return nothingToRemove
    const out = { name: settings.namespace }
    if (isSystemNamespace(found)) return { ...retained(out, notManaged), detached: true }
    if (!hasOwnershipLabel(found)) return retained(out, notManaged)
    if (found.status?.phase === 'Terminating') return removable(out, 'is being deleted')
    const others = (await kube.contents(settings.namespace)).filter((each) => !isOfWorkload(each, settings))
    return others.length
      ? retained(out, retainedBecauseOf(others.map(({ kind, metadata }) => `${kind} ${metadata.name}`)))
      : removable(out)
  },
  remove: ({ settings, cluster, kubernetes }) =>
    kubernetes(cluster.connection).remove('Namespace', settings.namespace),
})
