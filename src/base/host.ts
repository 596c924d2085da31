import { homedir, platform } from 'node:os'
import { isAbsolute } from 'node:path'
import { stripControlCharacters } from './control-characters.ts'
import { runExitTasks } from './exit-tasks.ts'
import { programWords } from './program.ts'
import { type Shell, userShell } from './shell.ts'
import { stateFolder } from './state-folder.ts'

/** The process, its streams and its environment. test/support/layers.ts lists the files that may access the process. */
export interface Host {
  argv: string[]
  /** The words that start this program again from `cwd`: `npx wi-setup`. */
  program: readonly string[]
  /** The shell that the user pastes commands into. */
  shell: Shell
  env: Record<string, string | undefined>
  cwd: string
  home: string
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  /** True if prompts are possible: standard input and standard error are terminals, and this is not CI. */
  interactive: boolean
  columns: number
  color: boolean
  unicode: boolean
  /** Aborted by Ctrl-C, SIGTERM or the end of the terminal (SIGHUP), with an `Interrupted` as its reason. */
  signal: AbortSignal
  pid: number
}

/** The user pressed Ctrl-C or closed the terminal, or the process received SIGTERM. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted')
    this.name = 'Interrupted'
  }
}

/**
 * Returns a signal that is aborted when the process is asked to end, or its terminal is closed. A second Ctrl-C or
 * SIGTERM ends the process at once. SIGHUP is often sent twice, by the kernel and by the shell.
 */
function interruptSignal(streams: NodeJS.EventEmitter[]): AbortSignal {
  const controller = new AbortController()
  const interrupt = () => {
    if (!controller.signal.aborted) controller.abort(new Interrupted())
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130)
      interrupt()
    })
  process.on('SIGHUP', interrupt)
  for (const stream of streams)
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A reader that closes early (`| head`) is not a failure.
      if (error.code === 'EPIPE') process.exit()
      // The terminal was closed. What is running is stopped in order; there is nowhere to print.
      if (error.code !== 'EIO') throw error
      interrupt()
    })
  process.on('uncaughtException', reportUncaught)
  process.on('exit', runExitTasks)
  return controller.signal
}

/** Reports an error that no code handles, such as of a library's socket, in one line. */
function reportUncaught(error: NodeJS.ErrnoException): void {
  const isLimit = error?.code === 'EMFILE' || error?.code === 'ENFILE'
  const fix = isLimit
    ? '\n  Raise the limit on open files with ulimit -n 4096, then run the same command again'
    : ''
  const text = stripControlCharacters(String(error?.message ?? error)).replace(/\s+/g, ' ')
  process.stderr.write(`wi-setup: ${text}${fix}\n`, () => process.exit(1))
}

/** Returns the host of this process. */
export function processHost(): Host {
  const { env, stdin, stdout, stderr } = process
  const signal = interruptSignal([stdin, stdout, stderr])
  const ci = env.CI !== undefined && env.CI !== '' && env.CI !== 'false'
  return {
    argv: process.argv.slice(2),
    program: programWords({
      script: process.argv[1] ?? '',
      node: process.execPath,
      env,
      cwd: process.cwd(),
    }),
    shell: userShell(env, platform()),
    env,
    cwd: process.cwd(),
    home: homedir(),
    stdin,
    stdout,
    stderr,
    interactive: Boolean(stdin.isTTY && stderr.isTTY) && !ci,
    columns: stderr.columns || 80,
    color: Boolean(stderr.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb',
    unicode:
      env.TERM !== 'dumb' &&
      (platform() === 'win32'
        ? Boolean(env.WT_SESSION)
        : /utf-?8/i.test(env.LC_ALL ?? env.LC_CTYPE ?? env.LANG ?? 'utf-8')),
    signal,
    pid: process.pid,
  }
}

/** Returns whether long commands on this stream may be wrapped with backslashes, as a POSIX shell accepts them. */
export const wrapsCommands = ({ env }: Pick<Host, 'env'>, stream: { isTTY?: boolean }): boolean =>
  Boolean(stream.isTTY) && !env.WINDIR

/** The version of the running Node.js. */
export const nodeVersion = process.versions.node

/** Ends the process once its output is flushed, even if a library still has timers or sockets open. */
export function leave(code: number): void {
  process.exitCode = code
  process.stdout.write('', () => process.stderr.write('', () => process.exit()))
}

/** Returns the folder of the user's configuration. A relative XDG_CONFIG_HOME is ignored, as its specification demands. */
export const configFolder = ({ env, home }: Pick<Host, 'env' | 'home'>) => {
  const { XDG_CONFIG_HOME = '', APPDATA } = env
  return `${isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : APPDATA || `${home}/.config`}/wi-setup`
}

/** Returns the folder in which the sandbox keeps its state. */
export const sandboxFolder = (host: Pick<Host, 'env' | 'home'>) => `${stateFolder(host)}/sandbox`
