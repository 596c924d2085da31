import type { Remedy } from './command.ts'

/** Stops the run because the user has to act: the message states the problem, `remedy` the fix. */
export class ActionRequiredError extends Error {
  readonly remedy: Remedy

  /** `cause`: a transient error behind this one; the engine retries as it would for the cause. */
  constructor(message: string, remedy: Remedy, cause?: Error) {
    super(message, cause && { cause })
    this.name = 'ActionRequiredError'
    this.remedy = remedy
  }
}
