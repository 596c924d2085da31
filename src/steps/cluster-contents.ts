import type { KubeObject, Kubernetes } from '../clients/kubernetes.ts'
import type { Settings } from '../settings/settings.ts'
import { hasOwnershipLabel } from './ownership-label.ts'
import { releaseAnnotation } from './webhook-names.ts'

/** Namespaces that come with a cluster, or with AKS's own parts. */
const itsOwn =
  /^(default|kube-[a-z-]+|gatekeeper-system|calico-[a-z]+|tigera-operator|app-routing-system|aks-[a-z-]+)$/

export const isSystemNamespace = ({ metadata }: Pick<KubeObject, 'metadata'>) =>
  itsOwn.test(metadata.name) ||
  metadata.labels?.['kubernetes.azure.com/managedby'] === 'aks' ||
  metadata.labels?.['addonmanager.kubernetes.io/mode'] !== undefined

/** What others have in a cluster of ours: their namespaces, and what stands in `default`. */
export async function listUnmanagedContents(
  kube: Kubernetes,
  settings: Pick<Settings, 'namespace'>,
): Promise<string[]> {
  const [namespaces, standing] = await Promise.all([kube.list('Namespace'), kube.contents('default')])
  const theirs = namespaces.filter(
    (each) =>
      !isSystemNamespace(each) &&
      !(
        hasOwnershipLabel(each) &&
        (each.metadata.name === settings.namespace || releaseAnnotation in (each.metadata.annotations ?? {}))
      ),
  )
  const inDefault = standing.filter(
    (each) => !hasOwnershipLabel(each) && !(each.kind === 'Service' && each.metadata.name === 'kubernetes'),
  )
  return [
    ...theirs.map(({ metadata }) => `namespace ${metadata.name}`),
    ...inDefault.map(({ kind, metadata }) => `${kind} default/${metadata.name}`),
  ]
}
