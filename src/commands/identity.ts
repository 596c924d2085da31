import { command } from './command.ts'
import { azureSettings, identitySettings, workloadSettings } from './setting-groups.ts'

/** The identity's part of a set-up. */
export const identity = command({
  name: 'identity',
  description: 'Create an app registration with its service principal, or a managed identity',
  settings: [...azureSettings, ...identitySettings, ...workloadSettings],
  examples: [
    'identity --sandbox --yes',
    'identity --namespace shop --service-account checkout',
    'identity --identity-kind managed --resource-group rg-shop --identity wi-checkout',
  ],
  async run(invocation) {
    const { runSetUp } = await import('./run/set-up.ts')
    return runSetUp(invocation, { part: 'identity' })
  },
})
