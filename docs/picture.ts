import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readScreen, terminalPicture } from './terminal.ts'

// Makes docs/picture.svg of what the built program shows in a terminal of 80 columns. Needs tmux.

const columns = 80
const typed = 'npx wi-setup --sandbox --yes'
const root = new URL('..', import.meta.url).pathname

/** Ids differ from run to run; the picture shall not. */
const neutral = (text: string) =>
  text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '6f1f3b8a-2c4d-4e5f-8a9b-0c1d2e3f4a5b')
    .replace(/kv-demo-[0-9a-f]{6}/g, 'kv-demo-7f3a2c')

/** Types the command at a shell's prompt in a folder of its own and returns the screen at the end. */
function screenOfRun(): string {
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
    const set = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    tmux('new-session', '-d', '-x', `${columns}`, '-y', '70', '-c', folder, 'env', ...set, 'bash', '--norc')
    tmux('send-keys', `clear; tmux -L ${socket} wait-for -S ready`, 'Enter')
    tmux('wait-for', 'ready')
    tmux('send-keys', `${typed}; tmux -L ${socket} wait-for -S done`, 'Enter')
    tmux('wait-for', 'done')
    return tmux('capture-pane', '-e', '-p')
  } finally {
    tmux('kill-server')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

const screen = neutral(screenOfRun())
const from = screen.split('\n')
// What was typed for our own sake is no part of the picture.
const command = from.findIndex((line) => line.includes(typed))
const prompt = from.findLastIndex((line) => /^\S*\$ ?$/.test(line))
const shown = [`$ ${typed}`, '', ...from.slice(command + 1, prompt < 0 ? undefined : prompt)]
while (!shown.at(-1)?.trim()) shown.pop()
if (!shown.some((line) => line.includes('with its own token')))
  throw new Error(`The run did not end well:\n${shown.join('\n')}`)
writeFileSync(
  new URL('picture.svg', import.meta.url),
  terminalPicture(readScreen(shown.join('\n')), {
    columns,
    title: 'wi-setup',
    says: 'The plan, the steps as they end, and the proof that the workload reads the secret.',
  }),
)
process.stderr.write(`docs/picture.svg: ${shown.length} lines of a real run\n`)
