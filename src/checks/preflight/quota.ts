import { az, instruction, withFlag } from '../../base/command.ts'
import { hasCode } from '../../clients/service-error.ts'
import { check, fail, pass } from '../../engine/check.ts'
import { usesAks } from '../../settings/uses-aks.ts'
import { existingResources } from './existing-resources.ts'

/** AKS requires at least this many cores for a system node. */
const minimumCores = 2

/** Returns the cores of a VM size. From version 3 of a series, the number in its name is the core count. */
const coresOf = (size: string | undefined) =>
  Math.max(
    minimumCores,
    Number(/^[a-z]+_[a-z]+(\d+)[a-z]*_v(?:[3-9]|\d\d)$/i.exec(size ?? '')?.[1] ?? minimumCores),
  )

export const coreQuota = check()({
  code: 'WI807',
  title: "The region's core quota allows the new cluster's nodes",
  link: 'caller',
  uses: [
    'location',
    'resourceGroup',
    'nodeCount',
    'nodeSize',
    'os',
    'context',
    'kubeconfig',
    'cluster',
    'clusterSubscription',
  ],
  needs: { existing: existingResources },
  excludedWhen: (settings) => !usesAks(settings),
  async run({ settings, existing, inSubscription, command }) {
    const { azureAccount } = inSubscription(settings.clusterSubscription)
    if (existing.cluster) return pass(true as const, 'the cluster exists')
    const location = (existing.group?.location ?? settings.location).toLowerCase().replaceAll(' ', '')
    let quota: Awaited<ReturnType<typeof azureAccount.cores>>
    try {
      quota = await azureAccount.cores(location)
    } catch (error) {
      // Without the right to read the quota, or before Compute is first used, the quota is unknown.
      if (hasCode(error, 'AuthorizationFailed', 'MissingSubscriptionRegistration', ...noQuotaErrors))
        return pass(true as const, 'the quota is unknown')
      throw error
    }
    if (!quota) return pass(true as const, 'the quota is unknown')
    const { nodeCount, nodeSize, os } = settings
    const coresPerNode = coresOf(nodeSize)
    // A Windows cluster also has a Linux system node.
    const systemCores = os === 'windows' ? coresPerNode : 0
    const needed = nodeCount * coresPerNode + systemCores
    const left = quota.limit - quota.used
    if (needed <= left) return pass(true as const, `${left} left in ${location}`)
    const fits = Math.floor((left - systemCores) / coresPerNode)
    return fail({
      detail: `The quota in ${location} has ${Math.max(left, 0)} of ${quota.limit} cores left; ${nodeCount} ${nodeCount === 1 ? 'node needs' : 'nodes need'} ${nodeSize ? '' : 'at least '}${needed}`,
      is: `${Math.max(left, 0)} left`,
      should: `${needed} left`,
      remedy:
        fits > 0
          ? withFlag(command(''), '--node-count', String(fits))
          : instruction`Choose another --location or request a higher quota; to see it, run ${az('vm list-usage', { location, output: 'table' })}`,
    })
  },
})

/** Errors of clouds without a quota API. */
const noQuotaErrors = [
  'InvalidResourceNamespace',
  'InvalidResourceType',
  'NoRegisteredProviderFound',
  'NotFound',
]
