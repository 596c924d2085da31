import { patchFor } from './kubernetes-versions.ts'
import { podsPerNode } from './network.ts'
import { mergePools } from './pool-properties.ts'
import { type ClusterOptions, clusterProperties } from './properties.ts'
import {
  type ClusterBody,
  type ClusterProperties,
  checkChange,
  checkCluster,
  checkWorkloadIdentity,
} from './validation.ts'

/** Returns the properties that a PUT asks for and the version that the cluster will have. Throws `AksError`. */
export function requestedProperties(
  input: ClusterBody,
  options: ClusterOptions,
): { properties: ClusterProperties; version: string } {
  const { current, name } = options
  const requested = input.properties ?? {}
  const properties = clusterProperties(requested, options)
  const version = patchFor(properties.kubernetesVersion!, {
    cluster: name,
    supportPlan: properties.supportPlan,
  })
  const state = provisioningState(current, version)
  properties.agentPoolProfiles = mergePools(requested.agentPoolProfiles, {
    current: current?.agentPoolProfiles ?? [],
    version: properties.kubernetesVersion!,
    patch: version,
    state,
    maxPods: podsPerNode(properties),
  })
  properties.currentKubernetesVersion = current?.currentKubernetesVersion ?? version
  properties.provisioningState = state
  checkCluster(name, input, properties)
  if (current) checkChange(requested, current)
  checkWorkloadIdentity(properties)
  return { properties, version }
}

function provisioningState(current: ClusterProperties | undefined, version: string): string {
  if (!current) return 'Creating'
  return current.currentKubernetesVersion === version ? 'Updating' : 'Upgrading'
}
