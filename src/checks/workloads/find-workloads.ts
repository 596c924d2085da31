import { kubectl } from '../../base/command.ts'
import type { KubeObject, Kubernetes } from '../../clients/kubernetes.ts'
import { check, fail, pass, type Verdict } from '../../engine/check.ts'
import { clusterReachable } from '../cluster.ts'
import { accountsOf, identityObjects, readObjects } from '../objects/find-objects.ts'
import type { AccountReference, IdentityObject, ObjectContext } from '../objects/object-kind.ts'
import { getWorkloads, listWorkloads, runningWorkloads, usesWorkloadIdentity } from './cluster-workloads.ts'
import { loadLintContext } from './lint-context.ts'
import type { LintContext } from './rule.ts'
import { workloadRules } from './rules.ts'
import { mayUseOtherToken, usesOtherToken } from './token-source.ts'
import { type Workload, type WorkloadKind, workloadTitle } from './workload.ts'

/** Workloads and the objects around them, as input of the rules. */
export interface LintInput {
  workloads: Workload[]
  context: LintContext
  /** Objects of other controllers that use workload identity. */
  objects: IdentityObject[]
  objectContext: ObjectContext
  /** Reads everything again, unless the reads of this attempt are shared; undefined for manifests. */
  reload?: () => Promise<Verdict<LintInput>>
}

/** Workloads by kind and name, all in the namespace, or those that run as the service account. */
export type WorkloadSelection = readonly { kind: WorkloadKind; name: string }[] | 'all' | 'running'

/** Code and title of the check that finds the workloads, in a cluster or in manifests. */
export const workloadsCheck = {
  code: 'WI200',
  title: 'The selected workloads exist and can be read',
  link: 'workload',
} as const

const pluralKinds: Record<WorkloadKind, string> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  ReplicaSet: 'replicasets',
  Job: 'jobs',
  CronJob: 'cronjobs',
  Pod: 'pods',
}

type LoadContext = (
  workloads: readonly Workload[],
  deep: boolean,
  more?: { objects: readonly KubeObject[]; accounts: readonly AccountReference[] },
) => Promise<LintContext>

type Found = Omit<LintInput, 'reload'> & { detail?: string }

/** Returns what was found where only workloads were looked for. */
const onlyWorkloads = (workloads: Workload[], context: LintContext): Found => ({
  workloads,
  context,
  objects: [],
  objectContext: { ...context, workloads },
})

/** Returns the check that finds the selected workloads in the cluster. */
export const workloadsFound = (selection: WorkloadSelection) =>
  check<LintInput>()({
    ...workloadsCheck,
    uses: ['namespace', 'serviceAccount', 'audience', 'webhook'],
    needs: { api: clusterReachable },
    // Workloads that were selected explicitly are checked even without the webhook.
    ...(selection === 'running' ? { excludedWhen: ({ webhook }) => webhook === 'none' } : {}),
    run({ settings, api, command, once }) {
      const { namespace, serviceAccount, audience } = settings
      const loadContext: LoadContext = (workloads, deep, more) =>
        loadLintContext({
          ...more,
          settings: {
            audience,
            identityAccount: (name) => (name === namespace ? serviceAccount : undefined),
          },
          workloads,
          kube: api.kube,
          version: api.version,
          command,
          deep,
        })
      const find = async (): Promise<Found | Verdict<never>> => {
        if (selection === 'running')
          return findRunning(api.kube, { namespace, account: serviceAccount }, loadContext)
        if (selection !== 'all') return findSelected(api.kube, namespace, selection, loadContext)
        return findAll(api.kube, { namespace, account: serviceAccount }, loadContext)
      }
      const reload = () =>
        once('workloads', async (): Promise<Verdict<LintInput>> => {
          const found = await find()
          if ('status' in found) return found
          const { detail, ...input } = found
          return pass({ ...input, reload }, detail)
        })
      return reload()
    },
  })

const count = (length: number, noun: string) => `${length} ${noun}${length === 1 ? '' : 's'}`

async function findAll(
  kube: Kubernetes,
  { namespace, account }: { namespace: string; account: string },
  loadContext: LoadContext,
): Promise<Found> {
  const [every, { objects, forbidden }] = await Promise.all([
    listWorkloads(kube, namespace),
    readObjects(kube, namespace),
  ])
  const candidates = every.filter((each) => usesWorkloadIdentity(each, account) || mayUseOtherToken(each))
  const context = await loadContext(candidates, true, { objects, accounts: accountsOf(objects) })
  const workloads = candidates.filter(
    (each) => usesWorkloadIdentity(each, account) || usesOtherToken(each, context),
  )
  const objectContext = { ...context, workloads: every }
  const found = identityObjects(
    objects.map((object) => ({ object, location: undefined })),
    objectContext,
  )
  const detail = [
    count(workloads.length, 'workload'),
    ...(found.length ? [count(found.length, 'other object')] : []),
    ...(forbidden.length ? [`you aren't allowed to list ${forbidden.join(', ')}`] : []),
  ]
  return { workloads, context, objects: found, objectContext, detail: detail.join(', ') }
}

async function findRunning(
  kube: Kubernetes,
  scope: { namespace: string; account: string },
  loadContext: LoadContext,
): Promise<Found | Verdict<never>> {
  let suspects: Workload[] = []
  const findSuspects = async (running: Workload[]) => {
    const context = await loadContext(running, false)
    suspects = running.filter((each) => workloadRules.some((rule) => rule.inspect(each, context).length))
    return suspects
  }
  const workloads = await runningWorkloads(kube, { ...scope, findSuspects })
  if (!workloads) return { status: 'skip', detail: `you aren't allowed to list pods in ${scope.namespace}` }
  // Namespaces and ConfigMaps are read only if a rule has a finding without them.
  return onlyWorkloads(workloads, await loadContext(workloads, suspects.length > 0))
}

async function findSelected(
  kube: Kubernetes,
  namespace: string,
  selection: readonly { kind: WorkloadKind; name: string }[],
  loadContext: LoadContext,
): Promise<Found | Verdict<never>> {
  const found = await getWorkloads(kube, namespace, selection)
  const missing = selection.find((_, index) => !found[index])
  if (missing)
    return fail({
      detail: `The ${missing.kind} ${namespace}/${missing.name} does not exist`,
      remedy: kubectl(['get', pluralKinds[missing.kind]], { namespace }),
    })
  const workloads = found.filter((each) => each !== undefined)
  return {
    ...onlyWorkloads(workloads, await loadContext(workloads, true)),
    detail: workloads.map(workloadTitle).join(', '),
  }
}
