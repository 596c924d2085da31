import { ActionRequiredError } from '../base/action-required.ts'
import type { Clients } from '../clients/clients.ts'
import type { AzureResource } from '../clients/resources.ts'
import { absent, nothingToRemove, removable, retained, type Step, step } from '../engine/step.ts'
import type { Settings } from '../settings/settings.ts'
import { findResource, similarResources } from '../targets/find-resource.ts'
import { accessOf } from '../targets/role-access.ts'
import { type AccessContext, type FindContext, type Grant, grantLabel } from '../targets/target.ts'
import { mainGroup, placeOf } from './groups.ts'
import { servicePrincipal } from './service-principal.ts'
import type { StorageSteps } from './storage.ts'

/** The resource to which a grant gives access. */
export interface GrantedResource {
  resourceId: string
}

/** What `--grant` asks for: the identity's access to one resource. */
export const grantAccess = (
  grant: Grant,
  created?: StorageSteps,
): Step<GrantedResource, 'grants', { principal: typeof servicePrincipal }> =>
  step<GrantedResource>()({
    id: `grant ${grant.text}`,
    title: 'access',
    command: 'grant',
    uses: ['grants'],
    needs: { principal: servicePrincipal, ...created } as { principal: typeof servicePrincipal },
    readyTimeoutMs: 300_000,
    label: () => `to ${grantLabel(grant)}`,
    actionsToApply: (_, inspection) => [
      {
        action: accessOf(grant).actions[0],
        on: grantLabel(grant),
        ...(inspection.state === 'absent' ? inspection.place : {}),
      },
    ],
    async inspect(ctx) {
      const resource = await findResource(ctx, grant)
      if (!resource && created) return absent(grant.role.name, [], mainGroup(ctx.settings as Settings))
      if (!resource) throw await notFound(ctx, grant)
      const disabled = grant.target.entraDisabled?.(resource)
      if (disabled)
        throw new ActionRequiredError(
          `The ${grant.target.resourceTitle} ${resource.name} accepts no Microsoft Entra tokens: ${disabled.is}`,
          `It needs ${disabled.should}`,
        )
      const similar = await grant.target.missingEntity?.(ctx, grant, resource)
      if (similar) throw noEntity(grant, resource, similar)
      if (grant.target.statements)
        return {
          state: 'ready',
          out: { resourceId: resource.id },
          owned: false,
          note: 'granted by statements that you run',
        }
      const action = accessOf(grant).actionOn?.(resource)
      const unassigned = absent(grant.role.name, [], { ...placeOf(resource.id), ...(action && { action }) })
      if (!ctx.principal.principalId) return unassigned
      const found = await accessOf(grant).find(contextOf(ctx, grant, resource, ctx.principal.principalId))
      return found
        ? {
            state: 'ready',
            out: { resourceId: resource.id },
            owned: found.owned,
            note: `${found.role}${found.condition === undefined ? '' : ', under a condition'}`,
          }
        : unassigned
    },
    async apply(ctx) {
      const resource = await findResource(ctx, grant)
      if (!resource) throw await notFound(ctx, grant)
      await accessOf(grant).grant(contextOf(ctx, grant, resource, ctx.principal.principalId))
    },
    actionsToRemove: () => [],
    async removability(ctx) {
      const { principalId, shared } = ctx.principal
      const resource = principalId === undefined ? undefined : await findResource(ctx, grant)
      if (principalId === undefined || !resource) return nothingToRemove
      const found = await accessOf(grant).find(contextOf(ctx, grant, resource, principalId))
      if (!found?.owned) return nothingToRemove
      const out = { resourceId: resource.id }
      return shared
        ? retained(out, 'other workloads have it through the same identity')
        : removable(out, grant.role.name)
    },
    async remove(ctx) {
      const resource = await findResource(ctx, grant)
      if (resource) await accessOf(grant).revoke(contextOf(ctx, grant, resource, ctx.principal.principalId))
    },
  })

const contextOf = (
  { roles, resources, inSubscription }: Pick<Clients, 'roles' | 'resources' | 'inSubscription'>,
  grant: Grant,
  resource: AzureResource,
  principalId: string,
): AccessContext => ({ roles, resources, inSubscription, grant, resource, principalId })

const noEntity = ({ target, entity }: Grant, { name }: AzureResource, similar: string[]) =>
  new ActionRequiredError(
    `There is no ${target.label(name, entity)}`,
    similar.length
      ? `Name an existing one in --grant; similar: ${similar.join(', ')}`
      : `Create it, or name an existing one in --grant (${target.form})`,
  )

async function notFound(ctx: FindContext, grant: Grant): Promise<ActionRequiredError> {
  const { resourceTitle, form } = grant.target
  const similar = await similarResources(ctx, grant)
  const create = grant.target.name === 'storage' ? 'Pass --create-storage to create it' : 'Create it'
  return new ActionRequiredError(
    `There is no ${resourceTitle} ${grant.resource} in any subscription that you can see`,
    similar.length
      ? `Name an existing one in --grant; similar: ${similar.join(', ')}`
      : `${create}, or name an existing one in --grant (${form})`,
  )
}
