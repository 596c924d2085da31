import { instruction } from '../base/command.ts'
import { type AnyCheck, check, fail, pass } from '../engine/check.ts'
import type { Grant } from '../targets/target.ts'
import { notReached, type ResourceCheck, readAsWorkload, grantUses as uses } from './grant-proof.ts'
import { principalExists } from './identity.ts'
import { tokenExchange } from './token-exchange.ts'

/**
 * Returns the checks of access that is granted in a database. What is there can't be seen from outside, except that the
 * server finds a user for the workload's token.
 */
export function databaseUserChecks(grant: Grant, resourceExists: ResourceCheck, acceptsTokens: AnyCheck) {
  const { text: subject, entity, role } = grant
  const roleGranted = check<{ found: boolean }>()({
    code: 'WI903',
    title: 'The identity has a role for the grant',
    subject,
    link: 'access',
    uses,
    needs: {
      resource: resourceExists,
      // Without it, a server takes a token for a wrong password.
      accepts: acceptsTokens,
      principal: principalExists,
      exchanged: tokenExchange,
    },
    async run(ctx) {
      const result = await readAsWorkload(ctx, grant)
      const silent = notReached(result)
      if (silent) return silent
      if ('error' in result && result.cause === 'role') {
        return fail({
          detail: `The database ${entity} has no user for the identity`,
          is: '(none)',
          should: role.name,
          remedy: instruction`In the database, run the statements that ${ctx.command('grant', 'grants')} prints`,
        })
      }
      return pass({ found: true }, 'shown' in result ? `${entity} has a user for it` : 'not refused for this')
    },
  })
  const roleSuffices = check()({
    code: 'WI904',
    title: "The identity's role includes the granted access at the granted scope",
    subject,
    link: 'access',
    uses,
    needs: { has: roleGranted },
    run: async () => ({
      status: 'skip' as const,
      detail: `not proven: what the user may do in ${entity} can't be seen from outside`,
    }),
  })
  return { roleGranted, roleSuffices }
}
