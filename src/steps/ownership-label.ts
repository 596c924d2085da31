import type { KubeObject } from '../clients/kubernetes.ts'

/** The label of Kubernetes objects that wi-setup created. */
export const ownershipLabel = { 'app.kubernetes.io/managed-by': 'wi-setup' }
export const hasOwnershipLabel = (object: Pick<KubeObject, 'metadata'>) =>
  object.metadata.labels?.['app.kubernetes.io/managed-by'] === 'wi-setup'
