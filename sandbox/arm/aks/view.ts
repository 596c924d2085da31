import type { Resource } from '../state.ts'
import type { ClusterProperties, Pool } from './validation.ts'

const withoutTag = ({ eTag: _, ...pool }: Pool): Pool => pool as Pool

/** A cluster as a version of the API shows it: eTags in previews only; the newest versions have a few members more and fewer. */
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
        agentPoolProfiles: isPreview ? agentPoolProfiles : agentPoolProfiles.map(withoutTag),
      }),
      nodeProvisioningProfile: isNew ? provisioning : { ...provisioning, defaultNodePools },
      ...(isNew && { hostedSystemProfile }),
    },
  }
}
