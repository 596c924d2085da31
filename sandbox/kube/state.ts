import type { JWK } from 'jose'

/** A part of a Kubernetes object: its shape is open. */
// biome-ignore lint/suspicious/noExplicitAny: Kubernetes objects are open JSON; each reader knows its own part
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

/** What a pod's node knows of it; times in ms. */
export interface PodState {
  /** When its containers start. */
  startsAt: number
  ready?: boolean
  restarts?: number
  /** How a container's last process ended, by container name. */
  ended?: Record<string, { code: number; at: number; log: string }>
}

/** A small cluster: its objects, its service account signing keys, and who may talk to it. */
export interface KubeCluster {
  fqdn: string
  /** ARM id of the managed cluster that it stands behind. */
  resourceId: string
  /** The `iss` of its tokens; served to the world only when it is below the cloud's issuer address. */
  issuer: string
  /** Private RS256 keys; the first signs, all are published. */
  signingKeys: JWK[]
  /** The key that signed before the last rotation: valid for 24 h after it (ms). */
  retiring?: { kid: string; at: number }
  /** Set while AKS has failed to publish the issuer's documents; the next update of the cluster publishes them again. */
  unpublished?: boolean
  /** The pod of the webhook that was refused when it wrote its certificate, and when (ms): it tries again later. */
  refusedRotation?: { pod: string; at: number }
  /** Bearer token of the cluster-admin user in the kubeconfig. */
  adminToken: string
  version: string
  region: string
  tenantId: string
  /** `{group}/{version}/{resource}/{namespace}/{name}` → object. */
  objects: Record<string, StoredObject>
  resourceVersion: number
  createdAt: number
  /** When a namespace under deletion ends (ms), by name. */
  namespaceDeletionTimes?: Record<string, number>
  /** By pod uid. */
  pods: Record<string, PodState>
}

declare module '../sandbox-state.ts' {
  interface SandboxState {
    /** By lower-case API server FQDN. */
    clusters: Record<string, KubeCluster>
  }
}
