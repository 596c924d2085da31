import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The shells that are installed, of those that users paste commands into. */
export const shells: readonly string[] = ['sh', 'bash', 'zsh'].filter(
  (shell) => spawnSync(shell, ['-c', 'exit 0']).status === 0,
)

const programs = [
  ...['az', 'curl', 'date', 'grep', 'helm', 'kubectl', 'kubelogin', 'npx', 'nslookup'],
  ...['openssl', 'sudo', 'terraform', 'wi-setup'],
]

/** Each call writes its name and arguments to a file of its own, separated by NUL, and prints a line. */
const stub = `#!/bin/sh
name=\${0##*/}
at=$(mktemp "$CALLS/call.XXXXXX")
printf '%s\\0' "$name" "$@" > "$at"
[ -t 0 ] || cat > /dev/null
printf 'output of %s\\n' "$name"
`

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
  const bin = join(root, 'bin')
  mkdirSync(bin)
  for (const name of programs) {
    writeFileSync(join(bin, name), stub)
    chmodSync(join(bin, name), 0o755)
  }
  let count = 0
  return {
    evaluate(shell: string, text: string): Evaluation {
      const folder = join(root, `${++count}`)
      const [cwd, calls] = [join(folder, 'work'), join(folder, 'calls')]
      mkdirSync(cwd, { recursive: true })
      mkdirSync(calls)
      const { status, stderr } = spawnSync(shell, ['-c', text], {
        cwd,
        encoding: 'utf8',
        input: '',
        env: { PATH: `${bin}:/usr/bin:/bin`, CALLS: calls, HOME: folder, LC_ALL: 'C.UTF-8' },
      })
      const result = {
        calls: readdirSync(calls)
          .map((file) => readFileSync(join(calls, file), 'utf8').split('\0').slice(0, -1))
          .toSorted((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1)),
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
