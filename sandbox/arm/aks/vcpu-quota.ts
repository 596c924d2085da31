import type { Simulator } from '../../simulator.ts'
import { AksError } from '../errors.ts'
import { resourcesOfType } from '../resources/resources.ts'
import { subscriptionPath } from '../subscription-path.ts'
import { propertiesOf } from './lookup.ts'
import type { ClusterProperties, Pool } from './validation.ts'

/** The subscription's quota in each region. */
export const regionalCores = 100

/** Returns the cores of a pool; the name of a VM size contains them (`Standard_D2s_v5`: 2). */
const coresOf = ({ vmSize, count }: Pool) =>
  Number(/^[a-z]+_[a-z]+(\d+)/i.exec(vmSize ?? '')?.[1] ?? 2) * (count ?? 0)
const usedBy = (pools: Pool[] | undefined) => (pools ?? []).reduce((sum, pool) => sum + coresOf(pool), 0)

/** Returns the cores that the region's clusters use in the subscription of `id`, without the cluster with that ID. */
export const coresUsed = (simulator: Simulator, region: string, id: string): number =>
  resourcesOfType(simulator, 'Microsoft.ContainerService/managedClusters', subscriptionPath(id))
    .filter(({ body }) => body.location === region && body.id.toLowerCase() !== id.toLowerCase())
    .reduce((sum, each) => sum + usedBy(propertiesOf(each).agentPoolProfiles), 0)

const offeredSizes =
  'standard_d2s_v5,standard_d4s_v5,standard_d8s_v5,standard_e2s_v5,standard_e4s_v5,standard_f4s_v2'

/** Throws for a VM size that does not exist. */
function checkSizes(region: string, pools: Pool[] | undefined): void {
  const invalidPool = (pools ?? []).find(({ vmSize }) => vmSize && !/^[a-z]+_[a-z]+\d/i.test(vmSize))
  if (invalidPool)
    throw new AksError(
      400,
      'BadRequest',
      `The VM size of ${invalidPool.vmSize} is not allowed in your subscription in location '${region}'. The available VM sizes are '${offeredSizes}'.`,
    )
}

/** Throws if the cluster's nodes exceed what is left of the region's quota. */
export function checkQuota(
  simulator: Simulator,
  id: string,
  region: string,
  properties: ClusterProperties,
): void {
  checkSizes(region, properties.agentPoolProfiles)
  const left = regionalCores - coresUsed(simulator, region, id)
  const requested = usedBy(properties.agentPoolProfiles)
  if (requested > left)
    throw new AksError(
      400,
      'ErrCode_InsufficientVCPUQuota',
      `Insufficient regional vcpu quota left for location ${region}. left regional vcpu quota ${left}, requested quota ${requested}. If you want to increase the quota, please follow this instruction: https://learn.microsoft.com/en-us/azure/quotas/view-quotas. Surge nodes would also consume vcpu quota, please consider use smaller maxSurge or use maxUnavailable to proceed upgrade without surge nodes, details: aka.ms/aks/maxUnavailable.`,
    )
}
