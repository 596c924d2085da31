import type { Clients } from '../clients/clients.ts'
import type { AzureResource } from '../clients/resources.ts'
import type { Check, CheckContext } from '../engine/check.ts'
import type { Settings } from '../settings/settings.ts'
import { prove } from '../targets/prove.ts'
import { refusalCause } from '../targets/refusals.ts'
import type { Grant, RefusalCause } from '../targets/target.ts'
import type { Exchange } from './proof.ts'

/** The check that this one wants did not pass, and says why. */
export const waitsForAnother = { status: 'skip', detail: 'not checked', forWant: true } as const

/** The check that the resource of a grant exists. */
export type ResourceCheck = Check<AzureResource, (typeof grantUses)[number], Record<never, never>>

export const grantUses = ['namespace', 'serviceAccount', 'audience', 'grants', 'identity'] as const

/** What came back for the workload's own request, or why it failed. */
export type Proven = { shown: string | undefined } | { error: unknown; cause: RefusalCause | undefined }

type ProveContext = Pick<CheckContext<never, Record<never, never>>, 'once' | 'signal'> &
  Pick<Clients, 'cloud' | 'dataPlane'> & {
    exchanged: { exchange: Exchange }
    resource: AzureResource
    settings: Pick<Settings, 'identity'>
  }

/** Sends the request of the proof once per round. */
export const readAsWorkload = (ctx: ProveContext, grant: Grant): Promise<Proven> =>
  ctx.once(`proof of ${grant.text}`, async () => {
    const { cloud, dataPlane, signal, exchanged, resource, settings } = ctx
    const workload = { name: settings.identity }
    try {
      return {
        shown: await prove(
          { cloud, dataPlane, signal, token: exchanged.exchange, workload },
          grant,
          resource,
        ),
      }
    } catch (error) {
      return { error, cause: refusalCause(grant.target, error) }
    }
  })

/** Returns the skip of a check that has nothing to judge, because the role has no harmless read. */
export function unproven(
  grant: Grant,
  resource: AzureResource,
): { status: 'skip'; detail: string } | undefined {
  const proof = grant.target.proof(resource, grant)
  return proof.by === 'none' ? { status: 'skip', detail: `not proven: ${proof.reason}` } : undefined
}

/** Returns the skip of a check that would need the answer of a server that didn't answer. */
export const notReached = (result: Proven): { status: 'skip'; detail: string } | undefined =>
  'error' in result && result.cause === 'unreachable'
    ? { status: 'skip', detail: "not proven: the server didn't answer; its tokens are issued" }
    : undefined
