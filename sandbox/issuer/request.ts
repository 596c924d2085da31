import type { KubeCluster } from '../kube/state.ts'
import type { Simulator } from '../simulator.ts'

/** A request for a document of a cluster's issuer. */
export interface IssuerRequest {
  simulator: Simulator
  cluster: KubeCluster
}
