import { az } from '../../base/command.ts'
import type { AksCluster } from '../../clients/aks-clusters.ts'
import type { Group } from '../../clients/groups.ts'
import type { Vault } from '../../clients/vaults.ts'
import { check, fail, pass } from '../../engine/check.ts'
import { usesVault } from '../../settings/table.ts'
import { usesAks } from '../../settings/uses-aks.ts'

/** The resources of a set-up that already exist. */
export interface ExistingResources {
  group: Group | undefined
  cluster: AksCluster | undefined
  vault: Vault | undefined
  /** The identity's client ID. */
  identity: string | undefined
}

export const existingResources = check<ExistingResources>()({
  code: 'WI802',
  title: 'You can read the existing resources, and they are usable',
  link: 'caller',
  uses: [
    'resourceGroup',
    'clusterResourceGroup',
    'vaultResourceGroup',
    'cluster',
    'vault',
    'grants',
    'identity',
    'identityKind',
    'identityResourceGroup',
    'issuer',
    'context',
    'kubeconfig',
  ],
  needs: {},
  async run({ settings, groups, aksClusters, vaults, identities }) {
    const { resourceGroup, identityKind } = settings
    const [group, cluster, vault, identity] = await Promise.all([
      groups.get(resourceGroup),
      usesAks(settings) ? aksClusters.get(settings.clusterResourceGroup, settings.cluster!) : undefined,
      usesVault(settings) ? vaults.get(settings.vaultResourceGroup, settings.vault) : undefined,
      identityKind === 'managed'
        ? identities.get(settings.identityResourceGroup, settings.identity)
        : undefined,
    ])
    if (group?.state === 'Deleting')
      return fail({
        detail: `Resource group ${resourceGroup} is being deleted`,
        is: 'Deleting',
        should: 'existing, or deleted',
        remedy: az('group wait', { deleted: true, name: resourceGroup }),
      })
    if (cluster && !cluster.running)
      return fail({
        detail: `The AKS cluster ${cluster.name} is stopped`,
        is: 'stopped',
        should: 'running',
        remedy: az('aks start', { 'resource-group': cluster.group, name: cluster.name }),
      })
    const existing = [group && 'group', cluster && 'cluster', vault && 'vault', identity && 'identity']
    return pass(
      { group, cluster, vault, identity: identity?.clientId },
      `existing: ${existing.filter(Boolean).join(', ') || 'nothing'}`,
    )
  },
})
