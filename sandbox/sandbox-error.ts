/** A problem that the user must solve before the sandbox can run. */
export class SandboxError extends Error {
  override name = 'SandboxError'
  /** What to do about it, without a full stop. */
  readonly remedy: string

  constructor(message: string, remedy: string) {
    super(message)
    this.remedy = remedy
  }
}
