import { hasCode } from '../../clients/service-error.ts'
import { check, fail, pass } from '../../engine/check.ts'
import { withFlag } from '../with-flag.ts'
import { existingResources } from './existing-resources.ts'

/** AKS takes no smaller size for a node of the system. */
const least = 2

/** Since the third version of a series the number in a size's name is that of its cores; before, it need not be. */
const coresOf = (size: string | undefined) =>
  Math.max(least, Number(/^[a-z]+_[a-z]+(\d+)[a-z]*_v(?:[3-9]|\d\d)$/i.exec(size ?? '')?.[1] ?? least))

export const coreQuota = check()({
  code: 'WI807',
  title: 'The location has processor cores left for the nodes of a new cluster',
  link: 'caller',
  uses: ['location', 'resourceGroup', 'nodeCount', 'nodeSize', 'os', 'context', 'kubeconfig', 'cluster'],
  needs: { there: existingResources },
  excludedWhen: ({ context, kubeconfig }) => context !== undefined || kubeconfig !== undefined,
  async run({ settings, there, account, command }) {
    if (there.cluster) return pass(true as const, 'the cluster is there already')
    const location = (there.group?.location ?? settings.location).toLowerCase().replaceAll(' ', '')
    let quota: Awaited<ReturnType<typeof account.cores>>
    try {
      quota = await account.cores(location)
    } catch (error) {
      // Who may not ask, or a subscription that has not used Compute yet, need not be short of cores.
      if (hasCode(error, 'AuthorizationFailed', 'MissingSubscriptionRegistration', ...unknown))
        return pass(true as const, 'Azure does not tell')
      throw error
    }
    if (!quota) return pass(true as const, 'Azure does not tell')
    const { nodeCount, nodeSize, os } = settings
    const each = coresOf(nodeSize)
    // Windows has one node more.
    const others = os === 'windows' ? each : 0
    const needed = nodeCount * each + others
    const left = quota.limit - quota.used
    if (needed <= left) return pass(true as const, `${left} left in ${location}`)
    const fits = Math.floor((left - others) / each)
    return fail({
      detail: `The quota of processor cores in ${location} leaves ${Math.max(left, 0)} of ${quota.limit}; ${nodeCount} ${nodeCount === 1 ? 'node needs' : 'nodes need'} ${needed}${nodeSize ? '' : ' at least'}`,
      is: `${Math.max(left, 0)} left`,
      should: `${needed} left`,
      remedy:
        fits > 0
          ? withFlag(command(''), '--node-count', String(fits))
          : `Give another --location, or ask Azure for more (az vm list-usage --location ${location} --output table)`,
    })
  },
})

/** Of clouds that have no such list. */
const unknown = ['InvalidResourceNamespace', 'InvalidResourceType', 'NoRegisteredProviderFound', 'NotFound']
