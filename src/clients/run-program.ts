import { ServiceError } from './service-error.ts'

export interface ProgramResult {
  /** Undefined if a signal ended the program. */
  exitCode: number | undefined
  stdout: string
  stderr: string
}

/**
 * Runs a program with exactly the given environment. Returns for any exit code; throws `ServiceError` with the code
 * `missing` if the program is not installed.
 */
export async function runProgram(
  program: string,
  args: string[],
  options: { env: Record<string, string | undefined>; signal: AbortSignal; missing: string },
): Promise<ProgramResult> {
  const { execa } = await import('execa')
  const result = await execa(program, args, {
    env: options.env,
    extendEnv: false,
    cancelSignal: options.signal,
    reject: false,
    stdin: 'ignore',
  })
  options.signal.throwIfAborted()
  if (result.failed && result.exitCode === undefined && result.code === 'ENOENT')
    throw new ServiceError({
      service: 'helm',
      code: options.missing,
      message: `The program ${program} is not installed, or not on the PATH`,
      cause: result,
    })
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr }
}
