import type { Simulator } from '../../simulator.ts'
import type { KubeCluster } from '../state.ts'
import type { Writer } from './managed-fields.ts'
import type { ApiResource } from './resources.ts'

/** Where a write goes and on whose behalf. */
export interface WriteContext {
  simulator: Simulator
  cluster: KubeCluster
  resource: ApiResource
  namespace: string
  writer: Writer
  dryRun: boolean
}
