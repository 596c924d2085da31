import { command } from './command.ts'
import { azureSettings, clusterSettings, identitySettings, workloadSettings } from './setting-groups.ts'

/** The federated credential and the service account of a set-up. */
export const federate = command({
  name: 'federate',
  description: 'Annotate the service account, and make the identity trust its tokens',
  settings: [
    ...azureSettings,
    ...clusterSettings,
    ...identitySettings,
    ...workloadSettings,
    'audience',
    'os',
    'webhook',
  ],
  examples: [
    'federate --sandbox --yes',
    'federate --namespace shop --service-account checkout',
    'federate --context kind-local --namespace shop --service-account checkout',
  ],
  async run(invocation) {
    const { runSetUp } = await import('./run/set-up.ts')
    return runSetUp(invocation, { part: 'federate' })
  },
})
