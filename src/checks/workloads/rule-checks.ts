import { type AdditionalFinding, type AnyCheck, check } from '../../engine/check.ts'
import { identityExists } from '../identity.ts'
import { podInjected } from '../injection.ts'
import { accountAnnotated, tenantAnnotation } from '../service-account.ts'
import { webhookReady } from '../webhook.ts'
import { type LintInput, workloadsFound } from './find-workloads.ts'
import { remedyFor } from './remedy.ts'
import type { RuleFinding, WorkloadRule } from './rule.ts'
import { workloadRules } from './rules.ts'
import { verdictOf } from './verdict.ts'
import type { Workload } from './workload.ts'

const found = workloadsFound('running')

/** Returns the check of a rule. It reports one result for each workload with a finding. */
const checkOf = (rule: WorkloadRule): AnyCheck => {
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
    // Its finding about the client ID is also one about the pods that got it.
    ...(rule.needs?.includes('account') ? { explainedBy: [identityExists] } : {}),
    async run(needs) {
      // `found` is undefined if its check is excluded, which is without a webhook.
      const { found: first, webhook } = needs as {
        found?: LintInput
        webhook?: { version: string | undefined }
      }
      if (!first) return { status: 'skip', detail: '' }
      const reloaded = await first.reload?.()
      const input = reloaded?.status === 'pass' ? reloaded.out : first
      if (rule.clusterOnly && input.context.kubernetesVersion === undefined)
        return { status: 'skip', detail: 'needs a cluster' }
      const context = { ...input.context, webhookVersion: webhook?.version ?? input.context.webhookVersion }
      return verdictOf(
        input.workloads.flatMap((workload) =>
          rule
            .inspect(workload, context)
            .map((finding) => withRemedy(workload, finding, level === 'warning')),
        ),
      )
    },
  })
}

const withRemedy = (workload: Workload, finding: RuleFinding, onlyWarns: boolean): AdditionalFinding => ({
  status: onlyWarns || finding.warning ? 'warn' : 'fail',
  detail: finding.detail,
  ...(finding.is === undefined ? {} : { is: finding.is }),
  ...(finding.should === undefined ? {} : { should: finding.should }),
  remedy: remedyFor(workload, finding),
  workload: `${workload.kind}/${workload.name}`,
  ...(finding.transient ? { transient: true } : {}),
})

export const workloadRuleChecks: readonly AnyCheck[] = workloadRules.map(checkOf)
