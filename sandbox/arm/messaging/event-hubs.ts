import type { MessagingProvider } from './messaging-provider.ts'

const maxPartitions = 32

export const eventHubs: MessagingProvider = {
  namespace: 'Microsoft.EventHub',
  versions: [
    '2026-01-01',
    '2025-05-01-preview',
    '2024-01-01',
    '2022-10-01-preview',
    '2021-11-01',
    '2017-04-01',
  ],
  skus: ['Basic', 'Standard', 'Premium'],
  shape: { isAutoInflateEnabled: 'boolean', maximumThroughputUnits: 'number', kafkaEnabled: 'boolean' },
  defaults: { isAutoInflateEnabled: false, maximumThroughputUnits: 0, kafkaEnabled: true },
  entities: [
    {
      path: 'eventhubs',
      name: /^[a-z0-9]([\w.-]{0,254}[a-z0-9_])?$/i,
      shape: { messageRetentionInDays: 'number', partitionCount: 'number', status: 'string' },
      defaults: { messageRetentionInDays: 7, partitionCount: 4, status: 'Active' },
      fixed: ['partitionCount'],
      problem: ({ partitionCount }) =>
        Number.isInteger(partitionCount) &&
        Number(partitionCount) >= 1 &&
        Number(partitionCount) <= maxPartitions
          ? undefined
          : `SubCode=40000. The partition count must be between 1 and ${maxPartitions}.`,
      computed: ({ partitionCount }) => ({
        partitionIds: Array.from({ length: Number(partitionCount) }, (_, index) => String(index)),
      }),
    },
    {
      path: 'eventhubs/consumergroups',
      name: /^[a-z0-9$]([\w.-]{0,48}[a-z0-9_])?$/i,
      shape: { userMetadata: 'string' },
      defaults: {},
      builtIn: '$Default',
    },
  ],
}
