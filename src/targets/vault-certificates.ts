import type { Target } from './target.ts'
import { keyVault, vaultItemAccess, vaultItemName, vaultName, vaultRead } from './vault-access.ts'

const certificates = 'Microsoft.KeyVault/vaults/certificates'

/** Certificates of a Key Vault, or one of them. Source: built-in roles and REST reference of Key Vault. */
export const vaultCertificates: Target = {
  ...keyVault,
  name: 'vault-certificates',
  form: 'vault-certificates:VAULT[/CERTIFICATE]',
  example: 'vault-certificates:kv-shop/shop-tls=reader',
  roles: [
    {
      // Includes the private key, which is the secret of the same name.
      word: 'reader',
      id: 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba',
      name: 'Key Vault Certificate User',
      action: `${certificates}/read`,
      plane: 'data',
    },
    {
      word: 'contributor',
      id: 'a4417e6f-fecd-4de8-b567-7b0420556985',
      name: 'Key Vault Certificates Officer',
      action: `${certificates}/create/action`,
      plane: 'data',
    },
  ],
  names: {
    allowed:
      'vault: 3 to 24 letters, digits and hyphens, first a letter; certificate: up to 127 letters, digits and hyphens',
    resource: vaultName,
    entity: vaultItemName,
  },
  label: (vault, name) =>
    name === undefined ? `certificates of ${vault}` : `certificate ${name} of ${vault}`,
  scope: (id, name) => (name === undefined ? id : `${id}/certificates/${name}`),
  proof: (vault, { entity }) => vaultRead(vault, 'certificates', entity),
  access: vaultItemAccess('certificates', {
    reader: ['get', 'list'],
    contributor: ['get', 'list', 'create', 'update', 'import', 'delete', 'recover', 'backup', 'restore'],
  }),
}
