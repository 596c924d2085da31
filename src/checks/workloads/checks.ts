import { type AdditionalFinding, type AnyCheck, check, fail, pass, type Verdict } from '../../engine/check.ts'
import type { Settings } from '../../settings/settings.ts'
import { clusterAnswers } from '../cluster.ts'
import { identityExists } from '../identity.ts'
import { podInjected } from '../injection.ts'
import { accountAnnotated, tenantIsTheIdentitys } from '../service-account.ts'
import { webhookHealthy } from '../webhook.ts'
import { surroundings } from './around.ts'
import { allOf, namedOnes, runningOnes } from './in-cluster.ts'
import { remedyFor } from './remedy.ts'
import type { Around, Fault, Rule } from './rule.ts'
import { rules } from './rules.ts'
import { titleOf, type Workload, type WorkloadKind } from './workload.ts'

/** What was found to be looked at. */
export interface Lint {
  workloads: Workload[]
  around: Around
  /** Looks anew, where it may have changed meanwhile: what is being made anew is waited for. */
  again?: () => Promise<Verdict<Lint>>
}

/** By name in kubectl's spelling, all in the namespace, or what runs. */
export type Wanted = readonly { kind: WorkloadKind; name: string }[] | 'all' | 'running'

const excludedWhen = (settings: Settings) => settings.webhook === 'none'

/** Code and sentence of what finds the workloads, wherever they are looked for. */
export const finding = {
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

export const workloadsIn = (wanted: Wanted) =>
  check<Lint>()({
    ...finding,
    uses: ['namespace', 'serviceAccount', 'audience', 'webhook'],
    needs: { api: clusterAnswers },
    // Asked for by name they are looked at in any case.
    ...(wanted === 'running' ? { excludedWhen } : {}),
    run({ settings, api, command, once }) {
      const { namespace, serviceAccount: account } = settings
      const around = (workloads: readonly Workload[], deep: boolean) =>
        surroundings({
          settings: {
            audience: settings.audience,
            target: (of) => (of === namespace ? account : undefined),
          },
          workloads,
          kube: api.kube,
          version: api.version,
          command,
          deep,
        })
      const look = async (): Promise<Verdict<Lint>> => {
        if (wanted === 'running') {
          let suspects: Workload[] = []
          const suspect = async (running: Workload[]) => {
            const seen = await around(running, false)
            suspects = running.filter((each) => rules.some((rule) => rule.look(each, seen).length))
            return suspects
          }
          const found = await runningOnes(api.kube, { namespace, account, suspect })
          if (!found) return { status: 'skip', detail: `the pods of ${namespace} may not be listed` }
          // While all is well, nothing more is read.
          return pass({ workloads: found, around: await around(found, suspects.length > 0), again })
        }
        if (wanted === 'all') {
          const found = await allOf(api.kube, namespace, account)
          return pass({ workloads: found, around: await around(found, true), again }, counted(found))
        }
        const found = await namedOnes(api.kube, namespace, wanted)
        const missing = wanted.find((_, index) => !found[index])
        if (missing)
          return fail({
            detail: `There is no ${missing.kind} ${namespace}/${missing.name}`,
            remedy: `kubectl -n ${namespace} get ${words[missing.kind]}`,
          })
        const workloads = found.filter((each) => each !== undefined)
        return pass(
          { workloads, around: await around(workloads, true), again },
          workloads.map(titleOf).join(', '),
        )
      }
      const again = () => once('workloads', look)
      return again()
    },
  })

const counted = ({ length }: readonly unknown[]) => `${length} ${length === 1 ? 'workload' : 'workloads'}`

const found = workloadsIn('running')

/** A rule as a check: each workload that it finds fault with gets a result of its own. */
const ruled = (rule: Rule): AnyCheck => {
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
        ? { account: accountAnnotated, tenant: tenantIsTheIdentitys, identity: identityExists }
        : {}),
      ...(rule.needs?.includes('webhook') ? { webhook: webhookHealthy, injected: podInjected } : {}),
    },
    async run(context) {
      // Not looked for at all where the webhook is nobody's concern.
      const { found: before, webhook } = context as {
        found?: Lint
        webhook?: { version: string | undefined }
      }
      if (!before) return { status: 'skip', detail: '' }
      const now = await before.again?.()
      const found = now?.status === 'pass' ? now.out : before
      if (rule.live && found.around.kubernetes === undefined)
        return { status: 'skip', detail: 'only a cluster can tell' }
      const around = { ...found.around, webhook: webhook?.version ?? found.around.webhook }
      const faults = found.workloads.flatMap((each) =>
        rule.look(each, around).map((fault) => said(each, fault, level === 'warning')),
      )
      const [first, ...more] = faults.sort((a, b) => weight(a) - weight(b))
      if (!first) return pass(true as const)
      const all = { ...first, ...(more.length ? { more } : {}) }
      return (all.status === 'warn' ? { ...all, out: true } : all) as Verdict<true>
    },
  })
}

const weight = ({ status }: AdditionalFinding) => (status === 'fail' ? 0 : 1)

const said = (workload: Workload, fault: Fault, warns: boolean): AdditionalFinding => ({
  status: warns || fault.warning ? 'warn' : 'fail',
  detail: fault.detail,
  ...(fault.is === undefined ? {} : { is: fault.is }),
  ...(fault.should === undefined ? {} : { should: fault.should }),
  remedy: remedyFor(workload, fault),
  ...(fault.transient ? { transient: true } : {}),
})

export const workloadRules: readonly AnyCheck[] = rules.map(ruled)
