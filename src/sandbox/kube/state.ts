import type { JWK } from 'jose'

/** A stored Kubernetes object, `metadata.managedFields` included. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    uid: string
    resourceVersion: string
    creationTimestamp: string
    [key: string]: unknown
  }
  [key: string]: unknown
}

/** A small cluster: its objects, its service account signing keys, and who may talk to it. */
export interface KubeCluster {
  fqdn: string
  /** ARM id of the managed cluster that it stands behind. */
  resourceId: string
  issuer: string
  /** Private RS256 keys; the first signs, all are published. */
  signingKeys: JWK[]
  /** Bearer token of the cluster-admin user in the kubeconfig. */
  adminToken: string
  version: string
  region: string
  tenantId: string
  /** `{group}/{version}/{resource}/{namespace}/{name}` → object. */
  objects: Record<string, KubeObject>
  resourceVersion: number
  createdAt: number
}
