import { ActionRequiredError } from '../base/action-required.ts'
import { instruction, kubectl, type Remedy } from '../base/command.ts'
import { hasCode } from '../clients/service-error.ts'
import type { DestroyOptions, Removability } from '../engine/step.ts'
import { waitRemedy } from '../explain/failing-service.ts'
import { explain } from '../explain/index.ts'

const makeReachable = instruction`Make the cluster reachable (try ${kubectl(['get', 'namespaces'])})`

/** Returns why a cluster can't be read, and what makes it readable. */
export function readFailure(error: unknown): { reason: string; remedy: Remedy; cause: Error } {
  const { what, service, remedy } = explain(error)
  if (hasCode(error, 'AuthorizedIpRanges')) return { reason: (error as Error).message, remedy, cause: error }
  const responded = service && service.status !== null
  return {
    reason: what.replace(/^The /, 'the '),
    remedy: responded ? waitRemedy(service) : makeReachable,
    cause: error as Error,
  }
}

/** Retains everything in an unreachable cluster with `--skip-unreachable`; throws without. */
export function unreachable<Out>(
  { skipUnreachable, signal }: Pick<DestroyOptions, 'skipUnreachable'> & { signal: AbortSignal },
  out: Partial<Out>,
  { what, remedy, cause }: { what: string; remedy: Remedy; cause?: Error },
): Removability<Out> {
  signal.throwIfAborted()
  if (!skipUnreachable)
    throw new ActionRequiredError(
      what,
      instruction`${remedy}, then run the same command again. Or pass --skip-unreachable to retain the cluster and delete the rest.`,
      cause,
    )
  return { state: 'unreachable', out, note: 'unreachable; retained with everything in it' }
}
