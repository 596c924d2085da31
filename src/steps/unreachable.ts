import { ActionRequiredError } from '../base/action-required.ts'
import { instruction, kubectl, type Remedy } from '../base/command.ts'
import type { DestroyOptions, Removability } from '../engine/step.ts'

export const makeReachable = instruction`Make the cluster reachable (try ${kubectl(['get', 'namespaces'])})`

/** Retains everything in an unreachable cluster with `--skip-unreachable`; throws without. */
export function unreachable<Out>(
  { skipUnreachable, signal }: Pick<DestroyOptions, 'skipUnreachable'> & { signal: AbortSignal },
  out: Partial<Out>,
  { what, remedy }: { what: string; remedy: Remedy },
): Removability<Out> {
  signal.throwIfAborted()
  if (!skipUnreachable)
    throw new ActionRequiredError(
      what,
      instruction`${remedy}, then run the same command again. Or pass --skip-unreachable to retain the cluster and delete the rest.`,
    )
  return { state: 'unreachable', out, note: 'unreachable; retained with everything in it' }
}
