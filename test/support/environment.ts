import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SandboxState } from '../../sandbox/index.ts'
import type { JsonDocument } from '../../src/ui/json.ts'
import { type Output, type Running, startProcess } from './process.ts'

/** The built program. `WI_SETUP_PROGRAM` names another copy of it, such as an installed package. */
export const program =
  process.env.WI_SETUP_PROGRAM ?? fileURLToPath(new URL('../../bin/wi-setup.js', import.meta.url))

export interface RunOptions {
  /** The environment's `cwd` by default. */
  cwd?: string
  /** Variables in addition to the environment's. */
  env?: Record<string, string>
  input?: string
  /** The environment's limit by default. */
  timeoutMs?: number
  /** Called with the process as soon as it has started. */
  onStart?: (run: Running) => void
}

/** Temporary folders, a cloud, and the program that runs in them. */
export interface Environment {
  /** Everything in it is removed by `close`. */
  root: string
  /** The working directory, with `wi-setup.yaml`. */
  cwd: string
  run(args: readonly string[], options?: RunOptions): Promise<Output>
  close(): Promise<void>
}

/** An environment whose cloud has a cluster. */
export interface ClusterEnvironment extends Environment {
  /** The flags that select the cloud. */
  cloud: readonly string[]
  /** The IP address that the services see as the program's. */
  address: string
  /** How long the effect of a remedy may take: `20s`. */
  settleTimeout: string
  /** An image with Node.js that the nodes have; undefined where pods don't run. */
  image?: string
  /** For all clusters, as their administrator. */
  kubeconfig: string
}

export interface JournalEntry {
  run: string
  method: string
  host: string
  path: string
  status: number
  write: boolean
}

/** An environment in which the built program runs as a process. */
export interface ProgramEnvironment extends Environment {
  env: Record<string, string>
  /** The state folder of the sandbox. */
  sandboxFolder: string
  start(args: readonly string[], options?: RunOptions): Running
  /** Every request that the sandbox has served. */
  journal(): JournalEntry[]
  /** The number of requests that wrote. */
  writes(): number
  sandboxState(): SandboxState
  /** The text of `wi-setup.yaml`; undefined if it doesn't exist. */
  savedSettings(): string | undefined
}

/** Returns an environment over folders and variables that exist already. */
export function programEnvironment(of: {
  root: string
  cwd: string
  env: Record<string, string>
  program?: string
  timeoutMs?: number
}): ProgramEnvironment {
  const { root, cwd, env, timeoutMs = 60_000 } = of
  const sandboxFolder = join(env.XDG_STATE_HOME!, 'wi-setup', 'sandbox')
  const start = (args: readonly string[], options: RunOptions = {}) => {
    const run = startProcess(process.execPath, [of.program ?? program, ...args], {
      cwd: options.cwd ?? cwd,
      env: { ...env, ...options.env },
      input: options.input ?? '',
      timeoutMs: options.timeoutMs ?? timeoutMs,
    })
    options.onStart?.(run)
    return run
  }
  const journal = () => {
    const text = textOf(join(sandboxFolder, 'journal.jsonl')) ?? ''
    // While the program runs, the last line may be incomplete.
    const lines = text
      .replace(/[^\n]*$/, '')
      .split('\n')
      .filter(Boolean)
    return lines.map((line) => JSON.parse(line) as JournalEntry)
  }
  return {
    root,
    cwd,
    env,
    sandboxFolder,
    start,
    run: (args, options) => start(args, options).ended,
    journal,
    writes: () => journal().filter(({ write }) => write).length,
    sandboxState: () => JSON.parse(readFileSync(join(sandboxFolder, 'state.json'), 'utf8')) as SandboxState,
    savedSettings: () => textOf(join(cwd, 'wi-setup.yaml')),
    close: async () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  }
}

const textOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

/**
 * Creates an environment with empty folders and a minimal set of variables, or with a copy of another one's folders:
 * both then use the same port, so only one of them can run at a time.
 */
export function newEnvironment(copyOf?: ProgramEnvironment): ProgramEnvironment {
  const root = mkdtempSync(join(tmpdir(), 'wi-program-'))
  const folder = (name: string) => join(root, name)
  for (const name of ['cwd', 'home', 'state', 'tmp', 'node_modules/.bin'])
    mkdirSync(folder(name), { recursive: true })
  // So that the program prints `npx wi-setup`, whose npx starts this very program.
  symlinkSync(program, folder('node_modules/.bin/wi-setup'))
  if (copyOf)
    for (const name of ['cwd', 'state']) cpSync(join(copyOf.root, name), folder(name), { recursive: true })
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder('home'),
    XDG_STATE_HOME: folder('state'),
    TMPDIR: folder('tmp'),
    LANG: 'C.UTF-8',
  }
  return programEnvironment({ root, cwd: folder('cwd'), env })
}

/** Runs a set-up to its end and returns its document; throws unless it exits with 0. */
export async function applySetUp(
  environment: Environment,
  args: readonly string[],
  options?: RunOptions,
): Promise<JsonDocument> {
  const output = await environment.run([...args, '--yes', '--output', 'json'], options)
  if (output.code !== 0)
    throw new Error(`The set-up exited with ${output.code}\n${output.stderr}\n${output.stdout}`)
  return output.json
}

/** The flags of an unattended run in the sandbox, without delays. */
export const sandboxFlags = ['--sandbox', '--yes', '--pace', '0'] as const

/** Splits a command line that the program has printed into arguments, as a shell does after `npx wi-setup`. */
export function parseCommandLine(line: string): string[] {
  const parts = [...line.trim().matchAll(/'((?:[^']|'\\'')*)'|[^\s']+/g)].map(([part, quoted]) =>
    quoted === undefined ? part : quoted.replaceAll(`'\\''`, "'"),
  )
  if (parts[0] !== 'npx' || parts[1] !== 'wi-setup') throw new Error(`Not a wi-setup command: ${line}`)
  return parts.slice(2)
}

/** Returns the paths of all files below a folder. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
