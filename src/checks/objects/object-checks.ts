import type { CheckCode } from '../../base/check-code.ts'
import { kubectl, type Remedy } from '../../base/command.ts'
import { type AdditionalFinding, type AnyCheck, check } from '../../engine/check.ts'
import { type LintInput, workloadsFound } from '../workloads/find-workloads.ts'
import { locatedRemedy } from '../workloads/remedy.ts'
import { verdictOf } from '../workloads/verdict.ts'
import { type IdentityObject, isClusterScoped, type ObjectFinding, objectTitle } from './object-kind.ts'

const found = workloadsFound('running')

const checkOf = (about: ObjectFinding['about'], code: CheckCode, title: string): AnyCheck =>
  check()({
    code,
    title,
    link: 'workload',
    uses: [],
    needs: { found },
    async run({ found: first }: { found?: LintInput }) {
      // `found` is undefined if its check is excluded, which is without a webhook.
      if (!first) return { status: 'skip', detail: '' }
      const reloaded = await first.reload?.()
      const { objects, objectContext } = reloaded?.status === 'pass' ? reloaded.out : first
      return verdictOf(
        objects.flatMap((each) =>
          each.kind
            .inspect(each.object, objectContext)
            .filter((finding) => finding.about === about)
            .map((finding) => asFinding(each, finding)),
        ),
      )
    },
  })

const asFinding = (of: IdentityObject, finding: ObjectFinding): AdditionalFinding => ({
  status: finding.warning ? 'warn' : 'fail',
  detail: `${objectTitle(of)} ${finding.detail}`,
  is: finding.is,
  should: finding.should,
  remedy: remedyFor(of, finding),
})

function remedyFor(of: IdentityObject, { field, edit, patch, run }: ObjectFinding): Remedy {
  if (of.location) return locatedRemedy(of.location, field, edit)
  if (run) return run
  const { group, kinds } = of.kind
  const { kind, metadata } = of.object
  if (patch)
    return kubectl(['patch', `${kinds[kind]}.${group}`, metadata.name], {
      ...(isClusterScoped(of) ? {} : { namespace: metadata.namespace }),
      type: 'merge',
      patch: JSON.stringify(patch),
    })
  return `In ${objectTitle(of)}: ${edit}   (${field.join('.')})`
}

/** The checks of other controllers' objects: one for each part of their settings. */
export const objectChecks: readonly AnyCheck[] = [
  checkOf('settings', 'WI225', 'Objects of other controllers are set up for workload identity'),
  checkOf('account', 'WI226', 'Objects of other controllers refer to a service account with an identity'),
  checkOf('label', 'WI227', 'Controllers label the pods that they create for their objects'),
]
