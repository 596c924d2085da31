import { type Command, Option } from 'commander'
import type { SettingName } from './settings.ts'
import { flagOf, settingsTable } from './table.ts'

/** What may be said on every command besides its settings. */
export interface Globals {
  sandbox?: boolean
  pace?: string
  cloud?: string
  file?: string
  yes?: boolean
  dryRun?: boolean
  explainSettings?: boolean
  output?: string
  debug?: boolean
  quiet?: boolean
  color?: boolean
  timeout?: string
  wait?: string
  secretFromStdin?: boolean
  secretFromFile?: string
  port?: string
  pre?: boolean
  inCluster?: boolean
  user?: string
  purge?: boolean
  skipUnreachable?: boolean
  log?: string
  workload?: string[]
  workloads?: boolean
  posture?: boolean
  manifest?: string[]
  only?: string
  skip?: string
  report?: string
}

/** Adds these settings as flags, under their headings. */
export function addSettings(command: Command, names: readonly SettingName[]): Command {
  for (const option of settingsTable.filter(({ name }) => names.includes(name))) {
    const heading = `${option.group}:`
    if (option.kind === 'switch') {
      command.addOption(new Option(flagOf(option.name), `the ${option.description}`).helpGroup(heading))
      command.addOption(
        new Option(flagOf(option.name).replace('--', '--no-'), `without the ${option.name}`).helpGroup(
          heading,
        ),
      )
    } else {
      const shown = option.choices?.join('|') ?? (option.kind === 'number' ? 'n' : 'name')
      command.addOption(
        new Option(`${flagOf(option.name)} <${shown}>`, `the ${option.description}`).helpGroup(heading),
      )
    }
  }
  return command
}

/** `bare`: only how to print, for a command that asks nobody. */
export function addGlobals(command: Command, bare = false): Command {
  const printing = (flags: string, says: string) =>
    command.addOption(new Option(flags, says).helpGroup('General:'))
  const general = (flags: string, says: string) => (bare ? command : printing(flags, says))
  general('--file <path>', 'answers to read and keep (default: wi-setup.yaml, if it is there)')
  general('--cloud <name>', 'public, usgov, china, or the URL of any cloud’s resource manager')
  general('--sandbox', 'use the simulated Azure on this machine')
  general('--pace <factor>', 'how fast the sandbox is: 0 at once … 1 as in Azure (default: 0.05)')
  general('-y, --yes', 'agree to the plan')
  general('--dry-run', 'show the plan and stop')
  general('--explain-settings', 'show every setting and where its value came from, and stop')
  printing('--output <text|json>', 'what goes to the standard output (default: text)')
  general('--timeout <time>', 'give up after this long, like 90s or 30m')
  general('--debug', 'show every request, without tokens and secrets')
  general('-q, --quiet', 'say nothing but errors')
  printing('--no-color', 'no colours')
  return command
}

export function addSecretSource(command: Command): Command {
  const option = (flags: string, says: string) =>
    command.addOption(new Option(flags, says).helpGroup('Vault:'))
  option('--secret-from-stdin', "read the secret's value from the standard input")
  option('--secret-from-file <path>', "read the secret's value from a file")
  return command
}
