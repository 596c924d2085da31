import { homedir, platform } from 'node:os'

/** The process, its streams and its environment. Only this file and main.ts access the process. */
export interface Host {
  argv: string[]
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
  /** Aborted by Ctrl-C or SIGTERM, with an `Interrupted` as its reason. */
  signal: AbortSignal
  pid: number
}

/** The user pressed Ctrl-C, or the process received SIGTERM. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted')
    this.name = 'Interrupted'
  }
}

/** Returns the host of this process; the second Ctrl-C ends the process at once. */
export function processHost(): Host {
  const { env, stdin, stdout, stderr } = process
  const controller = new AbortController()
  let interrupted = false
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (interrupted) process.exit(130)
      interrupted = true
      controller.abort(new Interrupted())
    })
  // A reader that closes early (`| head`) is not a failure.
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit()
      throw error
    })
  const ci = env.CI !== undefined && env.CI !== '' && env.CI !== 'false'
  return {
    argv: process.argv.slice(2),
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
    signal: controller.signal,
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

/** Returns the folder in which the sandbox keeps its state. */
export const sandboxFolder = ({ env, home }: Pick<Host, 'env' | 'home'>) => {
  const { XDG_STATE_HOME, LOCALAPPDATA } = env
  return `${XDG_STATE_HOME || LOCALAPPDATA || `${home}/.local/state`}/wi-setup/sandbox`
}
