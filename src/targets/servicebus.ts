import { dataScope } from '../clients/data-services.ts'
import { messagingRefusal } from './messaging-refusal.ts'
import type { Grant, Proof, Target } from './target.ts'

const messages = 'Microsoft.ServiceBus/namespaces/messages'

/** Returns the path in addresses: `news/Subscriptions/all` for `topic/news/subscription/all`. */
const addressOf = (entity: string) =>
  entity.replace(/^(queue|topic)\//, '').replace('/subscription/', '/Subscriptions/')

/** Returns why there is no harmless operation for the role; undefined if there is one. */
function unprovable(entity: string | undefined, word: string): string | undefined {
  if (entity === undefined) return 'a namespace has nothing to read; name a queue, a topic or a subscription'
  const isTopic = /^topic\/[^/]+$/.test(entity)
  if (word !== 'sender' && isTopic) return 'messages are received from subscriptions; name one'
  if (word === 'sender' && entity.includes('/subscription/'))
    return 'messages are sent to topics, not to subscriptions'
  return undefined
}

function proof(endpoint: string, { entity, role }: Grant): Proof {
  const reason = unprovable(entity, role.word)
  if (reason !== undefined) return { by: 'none', reason }
  const isSender = role.word === 'sender'
  return {
    by: 'run',
    async run({ cloud, dataPlane, token }) {
      const found = await dataPlane.probe(
        {
          service: 'servicebus',
          endpoint,
          entity: addressOf(entity!),
          operation: isSender ? 'attach' : 'peek',
        },
        await token(dataScope(cloud, 'servicebus')),
      )
      if (isSender) return 'may send to it (nothing was sent)'
      return `peeks at its messages${found === 0 ? ' (there are none)' : ''}`
    },
  }
}

/** Queues, topics and subscriptions of Service Bus. Source: built-in roles, and the AMQP protocol guide of Service Bus. */
export const servicebus: Target = {
  name: 'servicebus',
  form: 'servicebus:NAMESPACE[/queue/QUEUE | /topic/TOPIC[/subscription/NAME]]',
  example: 'servicebus:sb-shop/queue/orders=receiver',
  type: 'Microsoft.ServiceBus/namespaces',
  apiVersion: '2024-01-01',
  resourceTitle: 'Service Bus namespace',
  roles: [
    {
      word: 'receiver',
      id: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0',
      name: 'Azure Service Bus Data Receiver',
      action: `${messages}/receive/action`,
      plane: 'data',
    },
    {
      word: 'sender',
      id: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39',
      name: 'Azure Service Bus Data Sender',
      action: `${messages}/send/action`,
      plane: 'data',
    },
    {
      word: 'owner',
      id: '090c5cfd-751d-490a-894a-3ce6f1109419',
      name: 'Azure Service Bus Data Owner',
      // Any action that neither sender nor receiver has.
      action: 'Microsoft.ServiceBus/namespaces/queues/write',
      plane: 'data',
    },
  ],
  names: {
    allowed:
      'namespace: 6 to 50 letters, digits and hyphens, first a letter; queue/QUEUE, topic/TOPIC or topic/TOPIC/subscription/NAME',
    resource: /^[a-zA-Z][a-zA-Z0-9-]{4,48}[a-zA-Z0-9]$/,
    entity: /^(?:queue\/[\w.~-]{1,260}|topic\/[\w.~-]{1,260}(?:\/subscription\/[\w.-]{1,50})?)$/,
  },
  label: (namespace, entity) =>
    entity === undefined
      ? `messages of ${namespace}`
      : `messages of ${entity
          .split('/')
          .filter((_, index) => index % 2 === 1)
          .join('/')} in ${namespace}`,
  scope: (id, entity) =>
    entity === undefined ? id : `${id}/${entity.replace(/(^|\/)(queue|topic|subscription)\//g, '$1$2s/')}`,
  isPublic: ({ properties }) => (properties.publicNetworkAccess ?? 'Enabled') === 'Enabled',
  proof: ({ properties }, grant) => proof(String(properties.serviceBusEndpoint ?? ''), grant),
  refusal: messagingRefusal,
}
