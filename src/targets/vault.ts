import type { Target } from './target.ts'
import { keyVault, vaultName } from './vault-access.ts'

const secrets = 'Microsoft.KeyVault/vaults/secrets'

/** Secrets of a Key Vault, or one of them. Only vaults with Azure RBAC; `--vault` takes any. */
export const vault: Target = {
  ...keyVault,
  name: 'vault',
  form: 'vault:VAULT[/secret/NAME]',
  example: 'vault:kv-shop/secret/db-password=reader',
  roles: [
    {
      word: 'reader',
      id: '4633458b-17de-408a-b874-0445c86b69e6',
      name: 'Key Vault Secrets User',
      action: `${secrets}/getSecret/action`,
      plane: 'data',
    },
    {
      word: 'contributor',
      id: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
      name: 'Key Vault Secrets Officer',
      action: `${secrets}/setSecret/action`,
      plane: 'data',
    },
  ],
  names: {
    allowed:
      'vault: 3 to 24 letters, digits and hyphens, first a letter; secret/NAME: up to 127 letters, digits and hyphens',
    resource: vaultName,
    entity: /^secret\/[0-9a-zA-Z-]{1,127}$/,
  },
  label: (vault, entity) =>
    entity === undefined ? `secrets of ${vault}` : `${entity.replace('secret/', 'secret ')} of ${vault}`,
  scope: (id, entity) => (entity === undefined ? id : `${id}/${entity.replace('secret/', 'secrets/')}`),
  entraDisabled: ({ properties }) =>
    properties.enableRbacAuthorization === true
      ? undefined
      : {
          is: 'access policies',
          should: 'Azure RBAC (for a vault with access policies, use --vault and --secret)',
        },
  proof({ properties }, { entity }) {
    const uri = String(properties.vaultUri ?? '').replace(/\/?$/, '/')
    const name = entity?.replace('secret/', '')
    return {
      by: 'request',
      request: {
        service: 'vault',
        url: `${uri}secrets${name === undefined ? '' : `/${name}`}?api-version=7.4`,
      },
      shows: () => (name === undefined ? 'lists its secrets' : `reads ${name}`),
    }
  },
}
