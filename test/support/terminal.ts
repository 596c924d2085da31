import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ProgramEnvironment, program } from './environment.ts'

/** Why there can be no terminal on this machine, or undefined. */
export const noTerminal: string | undefined =
  spawnSync('tmux', ['-V']).status === 0 ? undefined : 'tmux is not installed'

export interface Terminal {
  /** Returns the visible text without trailing blank lines; with `colours` including escape sequences. */
  screen(colours?: boolean): string
  /** Returns everything since the start. */
  history(): string
  press(...keys: string[]): void
  type(text: string): void
  /** Waits until the screen matches, and returns it; throws with the history otherwise. */
  shows(what: RegExp, seconds?: number): Promise<string>
  /** Waits for the end, and returns the exit code. */
  exits(): Promise<number>
  close(): void
}

/** Runs the program on a new terminal (tmux). */
export function terminal(
  environment: ProgramEnvironment,
  args: readonly string[],
  of: { columns?: number; rows?: number; env?: Record<string, string> } = {},
): Terminal {
  const { columns = 80, rows = 50 } = of
  const socket = join(environment.root, `tmux-${Math.random().toString(36).slice(2, 8)}`)
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-u', '-S', socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      env: { ...environment.env, TERM: 'xterm-256color' },
    })
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
  const env = Object.entries({ ...environment.env, TERM: 'screen-256color', ...of.env })
  const line = [
    'env',
    '-i',
    ...env.map(([name, value]) => `${name}=${value}`),
    process.execPath,
    program,
    ...args,
  ]
  const script = `cd ${quote(environment.cwd)}; ${line.map(quote).join(' ')}; echo "exit $?."; exec sleep 600`
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), script)
  const screen = (colours = false) => tmux('capture-pane', '-p', ...(colours ? ['-e'] : [])).trimEnd()
  const history = () => tmux('capture-pane', '-p', '-J', '-S', '-').trimEnd()
  const shows = async (what: RegExp, seconds = 20) => {
    for (const until = performance.now() + seconds * 1000; ; await delay(15)) {
      const now = screen()
      if (what.test(now)) return now
      if (performance.now() > until) throw new Error(`Never showed ${what}:\n${history()}`)
    }
  }
  return {
    screen,
    history,
    shows,
    press: (...keys) => void tmux('send-keys', ...keys),
    type: (text) => void tmux('send-keys', '-l', text),
    exits: async () => Number(/exit (\d+)\./.exec(await shows(/exit \d+\./))?.[1]),
    close: () => {
      spawnSync('tmux', ['-S', socket, 'kill-server'])
    },
  }
}
