import type { Simulator } from '../../simulator.ts'
import { AksError } from '../errors.ts'
import { resourcesOfType } from '../resources/resources.ts'
import { propertiesOf } from './lookup.ts'
import type { ClusterProperties, Pool } from './validation.ts'

/** What the subscription may use in one region. */
export const regionalCores = 100

/** `Standard_D2s_v5` has 2, as the sizes' names tell. */
const coresOf = ({ vmSize, count }: Pool) =>
  Number(/^[a-z]+_[a-z]+(\d+)/i.exec(vmSize ?? '')?.[1] ?? 2) * (count ?? 0)
const usedBy = (pools: Pool[] | undefined) => (pools ?? []).reduce((sum, pool) => sum + coresOf(pool), 0)

/** Of all clusters of the region, but for the one of this id. */
export const coresUsed = (simulator: Simulator, region: string, except?: string): number =>
  resourcesOfType(simulator, 'Microsoft.ContainerService/managedClusters')
    .filter(({ body }) => body.location === region && body.id.toLowerCase() !== except?.toLowerCase())
    .reduce((sum, each) => sum + usedBy(propertiesOf(each).agentPoolProfiles), 0)

const offeredSizes =
  'standard_d2s_v5,standard_d4s_v5,standard_d8s_v5,standard_e2s_v5,standard_e4s_v5,standard_f4s_v2'

/** Refuses a size that tells no number of cores: there is none of that name. */
function checkSizes(region: string, pools: Pool[] | undefined): void {
  const odd = (pools ?? []).find(({ vmSize }) => vmSize && !/^[a-z]+_[a-z]+\d/i.test(vmSize))
  if (odd)
    throw new AksError(
      400,
      'BadRequest',
      `The VM size of ${odd.vmSize} is not allowed in your subscription in location '${region}'. The available VM sizes are '${offeredSizes}'.`,
    )
}

/** Refuses a cluster whose nodes would not fit beside those that the region has already. */
export function checkQuota(
  simulator: Simulator,
  id: string,
  region: string,
  wanted: ClusterProperties,
): void {
  checkSizes(region, wanted.agentPoolProfiles)
  const left = regionalCores - coresUsed(simulator, region, id)
  const asked = usedBy(wanted.agentPoolProfiles)
  if (asked > left)
    throw new AksError(
      400,
      'ErrCode_InsufficientVCPUQuota',
      `Insufficient regional vcpu quota left for location ${region}. left regional vcpu quota ${left}, requested quota ${asked}. If you want to increase the quota, please follow this instruction: https://learn.microsoft.com/en-us/azure/quotas/view-quotas. Surge nodes would also consume vcpu quota, please consider use smaller maxSurge or use maxUnavailable to proceed upgrade without surge nodes, details: aka.ms/aks/maxUnavailable.`,
    )
}
