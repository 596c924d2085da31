import { az } from '../base/command.ts'
import type { IdentityBinding } from '../clients/aks-clusters.ts'
import type { Kubernetes } from '../clients/kubernetes.ts'
import { check, fail, pass } from '../engine/check.ts'
import { connectionOf } from '../steps/cluster-connection.ts'

export interface ClusterApi {
  kube: Kubernetes
  /** The ARM ID of an AKS cluster that is not reached by a kubeconfig. */
  azureId: string | undefined
  /** The issuer reported by AKS: undefined for other clusters, empty if the OIDC issuer is off. */
  aksIssuer: string | undefined
  /** Kubernetes version without `v`, if AKS reported it. */
  version: string | undefined
  /** Of AKS clusters that are not reached by a kubeconfig. */
  identityBindings: (() => Promise<IdentityBinding[]>) | undefined
}

export const clusterReachable = check<ClusterApi>()({
  code: 'WI701',
  title: "The cluster's API server responds",
  link: 'cluster',
  uses: ['clusterResourceGroup', 'cluster', 'context', 'kubeconfig', 'namespace'],
  needs: {},
  async run({ settings, aksClusters, kubernetes, command }) {
    const { clusterResourceGroup, cluster } = settings
    const connection = connectionOf(settings)!
    const byKubeconfig = connection.kind === 'kubeconfig'
    const found = byKubeconfig ? undefined : await aksClusters.get(clusterResourceGroup, cluster!)
    if (!byKubeconfig && !found)
      return fail({
        detail: `The AKS cluster ${cluster} does not exist in resource group ${clusterResourceGroup}`,
        remedy: command('cluster', 'clusterResourceGroup', 'cluster'),
      })
    if (found && !found.running)
      return fail({
        detail: `The AKS cluster ${cluster} is stopped`,
        remedy: az('aks start', { 'resource-group': clusterResourceGroup, name: cluster }),
      })
    const kube = kubernetes(connection)
    // Later checks share this read.
    await kube.ownRights(settings.namespace)
    return pass(
      {
        kube,
        azureId: found?.id,
        aksIssuer: byKubeconfig ? undefined : found!.issuerEnabled ? found!.issuer! : '',
        version: found?.kubernetesVersion,
        identityBindings: found && (() => aksClusters.identityBindings(clusterResourceGroup, cluster!)),
      },
      found ? `Kubernetes ${found.kubernetesVersion}` : await kube.server(),
    )
  },
})
