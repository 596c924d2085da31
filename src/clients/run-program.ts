import { once } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onExit } from '../base/exit-tasks.ts'
import { hasExited, ownGroup, type StartedProcess, signalGroup } from '../base/process-group.ts'
import { readLimits, sizeText } from '../base/read-limits.ts'
import { ServiceError, type ServiceName } from './service-error.ts'

export interface ProgramResult {
  /** Undefined if a signal ended the program. */
  exitCode: number | undefined
  stdout: string
  stderr: string
}

/** Time in ms that an interrupted program has to end by itself: helm writes into the release that it failed. */
const terminationTime = 3000
/** Time in ms for which programs that the program left behind may still write, or end after SIGTERM. */
const drainTime = 500

type Child = StartedProcess &
  NodeJS.EventEmitter & {
    stdout: NodeJS.ReadableStream & { destroy(): void }
    stderr: NodeJS.ReadableStream & { destroy(): void }
  }

/** How the errors of a program are reported: as those of which service, and with which codes. */
export interface ProgramErrors {
  service: ServiceName
  /** The program is not installed. */
  missing: string
  /** The program can't be started. */
  failed: string
}

interface ProgramOptions {
  env: Record<string, string | undefined>
  /** Folder to run in (default: the root folder). */
  cwd?: string
  signal: AbortSignal
  errors: ProgramErrors
}

/**
 * Runs a program with exactly the given environment, in its own process group. It never runs in the user's folder, whose
 * files programs may load: on Windows, even a program of the same name. Returns for any exit code; throws
 * `ServiceError` with the codes of `errors`, or `OutputTooLarge`. No program that it started outlives it, except one
 * that has left the process group, one that the system doesn't allow to end, and on Windows one whose parent has
 * exited; the output of such a one is not waited for.
 */
export async function runProgram(
  program: string,
  args: string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  const { execa } = await import('execa')
  const { signal, errors } = options
  signal.throwIfAborted()
  const child = execa(program, args, {
    env: options.env,
    cwd: options.cwd ?? resolve('/'),
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    maxBuffer: readLimits.programOutput,
    ...ownGroup,
  })
  await endGroupWith(child as unknown as Child, signal)
  signal.throwIfAborted()
  const result = await child
  signal.throwIfAborted()
  if (result.isMaxBuffer) throw excessError(program, errors)
  if (child.pid === undefined) throw startError(program, errors, result)
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr }
}

const excessError = (program: string, { service }: ProgramErrors) =>
  new ServiceError({
    service,
    code: 'OutputTooLarge',
    message: `The program ${program} printed more than ${sizeText(readLimits.programOutput)}, which is the limit`,
  })

function startError(
  program: string,
  { service, missing, failed }: ProgramErrors,
  result: { code?: string | undefined },
): ServiceError {
  const { code } = result
  return new ServiceError({
    service,
    code: code === 'ENOENT' ? missing : failed,
    message:
      code === 'ENOENT'
        ? `The program ${program} is not installed, or not on the PATH`
        : `The program ${program} can't be started: ${code ?? 'unknown reason'}`,
    cause: result,
  })
}

/**
 * Ends the program on abort, and its process group and pipes soon after it has ended. Returns then, or once the system
 * refuses to end an aborted program.
 */
async function endGroupWith(child: Child, signal: AbortSignal): Promise<void> {
  if (child.pid === undefined) return
  const forget = onExit(() => signalGroup(child, 'SIGKILL'))
  const refused = Promise.withResolvers<void>()
  let killTimer: NodeJS.Timeout | undefined
  const end = (by: 'SIGTERM' | 'SIGKILL') => {
    if (signalGroup(child, by) === 'denied') refused.resolve()
  }
  const stop = () => {
    end('SIGTERM')
    killTimer = setTimeout(end, terminationTime, 'SIGKILL')
  }
  signal.addEventListener('abort', stop, { once: true })
  const closed = once(child, 'close')
  try {
    if (!hasExited(child)) await Promise.race([once(child, 'exit'), refused.promise])
    signalGroup(child, 'SIGTERM')
    await Promise.race([closed, delay(drainTime, undefined, { ref: false })])
    signalGroup(child, 'SIGKILL')
  } finally {
    clearTimeout(killTimer)
    signal.removeEventListener('abort', stop)
    for (const stream of [child.stdout, child.stderr]) stream.destroy()
    forget()
  }
}
