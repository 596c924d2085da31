import type { Connection } from '../clients/kubernetes.ts'
import type { Settings } from '../settings/settings.ts'

type ClusterSettings = Partial<
  Pick<
    Settings,
    'issuer' | 'context' | 'kubeconfig' | 'clusterSubscription' | 'clusterResourceGroup' | 'cluster'
  >
>

/** How to reach the cluster of the settings: by kubeconfig if one or its context is set, else as an AKS cluster. */
export function connectionOf(settings: ClusterSettings): Connection | undefined {
  const {
    context,
    kubeconfig: path,
    clusterSubscription: subscription,
    clusterResourceGroup: group,
    cluster,
  } = settings
  if (settings.issuer !== undefined) return undefined
  if (context !== undefined || path !== undefined) return { kind: 'kubeconfig', path, context }
  return group === undefined || cluster === undefined
    ? undefined
    : { kind: 'aks', subscription, group, cluster }
}
