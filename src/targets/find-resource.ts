import { closestMatches } from '../base/closest-matches.ts'
import { equalsIgnoreCase } from '../clients/azure/resource-id.ts'
import { findInSubscriptions } from '../clients/find-in-subscriptions.ts'
import type { AzureResource } from '../clients/resources.ts'
import type { FindContext, Grant } from './target.ts'

/** Returns the grant's Azure resource, in any subscription of the caller. */
export async function findResource(ctx: FindContext, grant: Grant): Promise<AzureResource | undefined> {
  const { resource, target } = grant
  if (target.find) return target.find(ctx, grant)
  const id = resource.startsWith('/') ? resource : (await findListed(ctx, grant))?.id
  return id === undefined ? undefined : ctx.resources.get(id, target.apiVersion)
}

const findListed = (ctx: FindContext, { resource, target }: Grant): Promise<AzureResource | undefined> =>
  findInSubscriptions(
    ctx,
    () => ctx.resources.list(target.type, resource),
    ({ resources }) => resources.list(target.type, resource),
    ({ name }) => equalsIgnoreCase(name, resource),
  )

/** Returns names of resources of this type that the grant may mean: similar ones of the main subscription. */
export async function similarResources(ctx: FindContext, { resource, target }: Grant): Promise<string[]> {
  if (target.find) return []
  const all = await ctx.resources.list(target.type)
  return closestMatches(
    resource.split('/').at(-1)!,
    all.map(({ name }) => name),
  )
}
