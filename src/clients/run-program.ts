import { once } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onExit } from '../base/exit-tasks.ts'
import { ownGroup, signalGroup } from '../base/process-group.ts'
import { readLimits, sizeText } from '../base/read-limits.ts'
import { ServiceError } from './service-error.ts'

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

/** A started program. */
interface Child {
  pid?: number | undefined
  exitCode: number | null
  signalCode: NodeJS.Signals | null
  stdout: NodeJS.ReadableStream & { destroy(): void }
  stderr: NodeJS.ReadableStream & { destroy(): void }
}

/**
 * Runs a program with exactly the given environment, in its own process group. It never runs in the user's folder, whose
 * files programs may load: on Windows, even a program of the same name. Returns for any exit code; throws
 * `ServiceError` with the code `missing` if the program is not installed. No program that it started outlives it,
 * except one that has left the process group; the output of such a one is not waited for.
 */
export async function runProgram(
  program: string,
  args: string[],
  options: { env: Record<string, string | undefined>; cwd?: string; signal: AbortSignal; missing: string },
): Promise<ProgramResult> {
  const { execa } = await import('execa')
  const { signal } = options
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
  const ended = endGroupWith(child as unknown as Child & NodeJS.EventEmitter, signal)
  const [result] = await Promise.all([child, ended])
  signal.throwIfAborted()
  if (result.isMaxBuffer) throw excessError(program)
  if (child.pid === undefined) throw startError(program, options.missing, result)
  return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr }
}

const excessError = (program: string) =>
  new ServiceError({
    service: 'helm',
    code: 'OutputTooLarge',
    message: `The program ${program} printed more than ${sizeText(readLimits.programOutput)}, which is the limit`,
  })

function startError(program: string, missing: string, result: { code?: string | undefined }): ServiceError {
  const { code } = result
  return new ServiceError({
    service: 'helm',
    code: code === 'ENOENT' ? missing : 'HelmFailed',
    message:
      code === 'ENOENT'
        ? `The program ${program} is not installed, or not on the PATH`
        : `The program ${program} can't be started: ${code ?? 'unknown reason'}`,
    cause: result,
  })
}

/** Ends the program on abort, and its process group and pipes soon after it has ended. */
async function endGroupWith(child: Child & NodeJS.EventEmitter, signal: AbortSignal): Promise<void> {
  const { pid } = child
  if (pid === undefined) return
  const forget = onExit(() => signalGroup(pid, 'SIGKILL'))
  let killTimer: NodeJS.Timeout | undefined
  const stop = () => {
    signalGroup(pid, 'SIGTERM')
    killTimer = setTimeout(signalGroup, terminationTime, pid, 'SIGKILL')
  }
  signal.addEventListener('abort', stop, { once: true })
  const closed = once(child, 'close')
  try {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    signalGroup(pid, 'SIGTERM')
    await Promise.race([closed, delay(drainTime, undefined, { ref: false })])
    signalGroup(pid, 'SIGKILL')
  } finally {
    clearTimeout(killTimer)
    signal.removeEventListener('abort', stop)
    for (const stream of [child.stdout, child.stderr]) stream.destroy()
    forget()
  }
}
