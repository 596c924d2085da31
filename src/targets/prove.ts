import { dataScope } from '../clients/data-services.ts'
import type { AzureResource } from '../clients/resources.ts'
import type { Grant, ProofContext } from './target.ts'

/** Reads as the workload, and returns what came back. Undefined if the grant has no harmless read. */
export async function prove(
  ctx: ProofContext,
  grant: Grant,
  resource: AzureResource,
): Promise<string | undefined> {
  const proof = grant.target.proof(resource, grant)
  if (proof.by === 'none') return undefined
  if (proof.by === 'run') return proof.run(ctx)
  const { request } = proof
  const token = await ctx.token(dataScope(ctx.cloud, request.service))
  // Paths are those of Resource Manager, whose address is no resource's.
  const url = request.url.startsWith('/') ? `${ctx.cloud.arm}${request.url}` : request.url
  return proof.shows(await ctx.dataPlane.send({ ...request, url }, token))
}
