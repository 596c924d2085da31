import type { Target } from './target.ts'
import { keyVault, vaultItemAccess, vaultItemName, vaultName, vaultRead } from './vault-access.ts'

const keys = 'Microsoft.KeyVault/vaults/keys'

/** Keys of a Key Vault, or one of them. Source: built-in roles and REST reference of Key Vault. */
export const vaultKeys: Target = {
  ...keyVault,
  name: 'vault-keys',
  form: 'vault-keys:VAULT[/KEY]',
  example: 'vault-keys:kv-shop/signing=user',
  roles: [
    {
      word: 'user',
      id: '12338af0-0e69-4776-bea7-57ae8d297424',
      name: 'Key Vault Crypto User',
      action: `${keys}/sign/action`,
      plane: 'data',
    },
    {
      word: 'contributor',
      id: '14b46e9e-c2b7-41b4-b07b-48a6ebf60603',
      name: 'Key Vault Crypto Officer',
      action: `${keys}/create/action`,
      plane: 'data',
    },
  ],
  names: {
    allowed:
      'vault: 3 to 24 letters, digits and hyphens, first a letter; key: up to 127 letters, digits and hyphens',
    resource: vaultName,
    entity: vaultItemName,
  },
  label: (vault, key) => (key === undefined ? `keys of ${vault}` : `key ${key} of ${vault}`),
  scope: (id, key) => (key === undefined ? id : `${id}/keys/${key}`),
  proof: (vault, { entity }) => vaultRead(vault, 'keys', entity),
  access: vaultItemAccess('keys', {
    user: ['get', 'list', 'encrypt', 'decrypt', 'wrapKey', 'unwrapKey', 'sign', 'verify'],
    contributor: [
      ...['get', 'list', 'encrypt', 'decrypt', 'wrapKey', 'unwrapKey', 'sign', 'verify'],
      ...['create', 'update', 'import', 'delete', 'recover', 'backup', 'restore'],
    ],
  }),
}
