import { command } from './command.ts'
import { azureSettings, clusterSettings } from './setting-groups.ts'

/** The cluster's part of a set-up. */
export const cluster = command({
  name: 'cluster',
  description: 'Create an AKS cluster, or enable OIDC issuer and workload identity on an existing one',
  settings: [
    ...azureSettings,
    ...clusterSettings,
    'nodeSize',
    'nodeCount',
    'kubernetesVersion',
    'webhook',
    'os',
  ],
  examples: [
    'cluster --sandbox --yes',
    'cluster --resource-group rg-shop --cluster aks-shop --location westeurope',
    'cluster --resource-group rg-shop --cluster aks-shop --dry-run',
  ],
  async run(invocation) {
    const { runSetUp } = await import('./run/set-up.ts')
    return runSetUp(invocation, { part: 'cluster' })
  },
})
