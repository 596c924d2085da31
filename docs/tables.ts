import type { Command } from 'commander'
import { processHost } from '../src/base/host.ts'
import {
  chainChecks,
  jobChecks,
  objectChecks,
  postureChecks,
  preflightChecks,
  workloadChecks,
} from '../src/checks/index.ts'
import { flagText, summaryOf } from '../src/commands/command.ts'
import { commands } from '../src/commands/index.ts'
import { buildProgram } from '../src/commands/program.ts'
import { type AnyCheck, checksPage } from '../src/engine/check.ts'
import { issuers } from '../src/issuers/index.ts'
import { generalOptions } from '../src/settings/general.ts'
import { defaultText, flagOf, type SettingSpec, settingsTable, variableOf } from '../src/settings/table.ts'
import { targets } from '../src/targets/index.ts'
import { parseGrants } from '../src/targets/parse-grant.ts'
import { grantLabel } from '../src/targets/target.ts'

/** The complete command line, as the program builds it. */
export const commandLine = buildProgram(processHost(), async () => {})

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

const commandTable = () =>
  markdownTable(
    ['Command', 'What it does'],
    commands.filter(({ name }) => name).map((spec) => [code(`wi-setup ${spec.name}`), summaryOf(spec)]),
  )

function defaultOf(setting: SettingSpec): string {
  const text = defaultText(setting)
  if (text === undefined) return setting.optional ? '' : '*required*'
  return setting.defaultNote === undefined ? code(text) : text
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

const generalFlags = () =>
  markdownTable(
    ['Flag', 'Variable', 'File key', 'Description'],
    Object.entries(generalOptions).map(([name, option]) => [
      code(option.flags),
      'variable' in option ? code(variableOf(name)) : '',
      'inFile' in option ? code(name) : '',
      option.description,
    ]),
  )

/** The flags that are not shared by all commands; commands with the same flag share a row. */
function commandFlags(): string {
  const rows = commands.flatMap(({ name, flags }) =>
    Object.entries(flags).map(([key, flag]) => ({
      command: code(name || 'wi-setup'),
      flag: code(flagText(key, flag)),
      description: flag.description,
    })),
  )
  const grouped = Map.groupBy(rows, ({ flag, description }) => `${flag} ${description}`)
  return markdownTable(
    ['Command', 'Flag', 'Description'],
    [...grouped.values()].map((group) => [
      group.map(({ command }) => command).join(', '),
      group[0]!.flag,
      group[0]!.description,
    ]),
  )
}

const checkTable = (checks: readonly AnyCheck[]) =>
  markdownTable(
    ['Code', 'Check'],
    checks.map(({ code, title }) => [
      `[${code}](${checksPage.replace('docs/', '')}#${code.toLowerCase()})`,
      title,
    ]),
  )

const targetTable = () =>
  markdownTable(
    ['Target', 'Resource', 'Roles; the first is the default', 'Example'],
    targets.map(({ form, example, resourceTitle, roles }) => [
      code(form),
      form === 'ROLE@SCOPE' ? 'any role, at a scope' : resourceTitle,
      roles.map(({ word, name }) => (word ? `${code(word)} (${name})` : 'any')).join(', '),
      code(example),
    ]),
  )

/** A command for each target: what it gives access to, and the arguments. */
export const targetExamples: readonly (readonly [what: string, args: string])[] = targets.map(
  ({ name, example }) => {
    const [grant] = parseGrants([example])
    return [name === 'role' ? 'anything, with an Azure role' : grantLabel(grant!), `--grant ${example}`]
  },
)

/** A command for each issuer besides clusters. */
export const issuerExamples: readonly (readonly [what: string, args: string])[] = [
  ...issuers.map(({ title, name, examples }) => [title, `federate ${name} ${examples[0]}`] as const),
  ['any other OIDC issuer', 'federate --issuer https://oidc.example.com --subject ci:acme/shop'],
]

const exampleTable = (heading: string, examples: typeof targetExamples) =>
  markdownTable(
    [heading, 'Command'],
    examples.map(([what, args]) => [what, code(`npx wi-setup ${args}`)]),
  )

/** Every generated table, by the name of its markers in a page. */
export const tables: Record<string, () => string> = {
  commands: commandTable,
  targets: targetTable,
  targetExamples: () => exampleTable('Access to', targetExamples),
  issuerExamples: () => exampleTable('Jobs of', issuerExamples),
  settings,
  generalFlags,
  commandFlags,
  checks: () => checkTable(chainChecks),
  jobChecks: () => checkTable(jobChecks),
  workloadChecks: () => checkTable(workloadChecks),
  objectChecks: () => checkTable(objectChecks),
  postureChecks: () => checkTable(postureChecks),
  preChecks: () => checkTable(preflightChecks),
}
