/** We stop by ourselves, before or instead of a write: what is in the way, and what the person can do. */
export class ActionRequiredError extends Error {
  readonly remedy: string

  /** `passing`: an error that may pass by itself; before it is told, the work is tried again as for that one. */
  constructor(what: string, remedy: string, passing?: Error) {
    super(what, passing && { cause: passing })
    this.name = 'ActionRequiredError'
    this.remedy = remedy
  }
}
