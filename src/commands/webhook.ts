import { command } from './command.ts'
import { azureSettings, clusterSettings } from './setting-groups.ts'

/** The webhook's part of a set-up. */
export const webhook = command({
  name: 'webhook',
  description: 'Install the mutating webhook as AKS add-on or Helm chart; an existing one is reused',
  settings: [...azureSettings, ...clusterSettings, 'webhook', 'chart', 'chartVersion', 'audience', 'os'],
  examples: [
    'webhook --sandbox --yes',
    'webhook --resource-group rg-shop --cluster aks-shop',
    'webhook --context kind-local --webhook helm',
  ],
  async run(invocation) {
    const { runSetUp } = await import('./run/set-up.ts')
    return runSetUp(invocation, { part: 'webhook' })
  },
})
