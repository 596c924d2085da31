import { homedir, platform } from 'node:os'

/** What the program gets from outside. Nothing else reads the process. */
export interface Host {
  argv: string[]
  env: Record<string, string | undefined>
  cwd: string
  home: string
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  /** True if a person can be asked: both input and the error stream are terminals, and this is no CI. */
  interactive: boolean
  columns: number
  color: boolean
  unicode: boolean
  /** Aborted by Ctrl-C (and SIGTERM); its reason is an `Interrupted`. */
  signal: AbortSignal
  pid: number
}

export class Interrupted extends Error {
  constructor() {
    super('Interrupted')
    this.name = 'Interrupted'
  }
}

export function processHost(): Host {
  const { env, stdin, stdout, stderr } = process
  const controller = new AbortController()
  let asked = false
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => {
      if (asked) process.exit(130)
      asked = true
      controller.abort(new Interrupted())
    })
  // A reader that went away (`| head`) is no failure.
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

/** Whether a person reads this who pastes into a POSIX shell. */
export const wrapsCommands = ({ env }: Pick<Host, 'env'>, stream: { isTTY?: boolean }): boolean =>
  Boolean(stream.isTTY) && !env.WINDIR

/** Of the Node.js that runs this. */
export const nodeVersion = process.versions.node

/** Ends the process with this code once everything has been written, whatever a library may still try again. */
export function leave(code: number): void {
  process.exitCode = code
  process.stdout.write('', () => process.stderr.write('', () => process.exit()))
}

/** Where the sandbox's world lasts. */
export const stateFolder = (world: Pick<Host, 'env' | 'home'>) => {
  const { XDG_STATE_HOME, LOCALAPPDATA } = world.env
  return `${XDG_STATE_HOME || LOCALAPPDATA || `${world.home}/.local/state`}/wi-setup/sandbox`
}
