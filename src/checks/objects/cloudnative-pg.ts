import { podOwner } from './pod-owner.ts'

/** A PostgreSQL cluster of CloudNativePG. Its pods run as a service account with the cluster's name. */
export const cloudNativePg = podOwner({
  group: 'postgresql.cnpg.io',
  kinds: { Cluster: 'clusters' },
  labels: () => [['spec', 'inheritedMetadata', 'labels']],
  account: ({ metadata }) => metadata.name,
  accountAnnotations: ['spec', 'serviceAccountTemplate', 'metadata', 'annotations'],
})
