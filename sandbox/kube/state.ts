import type { JWK } from 'jose'

/** A Kubernetes object or a part of one, of any shape. */
// biome-ignore lint/suspicious/noExplicitAny: Kubernetes objects are JSON of any shape; each reader knows the members it reads
export type JsonObject = Record<string, any>

/** A stored Kubernetes object, `metadata.managedFields` included. */
export interface StoredObject extends JsonObject {
  apiVersion: string
  kind: string
  metadata: JsonObject & {
    name: string
    namespace?: string
    uid: string
    resourceVersion: string
    creationTimestamp: string
  }
}

/** What the kubelet knows of a pod. Times are in ms. */
export interface PodState {
  /** Start time of its containers. */
  startsAt: number
  ready?: boolean
  restarts?: number
  /** How each container's last process ended, by container name. */
  ended?: Record<string, { code: number; at: number; log: string }>
}

/** A simulated cluster: its objects, its signing keys and the credentials of its admin. */
export interface KubeCluster {
  fqdn: string
  /** ARM ID of its managed cluster. */
  resourceId: string
  /** The `iss` of its tokens. Its documents are published only below the address of the issuers. */
  issuer: string
  /** Private RS256 keys: the first one signs, all are published. */
  signingKeys: JWK[]
  /** The previous signing key, valid for 24 hours after its rotation (`at`, in ms). */
  retiring?: { kid: string; at: number }
  /** AKS failed to publish the issuer's documents. The next update of the managed cluster publishes them. */
  unpublished?: boolean
  /** The webhook pod whose certificate update was denied, and when (ms). It retries later. */
  refusedRotation?: { pod: string; at: number }
  /** Bearer token of the kubeconfig's cluster admin. */
  adminToken: string
  version: string
  region: string
  tenantId: string
  /** `{group}/{version}/{resource}/{namespace}/{name}` → object. */
  objects: Record<string, StoredObject>
  resourceVersion: number
  createdAt: number
  /** When the deletion of a namespace is complete (ms), by name. */
  namespaceDeletionTimes?: Record<string, number>
  /** By pod UID. */
  pods: Record<string, PodState>
}

declare module '../sandbox-state.ts' {
  interface SandboxState {
    /** By lower-case API server FQDN. */
    clusters: Record<string, KubeCluster>
  }
}
