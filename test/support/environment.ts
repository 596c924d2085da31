import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { SandboxState } from '../../sandbox/index.ts'
import type { JsonDocument } from '../../src/ui/json.ts'

/** The built program; `WI_SETUP_PROGRAM` names another copy of it, an installed package for example. */
export const program =
  process.env.WI_SETUP_PROGRAM ?? fileURLToPath(new URL('../../bin/wi-setup.js', import.meta.url))

const longest = 60_000

export interface Result {
  code: number | null
  stdout: string
  stderr: string
  /** The one JSON document on the standard output; throws if there is anything else. */
  readonly json: JsonDocument
}

interface RunOptions {
  input?: string
  env?: Record<string, string>
  cwd?: string
}

/** A run that goes on. */
export interface Running {
  child: ChildProcess
  readonly stdout: string
  readonly stderr: string
  /** Waits until this is so; throws if the program ended before. */
  until(holds: () => boolean): Promise<void>
  ended: Promise<Result>
}

/** A machine of its own: a working directory, a home, a state folder, nothing in the environment. */
export interface ProgramEnvironment {
  root: string
  cwd: string
  env: Record<string, string>
  /** The sandbox's folder. */
  sandboxFolder: string
  run(args: readonly string[], options?: RunOptions): Promise<Result>
  start(args: readonly string[], options?: RunOptions): Running
  /** What the sandbox served, each with `write`. */
  journal(): { method: string; path: string; status: number; write: boolean; run: string }[]
  writes(): number
  sandboxState(): SandboxState
  /** `wi-setup.yaml`; undefined if there is none. */
  savedSettings(): string | undefined
  close(): void
}

/** A new place, or one that goes on from another one's folders. Its port is the same, so only one may run at a time. */
export function newEnvironment(from?: ProgramEnvironment): ProgramEnvironment {
  const root = mkdtempSync(join(tmpdir(), 'wi-program-'))
  const [cwd, home, state, temporary] = ['cwd', 'home', 'state', 'tmp'].map((name) => join(root, name)) as [
    string,
    string,
    string,
    string,
  ]
  for (const folder of [cwd, home, state, temporary]) mkdirSync(folder)
  if (from)
    for (const name of ['cwd', 'state']) cpSync(join(from.root, name), join(root, name), { recursive: true })
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    XDG_STATE_HOME: state,
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
  }
  const sandbox = join(state, 'wi-setup', 'sandbox')
  const journal = () => {
    const path = join(sandbox, 'journal.jsonl')
    if (!existsSync(path)) return []
    // While the program runs, the last line may be half there.
    const whole = readFileSync(path, 'utf8').replace(/[^\n]*$/, '')
    return whole
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as ReturnType<ProgramEnvironment['journal']>[number])
  }
  const start = (args: readonly string[], { input, env: more, cwd: where }: RunOptions = {}) =>
    running(
      spawn(process.execPath, [program, ...args], { cwd: where ?? cwd, env: { ...env, ...more } }),
      input,
    )
  return {
    root,
    cwd,
    env,
    sandboxFolder: sandbox,
    start,
    run: (args, options) => start(args, options).ended,
    journal,
    writes: () => journal().filter(({ write }) => write).length,
    sandboxState: () => JSON.parse(readFileSync(join(sandbox, 'state.json'), 'utf8')) as SandboxState,
    savedSettings: () => {
      const path = join(cwd, 'wi-setup.yaml')
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined
    },
    close: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  }
}

function running(child: ChildProcess, input: string | undefined): Running {
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8')
    child[name]!.on('data', (chunk: string) => {
      text[name] += chunk
    })
  }
  child.stdin!.on('error', () => {})
  child.stdin!.end(input ?? '')
  let over = false
  const ended = new Promise<Result>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`Not done within ${longest} ms\n${text.stdout}\n${text.stderr}`))
    }, longest)
    child.on('error', reject)
    child.on('close', (code) => {
      over = true
      clearTimeout(timer)
      const { stdout, stderr } = text
      resolve({
        code,
        stdout,
        stderr,
        get json() {
          if (!/^\{.*\}\n$/.test(stdout)) throw new Error(`Not one line of JSON: ${stdout}\n${stderr}`)
          return JSON.parse(stdout) as JsonDocument
        },
      })
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
    async until(holds) {
      while (!holds()) {
        if (over) throw new Error(`It ended before\n${text.stdout}\n${text.stderr}`)
        await delay(2)
      }
    },
  }
}

/** Everything at once, in the sandbox, agreed to. */
export const sandboxFlags = ['--sandbox', '--yes', '--pace', '0'] as const

/** A command line as the program prints it, as arguments: what a shell makes of it after `npx wi-setup`. */
export function parseCommandLine(line: string): string[] {
  const words = [...line.trim().matchAll(/'((?:[^']|'\\'')*)'|[^\s']+/g)].map(([whole, inner]) =>
    inner === undefined ? whole : inner.replaceAll(`'\\''`, "'"),
  )
  if (words[0] !== 'npx' || words[1] !== 'wi-setup') throw new Error(`Not a command line of ours: ${line}`)
  return words.slice(2)
}

/** Files below a folder, with their paths. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
