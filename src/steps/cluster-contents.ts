import type { KubeObject, Kubernetes } from '../clients/kubernetes.ts'
import type { Settings } from '../settings/settings.ts'
import { hasOwnershipLabel } from './ownership-label.ts'
import { releaseAnnotation } from './webhook-names.ts'

/** Namespaces that Kubernetes or AKS creates. */
const systemNamespaces =
  /^(default|kube-[a-z-]+|gatekeeper-system|calico-[a-z]+|tigera-operator|app-routing-system|aks-[a-z-]+)$/

export const isSystemNamespace = ({ metadata }: Pick<KubeObject, 'metadata'>) =>
  systemNamespaces.test(metadata.name) ||
  metadata.labels?.['kubernetes.azure.com/managedby'] === 'aks' ||
  metadata.labels?.['addonmanager.kubernetes.io/mode'] !== undefined

/** Returns what others have in a cluster: their namespaces, and what is in `default`. */
export async function listUnmanagedContents(
  kube: Kubernetes,
  settings: Pick<Settings, 'namespace'>,
): Promise<string[]> {
  const [namespaces, defaultContents] = await Promise.all([kube.list('Namespace'), kube.contents('default')])
  const otherNamespaces = namespaces.filter(
    (each) =>
      !isSystemNamespace(each) &&
      !(
        hasOwnershipLabel(each) &&
        (each.metadata.name === settings.namespace || releaseAnnotation in (each.metadata.annotations ?? {}))
      ),
  )
  const inDefault = defaultContents.filter(
    (each) => !hasOwnershipLabel(each) && !(each.kind === 'Service' && each.metadata.name === 'kubernetes'),
  )
  return [
    ...otherNamespaces.map(({ metadata }) => `namespace ${metadata.name}`),
    ...inDefault.map(({ kind, metadata }) => `${kind} default/${metadata.name}`),
  ]
}
