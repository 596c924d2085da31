import { ServiceError } from './service-error.ts'

export interface ProgramResult {
  /** Undefined if a signal ended it. */
  exitCode: number | undefined
  stdout: string
  stderr: string
}

/**
 * Runs a program with an argument array and an environment that is all it gets. Any exit code is an answer; throws
 * `ServiceError` with the code `missing` if there is no such program.
 */
export async function runProgram(
  program: string,
  args: string[],
  of: { env: Record<string, string | undefined>; signal: AbortSignal; missing: string },
): Promise<ProgramResult> {
  const { execa } = await import('execa')
  const result = await execa(program, args, {
    env: of.env,
    extendEnv: false,
    cancelSignal: of.signal,
    reject: false,
    stdin: 'ignore',
  })
  of.signal.throwIfAborted()
  if (result.failed && result.exitCode === undefined && result.code === 'ENOENT')
    throw new ServiceError({
      service: 'helm',
      code: of.missing,
      message: `The program "${program}" was not found`,
      cause: result,
    })
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr }
}
