import { randomUUID } from 'node:crypto'
import { withoutEmpty } from './properties.ts'
import type { Pool } from './validation.ts'

const defaults = {
  count: 1,
  vmSize: 'Standard_D2s_v5',
  osDiskSizeGB: 128,
  osDiskType: 'Managed',
  kubeletDiskType: 'OS',
  type: 'VirtualMachineScaleSets',
  scaleDownMode: 'Delete',
  enableNodePublicIP: false,
  mode: 'User',
  osType: 'Linux',
  osSKU: 'Ubuntu',
  nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202611.02.0',
  upgradeSettings: { maxSurge: '10%', maxUnavailable: '0' },
  enableFIPS: false,
  securityProfile: { sshAccess: 'LocalUser', enableVTPM: false, enableSecureBoot: false },
}

/** Returns what a pool requests. AKS ignores empty lists, a disk size of 0, and spot settings of other pools. */
function requestedProperties(pool: Pool): Partial<Pool> {
  const input = withoutEmpty(pool)
  if (input.scaleSetPriority !== 'Spot')
    for (const name of ['scaleSetPriority', 'scaleSetEvictionPolicy', 'spotMaxPrice']) delete input[name]
  for (const [name, value] of Object.entries(input))
    if ((Array.isArray(value) && value.length === 0) || (name === 'osDiskSizeGB' && value === 0))
      delete input[name]
  return input
}

/** Returns pools with their defaults. An existing pool keeps what the request leaves out. */
export const mergePools = (
  pools: Pool[] | undefined,
  cluster: { current: Pool[]; version: string; patch: string; state: string; maxPods: number },
): Pool[] =>
  (pools ?? cluster.current).map((pool) => {
    const old = cluster.current.find(({ name }) => name === pool.name)
    const input = requestedProperties(pool)
    return {
      ...defaults,
      maxPods: cluster.maxPods,
      ...(old && { enableAutoScaling: false }),
      ...old,
      ...input,
      upgradeSettings: {
        ...defaults.upgradeSettings,
        ...(input.upgradeSettings ?? old?.upgradeSettings ?? {}),
      },
      name: pool.name,
      orchestratorVersion: pool.orchestratorVersion || old?.orchestratorVersion || cluster.version,
      currentOrchestratorVersion: old?.currentOrchestratorVersion ?? cluster.patch,
      provisioningState: cluster.state,
      powerState: input.powerState ?? old?.powerState ?? { code: 'Running' },
      eTag: randomUUID(),
    } as Pool
  })
