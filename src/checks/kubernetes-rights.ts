import {
  az,
  instruction,
  kubectl,
  piped,
  type Remedy,
  type Script,
  withArgs,
  withFlag,
} from '../base/command.ts'
import type { Kubernetes, KubernetesRight } from '../clients/kubernetes.ts'
import { check, fail, pass } from '../engine/check.ts'
import { isGuid } from '../settings/rules.ts'
import { type ClusterApi, clusterReachable } from './cluster.ts'
import { createPods, type InjectionEvidence, kubernetesRules, type PolicyRule } from './kubernetes-rules.ts'

const includesAll = (granted: string[] | undefined, wanted: string[] | undefined) =>
  (wanted ?? []).every((each) => granted?.some((one) => one === '*' || one === each))

/** In RBAC, `*` matches every resource and `*\/token` that subresource of every resource. */
const includesResource = (granted: string[] | undefined, wanted: string) =>
  includesAll(granted, [wanted]) ||
  (wanted.includes('/') && includesAll(granted, [`*/${wanted.split('/')[1]}`]))

/** Whether a rule of RBAC grants the verb on everything that `wanted` names. */
export const covers = (granted: KubernetesRight, verb: string, wanted: Omit<PolicyRule, 'verbs'>) => {
  if (!includesAll(granted.verbs, [verb])) return false
  if (wanted.nonResourceURLs) return includesAll(granted.nonResourceURLs, wanted.nonResourceURLs)
  return (
    includesAll(granted.apiGroups, wanted.apiGroups) &&
    (wanted.resources ?? []).every((each) => includesResource(granted.resources, each)) &&
    (!granted.resourceNames?.length || includesAll(granted.resourceNames, wanted.resourceNames ?? ['']))
  )
}

/** Returns the wanted rights that are not granted, each like `create serviceaccounts/token`. */
export const missingRights = (
  granted: readonly KubernetesRight[],
  wanted: readonly PolicyRule[],
): string[] => [
  ...new Set(
    wanted.flatMap((rule) =>
      rule.verbs
        .filter((verb) => !granted.some((each) => covers(each, verb, rule)))
        .map((verb) => `${verb} ${(rule.resources ?? rule.nonResourceURLs)?.join(', ')}`),
    ),
  ),
]

/** Returns the detail of a finding about missing rights; its remedy runs as a cluster administrator. */
export const missingRightsDetail = (missing: readonly string[]) =>
  `You don't have these rights in the cluster: ${missing.join(', ')}\nAsk someone who has them to run the fix.`

/** Whether the caller may create pods in the namespace, and so submit one as a dry run. */
export async function canCreatePods(kube: Kubernetes, namespace: string): Promise<boolean> {
  const granted = await kube.ownRights(namespace)
  if (granted) return missingRights(granted, [createPods]).length === 0
  return kube.can({ verb: 'create', resource: 'pods', namespace })
}

/** Returns the command that grants what `permissions` prints to this caller; it runs as a cluster administrator. */
export const grantCommand = (permissions: Script, caller: string | undefined): Remedy => {
  const grant = (user: string) =>
    piped(withFlag(permissions, '--user', user), kubectl(['apply'], { filename: '-' }))
  return caller === undefined ? instruction`With your user name, run ${grant('…')}` : grant(caller)
}

const without = (all: readonly string[], others: readonly string[]) =>
  all.filter((each) => !others.includes(each))

/** Asks for one right that every command needs; the requests themselves show the others. */
async function rightsInAzure(api: ClusterApi, { namespace }: { namespace: string }) {
  const { kube, azureId } = api
  if (azureId === undefined) return pass(api)
  if (await kube.can({ verb: 'get', resource: 'serviceaccounts', namespace })) return pass(api)
  const caller = (await kube.callerName()) ?? '…'
  return fail({
    detail: `The cluster uses Azure RBAC, and you have no role in Azure or in the cluster that allows reading service accounts in namespace ${namespace}`,
    remedy: az('role assignment create', {
      role: 'Azure Kubernetes Service RBAC Cluster Admin',
      ...(isGuid(caller)
        ? { 'assignee-object-id': caller, 'assignee-principal-type': 'ServicePrincipal' }
        : { assignee: caller }),
      scope: azureId,
    }),
  })
}

export const clusterReadRights = check<ClusterApi>()({
  code: 'WI702',
  title: 'You can read the workload in the cluster',
  link: 'cluster',
  uses: ['namespace', 'serviceAccount', 'webhook', 'sample', 'context', 'kubeconfig'],
  needs: { api: clusterReachable },
  async run({ settings, api, command }) {
    const granted = await api.kube.ownRights(settings.namespace)
    // Undefined if the authorizer can't list rights, as with Azure RBAC.
    if (!granted) return rightsInAzure(api, settings)
    const missingFor = (evidence: InjectionEvidence) => {
      const { namespace, cluster } = kubernetesRules(settings, evidence).verify
      return [
        ...missingRights(granted, namespace).map((right) => `${right} in namespace ${settings.namespace}`),
        ...missingRights(granted, cluster),
      ]
    }
    const [dryRun, configuration] = [missingFor('dry run'), missingFor('configuration')]
    if (dryRun.length === 0 || configuration.length === 0) return pass(api)
    // Either of the two roles is sufficient.
    const [one, other] = [without(dryRun, configuration), without(configuration, dryRun)]
    const isNarrow = one.length > 0 && other.length === 0
    const choice = one.length && other.length ? [`${one.join(', ')} or ${other.join(', ')}`] : []
    const missing = [...choice, ...dryRun.filter((right) => configuration.includes(right))]
    const caller = await api.kube.callerName()
    const printed = command('permissions', 'namespace', 'serviceAccount')
    return fail({
      detail: missingRightsDetail(missing),
      remedy: grantCommand(isNarrow ? withArgs(printed, '--without-injection') : printed, caller),
    })
  },
})
