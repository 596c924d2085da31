import { ActionRequiredError } from '../base/action-required.ts'
import { az, inSequence, instruction } from '../base/command.ts'
import type { Clients } from '../clients/clients.ts'
import type { RolePermissions } from '../clients/roles.ts'
import { ServiceError } from '../clients/service-error.ts'
import { type Plan, stepById } from './plan.ts'
import type { Run } from './run.ts'
import type { AnyStep, RequiredAction } from './step.ts'

const matches = (pattern: string, action: string) =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 'i').test(action)

/** Whether a single role allows the action. Azure adds up roles; a role's exclusions hold only within that role. */
export const allows = (
  permissions: readonly RolePermissions[],
  action: string,
  plane: 'control' | 'data' = 'control',
) =>
  permissions.some((role) => {
    const [actions, not] =
      plane === 'data' ? [role.dataActions, role.notDataActions] : [role.actions, role.notActions]
    return actions.some((each) => matches(each, action)) && !not.some((each) => matches(each, action))
  })

/**
 * Returns whether a role assignment's condition may restrict the action: not if it names others only, as in
 * `!(ActionMatches{'…'}) OR …`. The rest of a condition depends on attributes of the request.
 */
export function mayRestrict(condition: string | undefined, action: string): boolean {
  if (!condition?.trim()) return false
  const named = [
    ...condition.matchAll(/(!\s{0,9}\(?\s{0,9})?ActionMatches\s{0,9}\{\s{0,9}'([^']{0,300})'\s{0,9}\}/gi),
  ]
  return named.length === 0 || named.some(([, not, name]) => not === undefined || matches(name!, action))
}

/** An action that the caller's roles don't allow, and the scope it was looked up at. */
export type MissingAction<Action extends RequiredAction> = Action & { scope: string }

/**
 * Returns the actions that the caller's roles don't allow. An action in a group that does not exist yet is looked up at
 * its subscription. Deny assignments, locks and policies are not visible here.
 */
export async function findMissingActions<Action extends RequiredAction>(
  { inSubscription, roles }: Pick<Clients, 'inSubscription' | 'roles'>,
  mainSubscription: string,
  actions: readonly Action[],
  ifUnreadable: 'throw' | 'assume-allowed' = 'throw',
): Promise<MissingAction<Action>[]> {
  const permissionsAt = async (scope: string) => {
    try {
      return await roles.permissions(scope)
    } catch (error) {
      if (ifUnreadable === 'assume-allowed' && error instanceof ServiceError) return undefined
      throw error
    }
  }
  const missing = await Promise.all(
    actions.map(async (required) => {
      const { action, group, subscription: id = mainSubscription } = required
      const exists = group !== undefined && (await inSubscription(id).groups.get(group))
      const subscription = `/subscriptions/${id}`
      const scope = exists ? `${subscription}/resourceGroups/${group}` : subscription
      const permissions = await permissionsAt(scope)
      return permissions && !allows(permissions, action) ? [{ ...required, scope }] : []
    }),
  )
  return missing.flat()
}

/** Returns the narrowest built-in role that allows these actions. */
export function roleFor(actions: readonly RequiredAction[]): string {
  const grants = actions.filter(({ action }) => action.startsWith('Microsoft.Authorization/'))
  if (grants.length === actions.length) return 'Role Based Access Control Administrator'
  return grants.length ? 'Owner' : 'Contributor'
}

/** Returns the role that is missing at each scope; a scope within another one is covered by that one. */
export function missingRoles(
  missing: readonly MissingAction<RequiredAction>[],
): { scope: string; role: string }[] {
  const isWithin = (scope: string, other: string) => scope.toLowerCase().startsWith(`${other.toLowerCase()}/`)
  const scopes = [...new Set(missing.map(({ scope }) => scope))]
  return scopes
    .filter((scope) => !scopes.some((other) => isWithin(scope, other)))
    .map((scope) => ({
      scope,
      role: roleFor(missing.filter((each) => each.scope === scope || isWithin(each.scope, scope))),
    }))
}

/** Throws before the first write if the caller lacks permissions in Azure that the plan needs. */
export async function requirePermissions(steps: readonly AnyStep[], plan: Plan, run: Run): Promise<void> {
  const required = plan.items
    .filter(({ action, deletedWith }) => action !== 'keep' && deletedWith === undefined)
    .flatMap(({ id, title, inspection, action }) => {
      const step = stepById(steps, id)
      const actions =
        action === 'remove'
          ? step.actionsToRemove?.(run.settings)
          : step.actionsToApply?.(run.settings, inspection)
      return (actions ?? []).map((each) => ({ ...each, title }))
    })
  const { subscription } = run.settings
  const nameOf = (id: string) => (id === subscription ? 'the subscription' : `subscription ${id}`)
  // This only warns early: whoever can't read role assignments may still have the permissions.
  const missing = await findMissingActions(run.clients, subscription, required, 'assume-allowed')
  if (missing.length === 0) return
  const lines = missing.map(
    ({ title, action, group, subscription: id = subscription }) =>
      `  ${title}: ${action} in ${[group, (group === undefined || id !== subscription) && nameOf(id)].filter(Boolean).join(' of ')}`,
  )
  const { name, objectId } = await run.clients.azureAccount.caller()
  const roles = missingRoles(
    missing.map(({ action, subscription: id = subscription }) => ({
      action,
      scope: `/subscriptions/${id}`,
    })),
  )
  const assign = inSequence(
    ...roles.map(({ role, scope }) => az('role assignment create', { assignee: objectId, role, scope })),
  )
  throw new ActionRequiredError(
    `You (${name}) lack permissions in Azure that the plan needs; nothing was changed\n${lines.join('\n')}`,
    roles.every(({ role }) => role === 'Role Based Access Control Administrator')
      ? instruction`An Owner has to run: ${assign}, or pass --vault-access policy for a new vault`
      : instruction`An Owner has to run: ${assign}`,
  )
}
