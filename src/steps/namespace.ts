import { ActionRequiredError } from '../base/action-required.ts'
import type { KubeObject } from '../clients/kubernetes.ts'
import { absent, gone, kept, notOurs, ours, step } from '../engine/step.ts'
import type { Settings } from '../settings/settings.ts'
import { cluster } from './cluster.ts'
import { isClustersOwn } from './cluster-contents.ts'
import { isKubeMarked, kubeMark } from './kube-mark.ts'
import { holdsOthers, otherManager } from './others.ts'

export { isKubeMarked, kubeMark }

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
      throw new ActionRequiredError(
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
  within: () => 'cluster',
  async remains({ settings, cluster, kubernetes }) {
    if (!cluster.connection) return gone
    const kube = kubernetes(cluster.connection)
    const found = await kube.get('Namespace', settings.namespace)
    if (!found) return gone
    const out = { name: settings.namespace }
    if (isClustersOwn(found)) return { ...kept(out, notOurs), parts: true }
    if (!isKubeMarked(found)) return kept(out, notOurs)
    if (found.status?.phase === 'Terminating') return ours(out, 'is being deleted')
    const others = (await kube.contents(settings.namespace)).filter((each) => !isOfWorkload(each, settings))
    return others.length
      ? kept(out, holdsOthers(others.map(({ kind, metadata }) => `${kind} ${metadata.name}`)))
      : ours(out)
  },
  remove: ({ settings, cluster, kubernetes }) =>
    kubernetes(cluster.connection).remove('Namespace', settings.namespace),
})

/** True for what wi-setup itself made in the namespace, but another workload's account and deployment. */
function isOfWorkload(object: KubeObject, settings: Pick<Settings, 'serviceAccount'>): boolean {
  if (!isKubeMarked(object)) return false
  if (object.kind === 'ServiceAccount')
    return object.metadata.name === settings.serviceAccount && !otherManager(object)
  if (object.kind === 'Deployment')
    return object.spec?.template?.spec?.serviceAccountName === settings.serviceAccount
  return true
}
