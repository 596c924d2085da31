import { withArgs } from '../base/command.ts'
import type { Clients } from '../clients/clients.ts'
import type { AzureResource } from '../clients/resources.ts'
import { type AnyCheck, type CheckContext, check, fail, pass, warn } from '../engine/check.ts'
import { explain } from '../explain/index.ts'
import { findResource, similarResources } from '../targets/find-resource.ts'
import { prove } from '../targets/prove.ts'
import { refusalCause } from '../targets/refusals.ts'
import { accessOf } from '../targets/role-access.ts'
import { type Grant, grantLabel, type RefusalCause } from '../targets/target.ts'
import { principalExists } from './identity.ts'
import type { Exchange } from './proof.ts'
import { tokenExchange } from './token-exchange.ts'

/** The check that this one wants did not pass, and says why. */
const waitsForAnother = { status: 'skip', detail: 'not checked', forWant: true } as const

const uses = ['namespace', 'serviceAccount', 'audience', 'grants'] as const

/** What came back for the workload's own request, or why it failed. */
type Proven = { shown: string | undefined } | { error: unknown; cause: RefusalCause | undefined }

type ProveContext = Pick<CheckContext<never, Record<never, never>>, 'once' | 'signal'> &
  Pick<Clients, 'cloud' | 'dataPlane'> & { exchanged: { exchange: Exchange }; resource: AzureResource }

/** Sends the request of the proof once per round. */
const readAsWorkload = (ctx: ProveContext, grant: Grant): Promise<Proven> =>
  ctx.once(`proof of ${grant.text}`, async () => {
    const { cloud, dataPlane, signal, exchanged, resource } = ctx
    try {
      return { shown: await prove({ cloud, dataPlane, signal, token: exchanged.exchange }, grant, resource) }
    } catch (error) {
      return { error, cause: refusalCause(grant.target, error) }
    }
  })

/** Returns the skip of a check that has nothing to judge, because the role has no harmless read. */
function unproven(grant: Grant, resource: AzureResource): { status: 'skip'; detail: string } | undefined {
  const proof = grant.target.proof(resource, grant)
  return proof.by === 'none' ? { status: 'skip', detail: `not proven: ${proof.reason}` } : undefined
}

/** Returns the checks of one grant: its resource, the identity's access to it, and the proof. */
export function grantChecks(grant: Grant): AnyCheck[] {
  const { target, text: subject, role } = grant
  const what = `${target.resourceTitle} ${grant.resource.split('/').at(-1)}`
  const fix = (ctx: Pick<CheckContext<never, Record<never, never>>, 'command'>) =>
    ctx.command('grant', 'grants')

  const resourceExists = check<AzureResource>()({
    code: 'WI901',
    title: 'The resource of the grant exists',
    subject,
    link: 'target',
    uses,
    needs: {},
    async run(ctx) {
      const found = await findResource(ctx, grant)
      if (found) return pass(found, found.id)
      const similar = await similarResources(ctx, grant)
      return fail({
        detail: `There is no ${what} in any subscription that you can see`,
        ...(similar.length ? { is: 'none', should: `perhaps ${similar.join(', ')}` } : {}),
        remedy: `Create the ${what}, or name another one with --grant`,
      })
    },
  })

  const acceptsTokens = check()({
    code: 'WI902',
    title: 'The resource of the grant accepts Microsoft Entra tokens',
    subject,
    link: 'target',
    uses,
    needs: { resource: resourceExists },
    async run({ resource }) {
      const disabled = target.entraDisabled?.(resource)
      if (!disabled) return pass(true as const)
      return fail({
        detail: `The ${what} accepts no Microsoft Entra tokens`,
        ...disabled,
        remedy: `Change the ${what}: it needs ${disabled.should}`,
      })
    },
  })

  const network = check<{ read: () => Promise<Proven> }>()({
    code: 'WI905',
    title: "The firewall of the grant's resource allows this machine",
    subject,
    link: 'target',
    uses,
    needs: { resource: resourceExists, exchanged: tokenExchange },
    async run(ctx) {
      const { resource } = ctx
      const open = unproven(grant, resource)
      if (open) return open
      const read = () => readAsWorkload(ctx, grant)
      const result = await read()
      if (!('error' in result) || result.cause !== 'network' || !target.isPublic(resource))
        return pass({ read })
      const { what: detail, remedy, trace } = explain(result.error)
      return fail({
        detail: `${detail}. Pods may use another network; to test from a pod, run verify --in-cluster`,
        is: 'no rule for this address',
        should: 'a rule for this address',
        remedy,
        trace,
      })
    },
  })

  const publicAccess = check<{ read: () => Promise<Proven> }>()({
    code: 'WI906',
    title: "The grant's resource can be reached without a private endpoint",
    subject,
    link: 'target',
    uses,
    needs: { resource: resourceExists },
    wants: { reached: network },
    async run({ resource, reached }) {
      const open = unproven(grant, resource)
      if (open) return open
      if (!reached) return waitsForAnother
      const { read } = reached
      const result = await read()
      if (!('error' in result) || result.cause !== 'network') return pass({ read })
      const { trace } = explain(result.error)
      return fail({
        detail: `The ${what} can only be reached through a private endpoint. To test from a pod, run verify --in-cluster`,
        is: 'public network access: Disabled',
        should: "a private endpoint in the pods' network",
        remedy: `Create a private endpoint for the ${what} in the network of the pods`,
        trace,
      })
    },
  })

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

  const entityExists = check<{ read: () => Promise<Proven> }>()({
    code: 'WI907',
    title: 'The item that the grant names in the resource exists',
    subject,
    link: 'target',
    uses,
    needs: { resource: resourceExists },
    wants: { reached: publicAccess },
    async run({ resource, reached }) {
      const open = unproven(grant, resource)
      if (open) return open
      if (!reached) return waitsForAnother
      const { read } = reached
      const result = await read()
      if (!('error' in result) || result.cause !== 'entity') return pass({ read })
      const { what: detail, trace } = explain(result.error)
      return fail({
        detail: `${detail} (--grant ${grant.text})`,
        remedy: `Create it, or name another one with --grant (${target.form})`,
        trace,
      })
    },
  })

  const readable = check()({
    code: 'WI908',
    title: "The grant's resource accepts the workload's own token",
    subject,
    link: 'target',
    uses,
    needs: { resource: resourceExists },
    wants: { entity: entityExists },
    explainedBy: [acceptsTokens, roleGranted, roleSuffices],
    async run({ entity, resource, command }) {
      const open = unproven(grant, resource)
      if (open) return open
      if (!entity) return waitsForAnother
      const result = await entity.read()
      if ('shown' in result) return pass(true as const, result.shown ?? '')
      const { error, cause } = result
      if (cause === undefined) throw error
      const { what: detail, remedy, trace } = explain(error)
      if (cause === 'token') return fail({ detail, remedy, transient: true, trace })
      return fail({
        detail: `${detail}\nAccess is granted, so it has probably not taken effect yet (up to 10 min).`,
        remedy: withArgs(command('verify'), '--wait', '10m'),
        transient: true,
        trace,
      })
    },
  })

  return [
    resourceExists,
    acceptsTokens,
    roleGranted,
    roleSuffices,
    network,
    publicAccess,
    entityExists,
    readable,
  ]
}
