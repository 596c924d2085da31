import { hasCode } from '../../clients/service-error.ts'
import { check, fail, pass } from '../../engine/check.ts'
import { explain } from '../../explain/index.ts'
import { isGuid } from '../../settings/rules.ts'
import { withFlag } from '../with-flag.ts'
import { signedInTenant } from './sign-in.ts'

const excludedWhen = ({ identityKind }: { identityKind: 'app' | 'managed' }) => identityKind === 'managed'

/** Conditional access, strong authentication, token protection. */
const conditional = [
  'AADSTS50005',
  'AADSTS50076',
  'AADSTS50079',
  'AADSTS53000',
  'AADSTS53001',
  'AADSTS53003',
  'AADSTS530084',
]

export const graphReachable = check<{ there: boolean }>()({
  code: 'WI411',
  title: 'No conditional access keeps you from Microsoft Graph',
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
      return pass({ there: found !== undefined })
    } catch (error) {
      // Who may not read may perhaps write: that is for the next one.
      if (hasCode(error, 'Authorization_RequestDenied')) return pass({ there: false })
      if (!hasCode(error, ...conditional)) throw error
      return fail({
        detail: `${explain(error).what}; a managed identity needs no Graph`,
        remedy: withFlag(command(''), '--identity-kind', 'managed'),
        trace: explain(error).trace,
      })
    }
  },
})

export const canRegisterApplications = check()({
  code: 'WI410',
  title: 'You may register an application',
  link: 'caller',
  uses: ['identity', 'identityKind'],
  needs: { caller: signedInTenant, graph: graphReachable },
  excludedWhen,
  async run({ graph, directory, command }) {
    if (graph.there) return pass(true as const, 'it is there already')
    const may = await directory.canRegisterApplications()
    if (may !== false) return pass(true as const, may ? undefined : 'the tenant does not tell')
    return fail({
      detail: 'You may not register applications in this tenant; a managed identity needs no such right',
      is: 'no role or permission for it',
      should: 'Application Developer, or Application.ReadWrite.OwnedBy',
      remedy: withFlag(command(''), '--identity-kind', 'managed'),
    })
  },
})
