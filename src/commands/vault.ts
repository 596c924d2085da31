import { command } from './command.ts'
import { readSecretValue, secretFlags } from './secret-value.ts'
import { azureSettings, identitySettings, vaultSettings, workloadSettings } from './setting-groups.ts'

/** The vault's part of a set-up. */
export const vault = command({
  name: 'vault',
  description: 'Create a Key Vault and a secret, and let the identity read the secrets',
  settings: [...azureSettings, ...identitySettings, ...workloadSettings, ...vaultSettings],
  flags: secretFlags,
  examples: [
    'vault --sandbox --yes',
    'vault --resource-group rg-shop --vault kv-shop --secret db-password',
    'vault --vault kv-shop --secret db-password --secret-from-stdin < password.txt',
  ],
  async run(invocation, flags) {
    const { runSetUp } = await import('./run/set-up.ts')
    return runSetUp(invocation, { part: 'vault', secretValue: () => readSecretValue(invocation.host, flags) })
  },
})
