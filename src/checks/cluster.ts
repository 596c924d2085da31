import type { Connection, Kubernetes } from '../clients/kubernetes.ts'
import { check, fail, pass } from '../engine/check.ts'

export interface ClusterApi {
  kube: Kubernetes
  /** As AKS tells it; undefined for another cluster, empty if AKS has none. */
  aksIssuer: string | undefined
  /** Only where AKS has told it already. */
  version: string | undefined
}

export const clusterReachable = check<ClusterApi>()({
  code: 'WI701',
  title: "The cluster's API server answers",
  link: 'cluster',
  uses: ['clusterResourceGroup', 'cluster', 'context', 'kubeconfig', 'namespace'],
  needs: {},
  async run({ settings, aksClusters, kubernetes, command }) {
    const { context, kubeconfig: path, clusterResourceGroup, cluster } = settings
    const other = context !== undefined || path !== undefined
    const connection: Connection = other
      ? { kind: 'kubeconfig', path, context }
      : { kind: 'aks', group: clusterResourceGroup, cluster: cluster! }
    const found = other ? undefined : await aksClusters.get(clusterResourceGroup, cluster!)
    if (!other && !found)
      return fail({
        detail: `There is no AKS cluster ${cluster} in the resource group ${clusterResourceGroup}`,
        remedy: command('cluster', 'clusterResourceGroup', 'cluster'),
      })
    if (found && !found.running)
      return fail({
        detail: `The cluster ${cluster} is stopped`,
        remedy: `az aks start --resource-group ${clusterResourceGroup} --name ${cluster}`,
      })
    const kube = kubernetes(connection)
    // The first question is one that others need answered as well; AKS has told the version by then.
    await kube.ownRights(settings.namespace)
    return pass(
      {
        kube,
        aksIssuer: other ? undefined : found!.issuerEnabled ? found!.issuer! : '',
        version: found?.kubernetesVersion,
      },
      found ? `Kubernetes ${found.kubernetesVersion}` : await kube.server(),
    )
  },
})
