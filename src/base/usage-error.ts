/** The person must give something else: exit code 2, nothing was sent or written. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}
