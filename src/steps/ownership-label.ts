import type { KubeObject } from '../clients/kubernetes.ts'

/** Our mark on objects in a cluster. */
export const ownershipLabel = { 'app.kubernetes.io/managed-by': 'wi-setup' }
export const hasOwnershipLabel = (object: Pick<KubeObject, 'metadata'>) =>
  object.metadata.labels?.['app.kubernetes.io/managed-by'] === 'wi-setup'
