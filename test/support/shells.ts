import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The shells that are installed, of those that users paste commands into. */
export const shells: readonly string[] = ['sh', 'bash', 'zsh'].filter(
  (shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0,
)

const programs = [
  ...['az', 'curl', 'date', 'grep', 'helm', 'kubectl', 'kubelogin', 'npx', 'nslookup'],
  ...['openssl', 'sudo', 'terraform'],
]

/**
 * Each call appends the number of its words and the words to a file, reads its input, and prints a line. A function of
 * the shell and not a program, because hundreds of commands are evaluated in each shell.
 */
const stub = (name: string) => `printf '%s\\0' "$#" ${name} "$@" >> "$CALLS"
while IFS= read -r _; do :; done
printf 'output of %s\\n' ${name}
`
const stubs = programs.map((name) => `${name}() {\n${stub(name)}}\n`).join('')

/** Splits the file of calls into the name and arguments of each. */
function callsOf(text: string): string[][] {
  const words = text.split('\0').slice(0, -1)
  const calls: string[][] = []
  for (let at = 0; at < words.length; ) {
    const end = at + 2 + Number(words[at])
    calls.push(words.slice(at + 1, end))
    at = end
  }
  return calls
}

export interface Evaluation {
  /** Name and arguments of each program that ran, sorted. */
  calls: string[][]
  /** What the commands created in their folder. */
  created: string[]
  status: number | null
  stderr: string
}

/** Runs command lines in a shell with stubs in place of the programs. */
export function makeShellBench() {
  const root = mkdtempSync(join(tmpdir(), 'shells-'))
  // A name with a hyphen can't be a function in sh.
  writeFileSync(join(root, 'wi-setup'), `#!/bin/sh\n${stub('wi-setup')}`, { mode: 0o755 })
  let count = 0
  return {
    evaluate(shell: string, text: string): Evaluation {
      const folder = join(root, `${++count}`)
      const [cwd, calls] = [join(folder, 'work'), join(folder, 'calls')]
      mkdirSync(cwd, { recursive: true })
      writeFileSync(calls, '')
      const { status, stderr } = spawnSync(shell, ['-c', `${stubs}${text}`], {
        cwd,
        encoding: 'utf8',
        input: '',
        env: { PATH: `${root}:/usr/bin:/bin`, CALLS: calls, HOME: folder, LC_ALL: 'C.UTF-8' },
      })
      const result = {
        calls: callsOf(readFileSync(calls, 'utf8')).toSorted((a, b) =>
          a.join('\0') < b.join('\0') ? -1 : 1,
        ),
        created: readdirSync(cwd),
        status,
        stderr,
      }
      rmSync(folder, { recursive: true })
      return result
    },
    close: () => rmSync(root, { recursive: true }),
  }
}

/** Names that another user of the cluster or the cloud may choose. Each creates the file `pwned` if a shell runs it. */
export const hostileNames: readonly string[] = [
  '--all',
  '-n',
  '--as=system:admin',
  'rg(prod)',
  'with space',
  "it's",
  'say "hi"',
  '$(touch pwned)',
  '`touch pwned`',
  '$' + '{IFS}touch${IFS}pwned',
  ';touch pwned',
  '|touch pwned',
  '&& touch pwned #',
  '> pwned',
  "'; touch pwned; '",
  '"; touch pwned; "',
  'a\ntouch pwned\nb',
  'tab\there',
  'esc\u001b[31mred',
  '--dash\u001b',
  '\u202egnp.exe',
  '%s%n$HOME~!#{a,b}*?[x]',
  'back\\slash\\',
  '=ls',
  '~root',
  '*',
  'ü-größe-漢字',
]
