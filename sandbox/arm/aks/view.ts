import type { Resource } from '../state.ts'
import type { ClusterProperties, Pool } from './validation.ts'

const withoutETag = ({ eTag: _, ...pool }: Pool): Pool => pool as Pool

/** Returns a cluster as an API version shows it: eTags in previews only, and some properties by version. */
export function clusterView({ body }: Resource, version: string): Record<string, unknown> {
  const properties = body.properties as ClusterProperties
  const { hostedSystemProfile, nodeProvisioningProfile, agentPoolProfiles, ...rest } = properties
  const { defaultNodePools, ...provisioning } = (nodeProvisioningProfile ?? {}) as Record<string, unknown>
  const isPreview = version.endsWith('-preview')
  const isNew = version >= '2026'
  const { eTag, ...others } = body
  return {
    ...others,
    ...(isPreview && { eTag }),
    properties: {
      ...rest,
      ...(agentPoolProfiles && {
        agentPoolProfiles: isPreview ? agentPoolProfiles : agentPoolProfiles.map(withoutETag),
      }),
      nodeProvisioningProfile: isNew ? provisioning : { ...provisioning, defaultNodePools },
      ...(isNew && { hostedSystemProfile }),
    },
  }
}
