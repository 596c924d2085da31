import { findResource } from '../../arm/resources/resources.ts'
import { isListed } from '../../ip-rules.ts'
import type { Simulator } from '../../simulator.ts'
import type { KubeCluster } from '../state.ts'

/** Returns whether the cluster's authorized IP ranges include the address, or it has none. Azure drops other packets. */
export function isAuthorizedAddress(simulator: Simulator, cluster: KubeCluster, address: string): boolean {
  const properties = findResource(simulator, cluster.resourceId)?.body.properties
  const access = properties?.apiServerAccessProfile as { authorizedIPRanges?: string[] | null } | undefined
  const ranges = access?.authorizedIPRanges ?? []
  return ranges.length === 0 || isListed(ranges, address)
}
