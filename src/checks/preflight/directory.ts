import { withFlag } from '../../base/command.ts'
import { hasCode } from '../../clients/service-error.ts'
import { check, fail, pass } from '../../engine/check.ts'
import { explain } from '../../explain/index.ts'
import { isGuid } from '../../settings/rules.ts'
import { signedInTenant } from './sign-in.ts'

const excludedWhen = ({ identityKind }: { identityKind: 'app' | 'managed' }) => identityKind === 'managed'

/** Errors of conditional access, multifactor authentication and token protection. */
const conditionalAccessErrors = [
  'AADSTS50005',
  'AADSTS50076',
  'AADSTS50079',
  'AADSTS53000',
  'AADSTS53001',
  'AADSTS53003',
  'AADSTS530084',
]

export const graphReachable = check<{ exists: boolean }>()({
  code: 'WI411',
  title: 'Conditional access allows you to use Microsoft Graph',
  link: 'caller',
  uses: ['identity', 'identityKind'],
  needs: { caller: signedInTenant },
  excludedWhen,
  async run({ settings, directory, command }) {
    const { identity } = settings
    try {
      const found = await (isGuid(identity)
        ? directory.applicationByClientId(identity)
        : directory.application(identity))
      return pass({ exists: found !== undefined })
    } catch (error) {
      // A caller who can't read applications may still be able to register one; the next check decides.
      if (hasCode(error, 'Authorization_RequestDenied')) return pass({ exists: false })
      if (!hasCode(error, ...conditionalAccessErrors)) throw error
      return fail({
        detail: `${explain(error).what}. A managed identity works without Microsoft Graph.`,
        remedy: withFlag(command(''), '--identity-kind', 'managed'),
        trace: explain(error).trace,
      })
    }
  },
})

export const canRegisterApplications = check()({
  code: 'WI410',
  title: 'You can register an application',
  link: 'caller',
  uses: ['identity', 'identityKind'],
  needs: { caller: signedInTenant, graph: graphReachable },
  excludedWhen,
  async run({ graph, directory, command }) {
    if (graph.exists) return pass(true as const, 'it exists')
    const allowed = await directory.canRegisterApplications()
    if (allowed !== false) return pass(true as const, allowed ? undefined : "the tenant doesn't report it")
    return fail({
      detail:
        "You aren't allowed to register applications in this tenant. A managed identity doesn't need that right.",
      is: 'no role or permission that allows it',
      should: 'Application Developer, or Application.ReadWrite.OwnedBy',
      remedy: withFlag(command(''), '--identity-kind', 'managed'),
    })
  },
})
