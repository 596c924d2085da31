import { ActionRequiredError } from '../base/action-required.ts'
import type { RolePermissions } from '../clients/roles.ts'
import { ServiceError } from '../clients/service-error.ts'
import { type Plan, stepById } from './plan.ts'
import type { Run } from './run.ts'
import type { AnyStep, RequiredAction } from './step.ts'

const matches = (pattern: string, action: string) =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 'i').test(action)

/** True if some single role allows the action: Azure adds up roles, but a role's own exclusions hold within it. */
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

/** Refuses before the first write if the caller lacks a right in Azure that the plan needs. Deny assignments, locks and policies cannot be seen. */
export async function requirePermissions(steps: readonly AnyStep[], plan: Plan, run: Run): Promise<void> {
  const subscription = `/subscriptions/${run.settings.subscription}`
  const permissionsAt = (group: string | undefined) =>
    run.once(`permissions:${group}`, async (): Promise<RolePermissions[] | undefined> => {
      const there = group !== undefined && (await run.clients.groups.get(group))
      try {
        return await run.clients.roles.permissions(
          there ? `${subscription}/resourceGroups/${group}` : subscription,
        )
      } catch (error) {
        if (error instanceof ServiceError) return undefined
        throw error
      }
    })
  const lacking: (RequiredAction & { title: string })[] = []
  await Promise.all(
    plan.items
      .filter(({ action, deletedWith }) => action !== 'keep' && deletedWith === undefined)
      .map(async ({ id, title, inspection, action }) => {
        const step = stepById(steps, id)
        const rights =
          action === 'remove'
            ? step.actionsToRemove?.(run.settings as never)
            : step.actionsToApply?.(run.settings as never, inspection as never)
        for (const right of rights ?? []) {
          const permissions = await permissionsAt(right.group)
          if (permissions && !allows(permissions, right.action)) lacking.push({ ...right, title })
        }
      }),
  )
  if (lacking.length === 0) return
  const lines = lacking.map(
    ({ title, action, group }) => `  ${title}: ${action}${group ? ` in ${group}` : ' in the subscription'}`,
  )
  const grants = lacking.some(({ action }) => action.startsWith('Microsoft.Authorization/'))
  const { name, objectId } = await run.clients.account.caller()
  throw new ActionRequiredError(
    `You (${name}) lack rights in Azure that the plan needs; nothing was changed\n${lines.join('\n')}`,
    lacking.every(({ action }) => action.startsWith('Microsoft.Authorization/'))
      ? `az role assignment create --assignee ${objectId} --role "Role Based Access Control Administrator" --scope ${subscription}   (by an Owner), or give --vault-access policy for a new vault`
      : `az role assignment create --assignee ${objectId} --role ${grants ? 'Owner' : 'Contributor'} --scope ${subscription}   (by an Owner)`,
  )
}
