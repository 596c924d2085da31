import { type CheckContext, check, fail, pass, warn } from '../engine/check.ts'
import { accessOf } from '../targets/role-access.ts'
import { type Grant, grantLabel } from '../targets/target.ts'
import { type ResourceCheck, readAsWorkload, grantUses as uses } from './grant-proof.ts'
import { principalExists } from './identity.ts'
import { tokenExchange } from './token-exchange.ts'

/** Returns the checks of a role: there is one, and it includes the granted access. */
export function roleChecks(grant: Grant, resourceExists: ResourceCheck) {
  const { target, text: subject, role } = grant
  const what = `${target.resourceTitle} ${grant.resource.split('/').at(-1)}`
  const fix = (ctx: Pick<CheckContext<never, Record<never, never>>, 'command'>) =>
    ctx.command('grant', 'grants')

  /** For `overruledBy`: the checks that infer access. */
  const byProof = async (ctx: Parameters<typeof readAsWorkload>[0]): Promise<string | undefined> => {
    if (ctx.exchanged === undefined || ctx.resource === undefined) return undefined
    const result = await readAsWorkload(ctx, grant)
    return 'shown' in result && result.shown !== undefined ? `The workload ${result.shown}` : undefined
  }

  const roleGranted = check<{ found: boolean }>()({
    code: 'WI903',
    title: 'The identity has a role for the grant',
    subject,
    link: 'access',
    uses,
    needs: { resource: resourceExists, principal: principalExists, exchanged: tokenExchange },
    overruledBy: byProof,
    async run(ctx) {
      const access = accessOf(grant)
      const { resource } = ctx
      const context = { ...ctx, grant, resource, principalId: ctx.principal.principalId }
      const found = await access.find(context)
      if (found?.condition !== undefined)
        return warn(
          { found: true },
          {
            detail: `The identity's role ${found.role} applies only under a condition, which may exclude the workload's requests`,
            is: found.condition,
            should: `a condition that allows ${role.action}`,
            remedy: `Change the condition of the role assignment at ${found.scope}`,
          },
        )
      if (found) return pass({ found: true }, `${found.role} on ${found.scope.split('/').at(-1)}`)
      if ((await access.others(context)).length) return pass({ found: false }, 'it has other roles')
      return fail({
        detail: `The identity has no role on the ${what}`,
        is: '(none)',
        should: role.name,
        remedy: fix(ctx),
      })
    },
  })

  const roleSuffices = check()({
    code: 'WI904',
    title: "The identity's role includes the granted access at the granted scope",
    subject,
    link: 'access',
    uses,
    needs: {
      has: roleGranted,
      resource: resourceExists,
      principal: principalExists,
      exchanged: tokenExchange,
    },
    overruledBy: byProof,
    async run(ctx) {
      if (ctx.has.found) return pass(true as const)
      const { resource } = ctx
      const context = { ...ctx, grant, resource, principalId: ctx.principal.principalId }
      return fail({
        detail: `The identity's roles don't include ${role.name} for ${grantLabel(grant)}`,
        is: (await accessOf(grant).others(context)).join(', '),
        should: `${role.name} on ${grantLabel(grant)}`,
        remedy: fix(ctx),
      })
    },
  })

  return { roleGranted, roleSuffices }
}
