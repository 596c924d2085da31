import type { EntityType, MessagingProvider } from './messaging-provider.ts'

/** The longest time span: for ever. */
const never = 'P10675199DT2H48M5.4775807S'

const queueShape: EntityType['shape'] = {
  lockDuration: 'string',
  maxSizeInMegabytes: 'number',
  requiresDuplicateDetection: 'boolean',
  requiresSession: 'boolean',
  defaultMessageTimeToLive: 'string',
  deadLetteringOnMessageExpiration: 'boolean',
  maxDeliveryCount: 'number',
  status: 'string',
  enablePartitioning: 'boolean',
}

const receiving = {
  lockDuration: 'PT1M',
  requiresSession: false,
  defaultMessageTimeToLive: never,
  deadLetteringOnMessageExpiration: false,
  maxDeliveryCount: 10,
  status: 'Active',
  enableBatchedOperations: true,
  autoDeleteOnIdle: never,
}

const storing = {
  maxSizeInMegabytes: 1024,
  maxMessageSizeInKilobytes: 256,
  requiresDuplicateDetection: false,
  duplicateDetectionHistoryTimeWindow: 'PT10M',
  enablePartitioning: false,
  enableExpress: false,
}

const basicOnlyQueues: EntityType['problem'] = (_, { body }) =>
  (body.sku as { name?: string }).name === 'Basic'
    ? 'SubCode=40000. The operation is not allowed for the Basic tier, which has queues only.'
    : undefined

const fixed = ['requiresSession', 'requiresDuplicateDetection', 'enablePartitioning']

export const serviceBus: MessagingProvider = {
  namespace: 'Microsoft.ServiceBus',
  versions: [
    '2026-01-01',
    '2025-05-01-preview',
    '2024-01-01',
    '2022-10-01-preview',
    '2021-11-01',
    '2017-04-01',
  ],
  skus: ['Basic', 'Standard', 'Premium'],
  shape: { premiumMessagingPartitions: 'number' },
  defaults: { premiumMessagingPartitions: 0 },
  entities: [
    {
      path: 'queues',
      name: /^[a-z0-9]([\w.~-]{0,258}[a-z0-9_])?$/i,
      shape: queueShape,
      defaults: { ...receiving, ...storing },
      fixed,
    },
    {
      path: 'topics',
      name: /^[a-z0-9]([\w.~-]{0,258}[a-z0-9_])?$/i,
      shape: queueShape,
      defaults: {
        ...storing,
        defaultMessageTimeToLive: never,
        status: 'Active',
        supportOrdering: true,
        autoDeleteOnIdle: never,
        enableBatchedOperations: true,
      },
      fixed,
      problem: basicOnlyQueues,
    },
    {
      path: 'topics/subscriptions',
      name: /^[a-z0-9]([\w.-]{0,48}[a-z0-9_])?$/i,
      shape: queueShape,
      defaults: { ...receiving, isClientAffine: false, deadLetteringOnFilterEvaluationExceptions: true },
      fixed,
    },
  ],
}
