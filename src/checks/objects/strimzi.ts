import { podOwner } from './pod-owner.ts'

/** Kafka clients of Strimzi. It names each service account after the object. */
export const strimzi = podOwner({
  group: 'kafka.strimzi.io',
  kinds: {
    KafkaConnect: 'kafkaconnects',
    KafkaMirrorMaker2: 'kafkamirrormaker2s',
    KafkaBridge: 'kafkabridges',
  },
  labels: () => [['spec', 'template', 'pod', 'metadata', 'labels']],
  account: ({ kind, metadata }) =>
    `${metadata.name}-${kind === 'KafkaConnect' ? 'connect' : kind === 'KafkaBridge' ? 'bridge' : 'mirrormaker2'}`,
  accountAnnotations: ['spec', 'template', 'serviceAccount', 'metadata', 'annotations'],
})
