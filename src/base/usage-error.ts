import type { Script } from './command.ts'

/** A wrong command line, variable or file: exit code 2, and nothing has been sent or written. */
export class UsageError extends Error {
  /** Commands to use instead. */
  readonly commands: readonly Script[]

  constructor(message: string, commands: readonly Script[] = []) {
    super(message)
    this.name = 'UsageError'
    this.commands = commands
  }
}
