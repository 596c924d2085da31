import { Command } from 'commander'
import { processHost } from '../src/base/host.ts'
import { chainChecks, postureChecks, preflightChecks, workloadChecks } from '../src/checks/index.ts'
import { program } from '../src/cli.ts'
import { type AnyCheck, checksPage } from '../src/engine/check.ts'
import { addGlobals, addSecretSource } from '../src/settings/flags.ts'
import type { Settings } from '../src/settings/settings.ts'
import { flagOf, type SettingSpec, settingsTable, variableOf } from '../src/settings/table.ts'

/** The whole command line, as the program builds it. */
export const commandLine = program(processHost(), () => {})

/** Every command and subcommand under `command`, with its name as typed: `['sandbox start', …]`. */
export const subcommands = (command: Command, prefix = ''): [name: string, command: Command][] =>
  command.commands.flatMap((child): [string, Command][] => {
    const name = `${prefix}${child.name()}`
    return child.commands.length > 0 ? subcommands(child, `${name} `) : [[name, child]]
  })

const code = (text: string) => `\`${text}\``

function markdownTable(headings: string[], rows: string[][]): string {
  const escaped = rows.map((row) => row.map((text) => text.replaceAll('|', '\\|')))
  return [headings, headings.map(() => '---'), ...escaped].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

const commands = () =>
  markdownTable(
    ['Command', 'What it does'],
    subcommands(commandLine).map(([name, command]) => [code(`wi-setup ${name}`), command.description()]),
  )

/** A placeholder for every setting, to show how a default depends on other settings. */
const placeholders = Object.fromEntries(
  settingsTable.map(({ name }) => [name, `<${flagOf(name).slice(2)}>`]),
) as unknown as Partial<Settings>

function defaultOf(setting: SettingSpec): string {
  if (setting.optional) return ''
  const value = setting.default?.({}) ?? setting.default?.(placeholders)
  return value === undefined ? '*required*' : code(String(value))
}

const settingFlag = ({ name, kind, choices }: SettingSpec) =>
  kind === 'switch'
    ? `${code(flagOf(name))}, ${code(flagOf(name).replace('--', '--no-'))}`
    : code(choices ? `${flagOf(name)} ${choices.join('|')}` : flagOf(name))

const settings = () =>
  markdownTable(
    ['Flag', 'Variable', 'Default', 'Description'],
    settingsTable.map((setting) => [
      settingFlag(setting),
      code(variableOf(setting.name)),
      defaultOf(setting),
      setting.description,
    ]),
  )

const sharedOptions = () => addSecretSource(addGlobals(new Command())).options

const generalFlags = () =>
  markdownTable(
    ['Flag', 'Description'],
    sharedOptions().map(({ flags, description }) => [code(flags), description]),
  )

/** The flags that belong to one command only: not a setting, and not shared by all commands. */
function commandFlags(): string {
  const settingFlags = settingsTable.flatMap(({ name }) => [
    flagOf(name),
    flagOf(name).replace('--', '--no-'),
  ])
  const shared = [...settingFlags, ...sharedOptions().map(({ long }) => long)]
  const rows = subcommands(commandLine).flatMap(([name, command]) =>
    command.options
      // `sandbox start --kubeconfig` is not the setting of that name.
      .filter(({ long }) =>
        name.startsWith('sandbox')
          ? !sharedOptions().some((each) => each.long === long)
          : !shared.includes(long),
      )
      .map(({ flags, description }) => [code(name), code(flags), description]),
  )
  return markdownTable(['Command', 'Flag', 'Description'], rows)
}

const checkTable = (checks: readonly AnyCheck[]) =>
  markdownTable(
    ['Code', 'Check'],
    checks.map(({ code, title }) => [
      `[${code}](${checksPage.replace('docs/', '')}#${code.toLowerCase()})`,
      title,
    ]),
  )

/** Every generated table, by the name of its markers in a page. */
export const tables: Record<string, () => string> = {
  commands,
  settings,
  generalFlags,
  commandFlags,
  checks: () => checkTable(chainChecks),
  workloadChecks: () => checkTable(workloadChecks),
  postureChecks: () => checkTable(postureChecks),
  preChecks: () => checkTable(preflightChecks),
}
