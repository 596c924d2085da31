import type { Cloud } from '../cloud.ts'
import { propertiesOf } from './cluster-lookup.ts'
import type { ClusterProperties, Pool } from './cluster-rules.ts'
import { ClusterRefusal } from './refusal.ts'
import { ofType } from './resources.ts'

/** What the subscription may use in one region. */
export const mostCores = 100

/** `Standard_D2s_v5` has 2, as the sizes' names tell. */
const coresOf = ({ vmSize, count }: Pool) =>
  Number(/^[a-z]+_[a-z]+(\d+)/i.exec(vmSize ?? '')?.[1] ?? 2) * (count ?? 0)
const usedBy = (pools: Pool[] | undefined) => (pools ?? []).reduce((sum, pool) => sum + coresOf(pool), 0)

/** Of all clusters of the region, but for the one of this id. */
export const coresUsed = (cloud: Cloud, region: string, except?: string): number =>
  ofType(cloud, 'Microsoft.ContainerService/managedClusters')
    .filter(({ body }) => body.location === region && body.id.toLowerCase() !== except?.toLowerCase())
    .reduce((sum, each) => sum + usedBy(propertiesOf(each).agentPoolProfiles), 0)

/** Refuses a cluster whose nodes would not fit beside those that the region has already. */
export function checkQuota(cloud: Cloud, id: string, region: string, wanted: ClusterProperties): void {
  const left = mostCores - coresUsed(cloud, region, id)
  const asked = usedBy(wanted.agentPoolProfiles)
  if (asked > left)
    throw new ClusterRefusal(
      400,
      'ErrCode_InsufficientVCPUQuota',
      `Insufficient regional vcpu quota left for location ${region}. left regional vcpu quota ${left}, requested quota ${asked}. If you want to increase the quota, please follow this instruction: https://learn.microsoft.com/en-us/azure/quotas/view-quotas. Surge nodes would also consume vcpu quota, please consider use smaller maxSurge or use maxUnavailable to proceed upgrade without surge nodes, details: aka.ms/aks/maxUnavailable.`,
    )
}
