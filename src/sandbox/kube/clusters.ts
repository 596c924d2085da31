import type { Cloud } from '../cloud.ts'
import type { KubeCluster } from './state.ts'

/** Makes the cluster behind a managed cluster: own signing keys, system namespaces, an admin. The issuer is answered even before the cluster is ready. */
export async function createCluster(
  _cloud: Cloud,
  _of: { fqdn: string; resourceId: string; region: string; tenantId: string; version: string },
): Promise<KubeCluster> {
  throw new Error('to be built')
}

/** Removes the cluster, its pods and its issuer documents. */
export function deleteCluster(_cloud: Cloud, _fqdn: string): void {}

/** Turns the workload identity add-on on or off: the webhook of 1.6.0 in kube-system, managed by AKS. */
export function setWorkloadIdentityAddon(_cloud: Cloud, _fqdn: string, _on: boolean): void {}

/** The admin's kubeconfig (YAML) with the names that AKS gives: context `{cluster}`, user `clusterUser_{group}_{cluster}`. */
export function kubeconfig(_cloud: Cloud, _fqdn: string, _names: { context: string; user: string }): string {
  return ''
}
