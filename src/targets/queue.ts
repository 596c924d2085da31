import { accountName, storageAccount, storageEndpoint } from './storage-account.ts'
import type { Target } from './target.ts'

const messages = 'Microsoft.Storage/storageAccounts/queueServices/queues/messages'

/** A queue of a storage account. Source: built-in roles and REST reference of Azure Storage. */
export const queue: Target = {
  ...storageAccount,
  name: 'queue',
  form: 'queue:ACCOUNT/QUEUE',
  example: 'queue:stshop/orders=receiver',
  needsEntity: true,
  roles: [
    {
      word: 'reader',
      id: '19e7f393-937e-4f77-808e-94535e297925',
      name: 'Storage Queue Data Reader',
      action: `${messages}/read`,
      plane: 'data',
    },
    {
      word: 'sender',
      id: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a',
      name: 'Storage Queue Data Message Sender',
      action: `${messages}/add/action`,
      plane: 'data',
    },
    {
      word: 'receiver',
      id: '8a0f0c08-91a1-4084-bc3d-661d67233fed',
      name: 'Storage Queue Data Message Processor',
      action: `${messages}/process/action`,
      plane: 'data',
    },
    {
      word: 'contributor',
      id: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
      name: 'Storage Queue Data Contributor',
      action: `${messages}/write`,
      plane: 'data',
    },
  ],
  names: {
    allowed:
      'account: 3 to 24 lowercase letters and digits; queue: 3 to 63 lowercase letters, digits and single hyphens',
    resource: accountName,
    entity: /^(?=.{3,63}$)[a-z0-9](?:-?[a-z0-9])+$/,
  },
  label: (account, queue) => `messages of the queue ${queue} in ${account}`,
  scope: (id, queue) => `${id}/queueServices/default/queues/${queue}`,
  proof: (account, { entity, role }) =>
    role.word === 'sender'
      ? { by: 'none', reason: 'a sender may not read, and a message would reach the receivers' }
      : {
          by: 'request',
          request: {
            service: 'storage',
            url: `${storageEndpoint(account, 'queue')}${entity}/messages?peekonly=true&numofmessages=1`,
            headers: { 'x-ms-version': '2023-11-03' },
          },
          shows: ({ text }) =>
            `peeks at a message${text.includes('<QueueMessage>') ? '' : ' (there are none)'}`,
        },
}
