import type { Call } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import type { KubeCluster } from './state.ts'

/** A request to an API server for a path that is not a resource. */
export interface ServerRequest {
  call: Call
  simulator: Simulator
  cluster: KubeCluster
  params: Record<string, string>
}
