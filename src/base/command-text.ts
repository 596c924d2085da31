import type { Argv, Remedy, Script } from './command.ts'
import { stripControlCharacters } from './control-characters.ts'
import { quoted } from './shell.ts'

/** What printed commands act on, and how this program is called. */
export interface CommandTarget {
  /** How this program was started: `npx wi-setup`. */
  program: readonly string[]
  /** Flags that name the cluster. */
  kubectl: readonly string[]
  /** Flags that name the subscription. */
  az: readonly string[]
}

export const noTarget: CommandTarget = { program: ['npx', 'wi-setup'], kubectl: [], az: [] }

/** Command groups of az that have no --subscription. */
const withoutSubscription = ['ad', 'rest', 'login', 'account', 'cloud', 'version']

function argvOn([name, ...args]: Argv, target: CommandTarget): readonly string[] {
  if (name === 'wi-setup') return [...target.program, ...args]
  // A local patch needs no cluster.
  if (name === 'kubectl' && !args.includes('--local')) return [name, ...target.kubectl, ...args]
  if (name === 'az' && !withoutSubscription.includes(args[0]!)) return [name, ...args, ...target.az]
  return [name, ...args]
}

/** Returns the script as one line for a POSIX shell. */
export const scriptText = ({ pipelines }: Script, target: CommandTarget): string =>
  pipelines
    .map((pipeline) => pipeline.map((argv) => argvOn(argv, target).map(quoted).join(' ')).join(' | '))
    .join(' && ')

/** Returns the remedy as text; a string is an instruction without commands. */
export function remedyText(remedy: Remedy | string, target: CommandTarget): string {
  if (typeof remedy === 'string') return stripControlCharacters(remedy)
  if ('pipelines' in remedy) return scriptText(remedy, target)
  return remedy.parts
    .map((part) => (typeof part === 'string' ? stripControlCharacters(part) : scriptText(part, target)))
    .join('')
}
