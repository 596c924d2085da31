import { ActionRequiredError } from '../base/action-required.ts'
import type { DestroyOptions, Removability } from '../engine/step.ts'

/** What is in a cluster that does not answer stays, if the person has agreed to that; else the ways are named. */
export function unreachable<Out>(
  { skipUnreachable, signal }: Pick<DestroyOptions, 'skipUnreachable'> & { signal: AbortSignal },
  out: Partial<Out>,
  { what, remedy }: { what: string; remedy: string },
): Removability<Out> {
  signal.throwIfAborted()
  if (!skipUnreachable)
    throw new ActionRequiredError(
      what,
      `${remedy}   and run the same command again, or add --skip-unreachable: then it stays as it is, and the rest is taken back`,
    )
  return { state: 'unreachable', out, note: 'cannot be reached, and stays with all that is in it' }
}
