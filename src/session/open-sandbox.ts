import type { SandboxOptions, SandboxSession } from '../../sandbox/index.ts'
import { ActionRequiredError } from '../base/action-required.ts'

/** Opens the sandbox of a state folder. Throws `ActionRequiredError` if the user must act first. */
export async function openSandbox(
  dir: string,
  pid: number,
  options: Omit<SandboxOptions, 'stateDir'>,
): Promise<SandboxSession> {
  const sandbox = await import('../../sandbox/index.ts')
  try {
    return await sandbox.openSandbox(dir, pid, options)
  } catch (error) {
    if (error instanceof sandbox.SandboxError) throw new ActionRequiredError(error.message, error.remedy)
    throw error
  }
}
