import { type ChildProcess, spawn } from 'node:child_process'
import type { JsonDocument } from '../../src/ui/json.ts'
import { waitUntil } from './wait-until.ts'

// Runs other programs; every test uses it.

export interface Output {
  /** Null if a signal ended the process. */
  code: number | null
  stdout: string
  stderr: string
  /** The one JSON document on stdout; throws if there is anything else. */
  readonly json: JsonDocument
}

export interface ProcessOptions {
  cwd?: string
  /** The complete environment; nothing is inherited. */
  env?: NodeJS.ProcessEnv
  input?: string
  /** After this many ms the process is killed and `ended` rejects; 60 s by default. */
  timeoutMs?: number
  /** Puts the process in its own group, so that Ctrl-C doesn't reach it. */
  detached?: boolean
}

/** A process that may still be running. */
export interface Running {
  child: ChildProcess
  readonly stdout: string
  readonly stderr: string
  /** Waits until `condition` holds; throws if the process ends first. */
  until(condition: () => boolean): Promise<void>
  ended: Promise<Output>
}

/** Returns the output of a program that has ended. */
export const toOutput = (code: number | null, stdout: string, stderr: string): Output => ({
  code,
  stdout,
  stderr,
  get json() {
    if (!/^\{.*\}\n$/.test(stdout)) throw new Error(`Not one line of JSON: ${stdout}\n${stderr}`)
    return JSON.parse(stdout) as JsonDocument
  },
})

/** Starts a program and collects its output. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Running {
  const { cwd, env, input = '', timeoutMs = 60_000, detached = false } = options
  const child = spawn(command, args, { cwd, env, detached })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk
    })
  // The process may end before it has read its input.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  let hasEnded = false
  const ended = new Promise<Output>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(
        new Error(
          `${command} ${args.join(' ')} did not end within ${timeoutMs} ms\n${text.stdout}\n${text.stderr}`,
        ),
      )
    }, timeoutMs)
    child.on('error', reject)
    child.on('close', (code) => {
      hasEnded = true
      clearTimeout(timer)
      resolve(toOutput(code, text.stdout, text.stderr))
    })
  })
  ended.catch(() => {})
  return {
    child,
    ended,
    get stdout() {
      return text.stdout
    },
    get stderr() {
      return text.stderr
    },
    async until(condition) {
      const isMet = () => {
        if (condition()) return true
        if (hasEnded) throw new Error(`The process ended before\n${text.stdout}\n${text.stderr}`)
        return false
      }
      await waitUntil(isMet, `a condition of ${command}`, { limitMs: timeoutMs, pollMs: 2 })
    },
  }
}

/** Runs a program and returns its stdout; throws unless it exits with 0. */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await startProcess(command, args, options).ended
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${code}\n${stderr || stdout}`)
  return stdout
}
