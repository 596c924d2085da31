import { accountName, storageAccount, storageEndpoint } from './storage-account.ts'
import type { Target } from './target.ts'

const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs'

/** Blobs of a storage account, or of one container. Source: built-in roles and REST reference of Azure Storage. */
export const storage: Target = {
  ...storageAccount,
  name: 'storage',
  form: 'storage:ACCOUNT[/CONTAINER]',
  example: 'storage:stshop/invoices=reader',
  roles: [
    {
      word: 'reader',
      id: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
      name: 'Storage Blob Data Reader',
      action: `${blobs}/read`,
      plane: 'data',
    },
    {
      word: 'contributor',
      id: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
      name: 'Storage Blob Data Contributor',
      action: `${blobs}/write`,
      plane: 'data',
    },
    {
      word: 'owner',
      id: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
      name: 'Storage Blob Data Owner',
      action: `${blobs}/manageOwnership/action`,
      plane: 'data',
    },
  ],
  names: {
    allowed:
      'account: 3 to 24 lowercase letters and digits; container: 3 to 63 lowercase letters, digits and single hyphens',
    resource: accountName,
    entity: /^(?:\$web|\$root|[a-z0-9](?:-?[a-z0-9]){2,62})$/,
  },
  label: (account, container) =>
    container === undefined ? `blobs of ${account}` : `blobs of ${container} in ${account}`,
  scope: (id, container) =>
    container === undefined ? id : `${id}/blobServices/default/containers/${container}`,
  proof(account, { entity }) {
    const [path, what] =
      entity === undefined
        ? ['?comp=list&maxresults=1', 'its containers']
        : [`${encodeURIComponent(entity)}?restype=container&comp=list&maxresults=1`, 'its blobs']
    return {
      by: 'request',
      request: {
        service: 'storage',
        url: `${storageEndpoint(account, 'blob')}${path}`,
        headers: { 'x-ms-version': '2023-11-03' },
      },
      shows: ({ text }) => `lists ${what}${/<(?:Blob|Container)>/.test(text) ? '' : ' (there are none)'}`,
    }
  },
}
