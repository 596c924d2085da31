/** A wrong command line, variable or file: exit code 2, and nothing has been sent or written. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}
