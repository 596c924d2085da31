import type { KubernetesRight } from '../clients/kubernetes.ts'
import { check, fail, pass } from '../engine/check.ts'
import { type ClusterApi, clusterReachable } from './cluster.ts'
import { kubernetesRules, type PolicyRule } from './kubernetes-rules.ts'

const has = (given: string[] | undefined, wanted: string[] | undefined) =>
  (wanted ?? []).every((each) => given?.some((one) => one === '*' || one === each))

/** `*` and `*\/token` count for any resource and any subresource. */
const hasResource = (given: string[] | undefined, wanted: string) =>
  has(given, [wanted]) || (wanted.includes('/') && has(given, [`*/${wanted.split('/')[1]}`]))

const covers = (given: KubernetesRight, verb: string, wanted: PolicyRule) => {
  if (!has(given.verbs, [verb])) return false
  if (wanted.nonResourceURLs) return has(given.nonResourceURLs, wanted.nonResourceURLs)
  return (
    has(given.apiGroups, wanted.apiGroups) &&
    (wanted.resources ?? []).every((each) => hasResource(given.resources, each)) &&
    (!given.resourceNames?.length || has(given.resourceNames, wanted.resourceNames ?? ['']))
  )
}

/** What of the wanted rules is not covered, in words: `create serviceaccounts/token`. */
export const missingRights = (given: readonly KubernetesRight[], wanted: readonly PolicyRule[]): string[] => [
  ...new Set(
    wanted.flatMap((rule) =>
      rule.verbs
        .filter((verb) => !given.some((each) => covers(each, verb, rule)))
        .map((verb) => `${verb} ${(rule.resources ?? rule.nonResourceURLs)?.join(', ')}`),
    ),
  ),
]

export const clusterReadRights = check<ClusterApi>()({
  code: 'WI702',
  title: 'You may look at the workload in the cluster',
  link: 'cluster',
  uses: ['namespace', 'serviceAccount', 'webhook', 'sample', 'context', 'kubeconfig'],
  needs: { api: clusterReachable },
  async run({ settings, api, command }) {
    const given = await api.kube.ownRights(settings.namespace)
    // Where the authorizers cannot tell (Azure RBAC), each request will.
    if (!given) return pass(api)
    const { namespace, cluster } = kubernetesRules(settings).verify
    const open = [
      ...missingRights(given, namespace).map((right) => `${right} in the namespace ${settings.namespace}`),
      ...missingRights(given, cluster),
    ]
    if (open.length === 0) return pass(api)
    const caller = await api.kube.callerName()
    return fail({
      detail: `You lack rights in the cluster: ${open.join(', ')}\nSomebody who has them all can give them to you:`,
      remedy: `${command('permissions', 'namespace', 'serviceAccount')} --user ${caller ?? 'YOU'} | kubectl apply --filename -`,
    })
  },
})
