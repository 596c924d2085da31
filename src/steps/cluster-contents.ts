import type { KubeObject, Kubernetes } from '../clients/kubernetes.ts'
import type { Settings } from '../settings/settings.ts'
import { otherFieldManager } from './other-owners.ts'
import { hasOwnershipLabel } from './ownership-label.ts'
import { releaseAnnotation } from './webhook-names.ts'

/** Namespaces that Kubernetes or AKS creates. */
const systemNamespaces =
  /^(default|kube-[a-z-]+|gatekeeper-system|calico-[a-z]+|tigera-operator|app-routing-system|aks-[a-z-]+)$/

export const isSystemNamespace = ({ metadata }: Pick<KubeObject, 'metadata'>) =>
  systemNamespaces.test(metadata.name) ||
  metadata.labels?.['kubernetes.azure.com/managedby'] === 'aks' ||
  metadata.labels?.['addonmanager.kubernetes.io/mode'] !== undefined

/** Returns what others have in a cluster: their namespaces, and their objects in the namespaces of the cluster itself. */
export async function listUnmanagedContents(
  kube: Kubernetes,
  settings: Pick<Settings, 'namespace' | 'serviceAccount'>,
): Promise<string[]> {
  const [namespaces, defaultContents, accounts] = await Promise.all([
    kube.list('Namespace'),
    kube.contents('default'),
    kube.list('ServiceAccount'),
  ])
  const isOurs = (object: KubeObject, namespace: string) =>
    namespace === settings.namespace && isOfWorkload(object, settings)
  const otherNamespaces = namespaces.filter(
    (each) =>
      !isSystemNamespace(each) &&
      !(
        hasOwnershipLabel(each) &&
        (each.metadata.name === settings.namespace || releaseAnnotation in (each.metadata.annotations ?? {}))
      ),
  )
  const inDefault = defaultContents.filter(
    (each) => !isOurs(each, 'default') && !(each.kind === 'Service' && each.metadata.name === 'kubernetes'),
  )
  const systemNames = namespaces.filter(isSystemNamespace).map(({ metadata }) => metadata.name)
  // Service accounts without our label are Kubernetes's own there.
  const inSystem = accounts.filter(
    (each) =>
      each.metadata.namespace !== 'default' &&
      systemNames.includes(each.metadata.namespace!) &&
      hasOwnershipLabel(each) &&
      !isOurs(each, each.metadata.namespace!),
  )
  return [
    ...otherNamespaces.map(({ metadata }) => `namespace ${metadata.name}`),
    ...inDefault.map(({ kind, metadata }) => `${kind} default/${metadata.name}`),
    ...inSystem.map(({ metadata }) => `ServiceAccount ${metadata.namespace}/${metadata.name}`),
  ]
}

/** Whether wi-setup created the object for this workload, not for another one in the same namespace. */
export function isOfWorkload(object: KubeObject, settings: Pick<Settings, 'serviceAccount'>): boolean {
  if (!hasOwnershipLabel(object)) return false
  if (object.kind === 'ServiceAccount')
    return object.metadata.name === settings.serviceAccount && !otherFieldManager(object)
  if (object.kind === 'Deployment')
    return object.spec?.template?.spec?.serviceAccountName === settings.serviceAccount
  return true
}
