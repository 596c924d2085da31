import { accountName, storageAccount, storageEndpoint } from './storage-account.ts'
import type { Target } from './target.ts'

const entities = 'Microsoft.Storage/storageAccounts/tableServices/tables/entities'

/** A table of a storage account. Source: built-in roles and REST reference of Azure Storage. */
export const table: Target = {
  ...storageAccount,
  name: 'table',
  form: 'table:ACCOUNT/TABLE',
  example: 'table:stshop/Stock=reader',
  needsEntity: true,
  roles: [
    {
      word: 'reader',
      id: '76199698-9eea-4c19-bc75-cec21354c6b6',
      name: 'Storage Table Data Reader',
      action: `${entities}/read`,
      plane: 'data',
    },
    {
      word: 'contributor',
      id: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
      name: 'Storage Table Data Contributor',
      action: `${entities}/write`,
      plane: 'data',
    },
  ],
  names: {
    allowed:
      'account: 3 to 24 lowercase letters and digits; table: 3 to 63 letters and digits, first a letter',
    resource: accountName,
    entity: /^[A-Za-z][A-Za-z0-9]{2,62}$/,
  },
  label: (account, table) => `entities of the table ${table} in ${account}`,
  scope: (id, table) => `${id}/tableServices/default/tables/${table}`,
  proof: (account, { entity }) => ({
    by: 'request',
    request: {
      service: 'storage',
      url: `${storageEndpoint(account, 'table')}${entity}()?$top=1`,
      headers: {
        'x-ms-version': '2019-02-02',
        accept: 'application/json;odata=nometadata',
        dataserviceversion: '3.0',
      },
    },
    shows: ({ text }) => `queries an entity${/"value":\s*\[\s*\]/.test(text) ? ' (there are none)' : ''}`,
  }),
}
