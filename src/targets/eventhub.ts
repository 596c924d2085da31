import { dataScope } from '../clients/data-services.ts'
import { messagingRefusal } from './messaging-refusal.ts'
import type { Target } from './target.ts'

const messages = 'Microsoft.EventHub/namespaces/messages'

/** Events of a namespace of Event Hubs, or of one event hub. Source: built-in roles, and the SDKs' requests. */
export const eventhub: Target = {
  name: 'eventhub',
  form: 'eventhub:NAMESPACE[/EVENTHUB]',
  example: 'eventhub:eh-shop/clicks=receiver',
  type: 'Microsoft.EventHub/namespaces',
  apiVersion: '2024-01-01',
  resourceTitle: 'Event Hubs namespace',
  roles: [
    {
      word: 'receiver',
      id: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde',
      name: 'Azure Event Hubs Data Receiver',
      action: `${messages}/receive/action`,
      plane: 'data',
    },
    {
      word: 'sender',
      id: '2b629674-e913-4c01-ae53-ef4638d8f975',
      name: 'Azure Event Hubs Data Sender',
      action: `${messages}/send/action`,
      plane: 'data',
    },
    {
      word: 'owner',
      id: 'f526a384-b230-433a-b45c-95f59c4a2dec',
      name: 'Azure Event Hubs Data Owner',
      // Any action that neither sender nor receiver has.
      action: 'Microsoft.EventHub/namespaces/eventhubs/write',
      plane: 'data',
    },
  ],
  names: {
    allowed:
      'namespace: 6 to 50 letters, digits and hyphens, first a letter; event hub: up to 256 letters, digits, periods, hyphens and underscores',
    resource: /^[a-zA-Z][a-zA-Z0-9-]{4,48}[a-zA-Z0-9]$/,
    entity: /^[a-zA-Z0-9][\w.-]{0,255}$/,
  },
  label: (namespace, hub) =>
    hub === undefined ? `events of ${namespace}` : `events of ${hub} in ${namespace}`,
  scope: (id, hub) => (hub === undefined ? id : `${id}/eventhubs/${hub}`),
  isPublic: ({ properties }) => (properties.publicNetworkAccess ?? 'Enabled') === 'Enabled',
  proof({ properties }, { entity, role }) {
    if (entity === undefined)
      return { by: 'none', reason: 'a namespace has nothing to read; name an event hub' }
    const endpoint = String(properties.serviceBusEndpoint ?? '')
    return {
      by: 'run',
      async run({ cloud, dataPlane, token }) {
        const isSender = role.word === 'sender'
        const partitions = await dataPlane.probe(
          { service: 'eventhub', endpoint, entity, operation: isSender ? 'attach' : 'read' },
          await token(dataScope(cloud, 'eventhub')),
        )
        return isSender ? 'may send to it (nothing was sent)' : `reads its ${partitions} partitions`
      },
    }
  },
  refusal: messagingRefusal,
}
