import type { SandboxOptions, SandboxSession, SandboxStatus } from '../../sandbox/index.ts'
import { ActionRequiredError } from '../base/action-required.ts'
import { isRunning, ownProcess } from '../base/process-identity.ts'

type Sandbox = typeof import('../../sandbox/index.ts')

/** Calls the sandbox. Throws `ActionRequiredError` if the user must act first. */
async function callSandbox<T>(call: (sandbox: Sandbox) => T | Promise<T>): Promise<T> {
  const sandbox = await import('../../sandbox/index.ts')
  try {
    return await call(sandbox)
  } catch (error) {
    if (error instanceof sandbox.SandboxError) throw new ActionRequiredError(error.message, error.remedy)
    throw error
  }
}

/** How the sandbox tells this process from others. */
export const sandboxProcesses = () => ({ own: ownProcess(), isRunning })

/** Opens the sandbox of a state folder. Throws `ActionRequiredError` if the user must act first. */
export const openSandbox = (
  dir: string,
  options: Omit<SandboxOptions, 'stateDir'>,
): Promise<SandboxSession> => callSandbox((sandbox) => sandbox.openSandbox(dir, sandboxProcesses(), options))

/** Returns what a state folder contains. Throws `ActionRequiredError` if it is damaged. */
export const readSandboxStatus = (dir: string): Promise<SandboxStatus> =>
  callSandbox((sandbox) => sandbox.sandboxStatus(dir))

/** Deletes everything in a state folder. Throws `ActionRequiredError` if another process uses it and does not respond. */
export const resetSandbox = (dir: string): Promise<'done' | 'running'> =>
  callSandbox((sandbox) => sandbox.resetSandbox(dir, sandboxProcesses()))
