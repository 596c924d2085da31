/** We stop by ourselves, before or instead of a write: what is in the way, and what the person can do. */
export class Refusal extends Error {
  readonly mend: string

  constructor(what: string, mend: string) {
    super(what)
    this.name = 'Refusal'
    this.mend = mend
  }
}
