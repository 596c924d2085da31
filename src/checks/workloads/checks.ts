import { type AdditionalFinding, type AnyCheck, check, fail, pass, type Verdict } from '../../engine/check.ts'
import type { Settings } from '../../settings/settings.ts'
import { clusterReachable } from '../cluster.ts'
import { identityExists } from '../identity.ts'
import { podInjected } from '../injection.ts'
import { accountAnnotated, tenantAnnotation } from '../service-account.ts'
import { webhookReady } from '../webhook.ts'
import { getWorkloads, listWorkloads, runningWorkloads } from './cluster-workloads.ts'
import { loadLintContext } from './lint-context.ts'
import { remedyFor } from './remedy.ts'
import type { LintContext, RuleFinding, WorkloadRule } from './rule.ts'
import { workloadRules } from './rules.ts'
import { type Workload, type WorkloadKind, workloadTitle } from './workload.ts'

/** What was found to be looked at. */
export interface LintInput {
  workloads: Workload[]
  context: LintContext
  /** Looks anew, where it may have changed meanwhile: what is being made anew is waited for. */
  reload?: () => Promise<Verdict<LintInput>>
}

/** By name in kubectl's spelling, all in the namespace, or what runs. */
export type WorkloadSelection = readonly { kind: WorkloadKind; name: string }[] | 'all' | 'running'

const excludedWhen = (settings: Settings) => settings.webhook === 'none'

/** Code and sentence of what finds the workloads, wherever they are looked for. */
export const workloadsCheck = {
  code: 'WI200',
  title: 'The workloads can be looked at',
  link: 'workload',
} as const

const words: Record<WorkloadKind, string> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  ReplicaSet: 'replicasets',
  Job: 'jobs',
  CronJob: 'cronjobs',
  Pod: 'pods',
}

export const workloadsFound = (wanted: WorkloadSelection) =>
  check<LintInput>()({
    ...workloadsCheck,
    uses: ['namespace', 'serviceAccount', 'audience', 'webhook'],
    needs: { api: clusterReachable },
    // Asked for by name they are looked at in any case.
    ...(wanted === 'running' ? { excludedWhen } : {}),
    run({ settings, api, command, once }) {
      const { namespace, serviceAccount: account } = settings
      const around = (workloads: readonly Workload[], deep: boolean) =>
        loadLintContext({
          settings: {
            audience: settings.audience,
            identityAccount: (of) => (of === namespace ? account : undefined),
          },
          workloads,
          kube: api.kube,
          version: api.version,
          command,
          deep,
        })
      const look = async (): Promise<Verdict<LintInput>> => {
        if (wanted === 'running') {
          let suspects: Workload[] = []
          const suspect = async (running: Workload[]) => {
            const seen = await around(running, false)
            suspects = running.filter((each) => workloadRules.some((rule) => rule.inspect(each, seen).length))
            return suspects
          }
          const found = await runningWorkloads(api.kube, { namespace, account, suspect })
          if (!found) return { status: 'skip', detail: `the pods of ${namespace} may not be listed` }
          // While all is well, nothing more is read.
          return pass({ workloads: found, context: await around(found, suspects.length > 0), reload })
        }
        if (wanted === 'all') {
          const found = await listWorkloads(api.kube, namespace, account)
          return pass({ workloads: found, context: await around(found, true), reload }, counted(found))
        }
        const found = await getWorkloads(api.kube, namespace, wanted)
        const missing = wanted.find((_, index) => !found[index])
        if (missing)
          return fail({
            detail: `There is no ${missing.kind} ${namespace}/${missing.name}`,
            remedy: `kubectl -n ${namespace} get ${words[missing.kind]}`,
          })
        const workloads = found.filter((each) => each !== undefined)
        return pass(
          { workloads, context: await around(workloads, true), reload },
          workloads.map(workloadTitle).join(', '),
        )
      }
      const reload = () => once('workloads', look)
      return reload()
    },
  })

const counted = ({ length }: readonly unknown[]) => `${length} ${length === 1 ? 'workload' : 'workloads'}`

const found = workloadsFound('running')

/** A rule as a check: each workload that it finds fault with gets a result of its own. */
const ruled = (rule: WorkloadRule): AnyCheck => {
  const { code, title, level } = rule
  return check()({
    code,
    title,
    link: 'workload',
    ...(level ? { level } : {}),
    uses: [],
    needs: {
      found,
      ...(rule.needs?.includes('account')
        ? { account: accountAnnotated, tenant: tenantAnnotation, identity: identityExists }
        : {}),
      ...(rule.needs?.includes('webhook') ? { webhook: webhookReady, injected: podInjected } : {}),
    },
    async run(context) {
      // Not looked for at all where the webhook is nobody's concern.
      const { found: before, webhook } = context as {
        found?: LintInput
        webhook?: { version: string | undefined }
      }
      if (!before) return { status: 'skip', detail: '' }
      const now = await before.reload?.()
      const found = now?.status === 'pass' ? now.out : before
      if (rule.clusterOnly && found.context.kubernetesVersion === undefined)
        return { status: 'skip', detail: 'only a cluster can tell' }
      const around = { ...found.context, webhookVersion: webhook?.version ?? found.context.webhookVersion }
      const faults = found.workloads.flatMap((each) =>
        rule.inspect(each, around).map((fault) => said(each, fault, level === 'warning')),
      )
      const [first, ...more] = faults.sort((a, b) => weight(a) - weight(b))
      if (!first) return pass(true as const)
      const all = { ...first, ...(more.length ? { more } : {}) }
      return (all.status === 'warn' ? { ...all, out: true } : all) as Verdict<true>
    },
  })
}

const weight = ({ status }: AdditionalFinding) => (status === 'fail' ? 0 : 1)

const said = (workload: Workload, fault: RuleFinding, warns: boolean): AdditionalFinding => ({
  status: warns || fault.warning ? 'warn' : 'fail',
  detail: fault.detail,
  ...(fault.is === undefined ? {} : { is: fault.is }),
  ...(fault.should === undefined ? {} : { should: fault.should }),
  remedy: remedyFor(workload, fault),
  ...(fault.transient ? { transient: true } : {}),
})

export const workloadRuleChecks: readonly AnyCheck[] = workloadRules.map(ruled)
