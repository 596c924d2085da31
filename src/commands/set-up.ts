import { command } from './command.ts'
import { readSecretValue, secretFlags } from './secret-value.ts'

/** The complete set-up: `wi-setup` without a command. */
export const setUp = command({
  name: '',
  description: [
    'Give a Kubernetes service account passwordless access to Azure, and prove that it works.',
    'Without a command, run the complete set-up. Settings come from flags, WI_SETUP_* variables and wi-setup.yaml; on a terminal, wi-setup asks for the rest.',
  ].join('\n'),
  flags: secretFlags,
  examples: [
    '--sandbox --yes',
    '--resource-group rg-shop --cluster aks-shop --vault kv-shop --namespace shop --service-account checkout --yes',
    '--context kind-local --resource-group rg-shop --vault kv-shop --location westeurope --yes',
  ],
  async run(invocation, flags) {
    const { runSetUp } = await import('./run/set-up.ts')
    const secretValue = () => readSecretValue(invocation.host, flags)
    return runSetUp(invocation, { part: 'all', secretValue })
  },
})
