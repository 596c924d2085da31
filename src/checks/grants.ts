import { withArgs } from '../base/command.ts'
import type { AzureResource } from '../clients/resources.ts'
import { type AnyCheck, check, fail, pass, warn } from '../engine/check.ts'
import { explain } from '../explain/index.ts'
import { findResource, similarResources } from '../targets/find-resource.ts'
import type { Grant } from '../targets/target.ts'
import { databaseUserChecks } from './database-users.ts'
import {
  notReached,
  type Proven,
  readAsWorkload,
  unproven,
  grantUses as uses,
  waitsForAnother,
} from './grant-proof.ts'
import { roleChecks } from './grant-roles.ts'
import { tokenExchange } from './token-exchange.ts'

/** What is known if a server does not answer at all. */
function unanswered(error: unknown) {
  const { what, trace } = explain(error)
  return {
    detail: `${what}. Entra issues the workload's token for it, but the login is not proven: this network blocks the port, or the server's firewall does`,
    is: 'no answer',
    should: 'a rule for this address in its firewall, or a network that lets the port pass',
    remedy:
      'Add a rule for this address to the firewall of the server, or run verify from a network of the pods',
    trace,
  }
}

/** Returns the checks of one grant: its resource, the identity's access to it, and the proof. */
export function grantChecks(grant: Grant): AnyCheck[] {
  const { target, text: subject } = grant
  const what = `${target.resourceTitle} ${grant.resource.split('/').at(-1)}`

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
      if (!('error' in result) || !target.isPublic(resource)) return pass({ read })
      if (result.cause === 'unreachable') return warn({ read }, unanswered(result.error))
      if (result.cause !== 'network') return pass({ read })
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
      const isSilent = !target.isPublic(resource) && 'error' in result && result.cause === 'unreachable'
      if (!('error' in result) || !(isSilent || result.cause === 'network')) return pass({ read })
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

  const { roleGranted, roleSuffices } = target.statements
    ? databaseUserChecks(grant, resourceExists, acceptsTokens)
    : roleChecks(grant, resourceExists)

  const entityExists = check<{ read: () => Promise<Proven> }>()({
    code: 'WI907',
    title: 'The item that the grant names in the resource exists',
    subject,
    link: 'target',
    uses,
    needs: { resource: resourceExists },
    wants: { reached: publicAccess },
    async run(ctx) {
      const { resource, reached } = ctx
      const similar = await target.missingEntity?.(ctx, grant, resource)
      if (similar)
        return fail({
          detail: `There is no ${target.label(resource.name, grant.entity)}`,
          ...(similar.length ? { is: 'none', should: `perhaps ${similar.join(', ')}` } : {}),
          remedy: `Create it, or name another one with --grant (${target.form})`,
        })
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
      const silent = notReached(result)
      if (silent) return silent
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
