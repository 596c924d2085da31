import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readScreen, terminalPicture } from './terminal.ts'

// Writes docs/picture.svg: a run of the built program in a terminal of 80 columns. Needs tmux.

const columns = 80
const commandLine = 'npx wi-setup --sandbox --yes'
const root = new URL('..', import.meta.url).pathname

/** Replaces the IDs that change with every run, so that the picture changes only with the program. */
const withFixedIds = (text: string) =>
  text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '6f1f3b8a-2c4d-4e5f-8a9b-0c1d2e3f4a5b')
    .replace(/kv-demo-[0-9a-f]{6}/g, 'kv-demo-7f3a2c')

/** Runs the command in a shell in an empty folder and returns the final screen, with its escape sequences. */
function captureRun(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wi-picture-'))
  const socket = `wi-picture-${process.pid}`
  const tmux = (...args: string[]) => execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' })
  try {
    mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
    symlinkSync(join(root, 'bin/wi-setup.js'), join(folder, 'node_modules/.bin/wi-setup'))
    const env: Record<string, string> = {
      PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
      HOME: folder,
      XDG_STATE_HOME: join(folder, 'state'),
      LANG: 'C.UTF-8',
      PS1: '$ ',
      CI: '',
      NPM_CONFIG_UPDATE_NOTIFIER: 'false',
    }
    const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    tmux(
      'new-session',
      '-d',
      '-x',
      `${columns}`,
      '-y',
      '70',
      '-c',
      folder,
      'env',
      ...assignments,
      'bash',
      '--norc',
    )
    tmux('send-keys', `clear; tmux -L ${socket} wait-for -S ready`, 'Enter')
    tmux('wait-for', 'ready')
    tmux('send-keys', `${commandLine}; tmux -L ${socket} wait-for -S done`, 'Enter')
    tmux('wait-for', 'done')
    return tmux('capture-pane', '-e', '-p')
  } finally {
    tmux('kill-server')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Returns the lines from the command to the end of its output, without the shell prompts around them. */
function linesOfRun(screen: string): string[] {
  const lines = screen.split('\n')
  const command = lines.findIndex((line) => line.includes(commandLine))
  const prompt = lines.findLastIndex((line) => /^\S*\$ ?$/.test(line))
  const output = lines.slice(command + 1, prompt < 0 ? undefined : prompt)
  while (output.at(-1)?.trim() === '') output.pop()
  return [`$ ${commandLine}`, '', ...output]
}

const lines = linesOfRun(withFixedIds(captureRun()))
if (!lines.some((line) => line.includes('with its own token')))
  throw new Error(`The run did not end with the proof:\n${lines.join('\n')}`)
writeFileSync(
  new URL('picture.svg', import.meta.url),
  terminalPicture(readScreen(lines.join('\n')), {
    columns,
    title: 'wi-setup',
    description: 'The plan, the completed steps, and the proof that the workload reads the secret.',
  }),
)
process.stderr.write(`docs/picture.svg: ${lines.length} lines of a real run\n`)
