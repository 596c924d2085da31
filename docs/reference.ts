import { readFileSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { stringify } from 'yaml'
import { caller, chain, posture, workloads } from '../src/checks/index.ts'
import { kubernetesRights, type Rule } from '../src/checks/kubernetes-rules.ts'
import { commands } from '../src/commands/index.ts'
import { addGlobals, addSecretSource } from '../src/settings/flags.ts'
import type { Settings } from '../src/settings/settings.ts'
import { flagOf, type SettingSpec, settingsTable, variableOf } from '../src/settings/table.ts'
import { checksPage } from './checks.ts'

/** A cell of a Markdown table. */
const cell = (text: string) => text.replaceAll('|', '\\|')
const code = (text: string) => `\`${text}\``
const rows = (heads: string[], lines: string[][]) =>
  [heads, heads.map(() => '---'), ...lines.map((line) => line.map(cell))]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n')

/** Every other setting by its flag's name, to show how a default is made of them. */
const named = Object.fromEntries(
  settingsTable.map(({ name }) => [name, `<${flagOf(name).slice(2)}>`]),
) as unknown as Partial<Settings>

function defaultOf(option: SettingSpec): string {
  if (option.optional) return ''
  const value = option.default?.({}) ?? option.default?.(named)
  return value === undefined ? '*needed*' : code(String(value))
}

const flagText = ({ name, kind, choices }: SettingSpec) =>
  kind === 'switch'
    ? `${code(flagOf(name))}, ${code(flagOf(name).replace('--', '--no-'))}`
    : code(choices ? `${flagOf(name)} ${choices.join('|')}` : flagOf(name))

const settings = () =>
  rows(
    ['Flag', 'Variable', 'Default', 'The …'],
    settingsTable.map((option) => [
      flagText(option),
      code(variableOf(option.name)),
      defaultOf(option),
      option.description,
    ]),
  )

const flags = () => {
  const command = addSecretSource(addGlobals(new Command()))
  return rows(
    ['Flag', 'Meaning'],
    command.options.map((option) => [code(option.flags), option.description]),
  )
}

const commandRows = () =>
  rows(
    ['Command', 'Its part'],
    Object.entries(commands)
      .filter(([word]) => word)
      .map(([word, { description }]) => [code(`wi-setup ${word}`), description]),
  )

const ownFlags = () =>
  rows(
    ['Command', 'Flag', 'Meaning'],
    Object.entries(commands).flatMap(([word, { more = [] }]) =>
      more.map(([flag, says]) => [code(word), code(flag), says]),
    ),
  )

const checkList = () =>
  rows(
    ['Code', 'What is true when all is well'],
    [...chain, ...workloads, ...posture].map((check) => [check.code, check.title]),
  )

const before = () =>
  rows(
    ['Code', 'What is true before a set-up that can go well'],
    caller.map((check) => [check.code, check.title]),
  )

const parts = { before, settings, flags, ownFlags, commands: commandRows, checks: checkList }

/** The text with everything between `<!-- name -->` and `<!-- /name -->` made anew from the program. */
export const withReference = (text: string) =>
  Object.entries(parts).reduce((all, [name, make]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
    if (!all.includes(begin) || !all.includes(end)) throw new Error(`No place for the ${name}`)
    return `${all.slice(0, all.indexOf(begin))}${begin}\n${make()}\n${all.slice(all.indexOf(end))}`
  }, text)

const mark = '# The rights of verify, as `wi-setup permissions` prints them (npm run reference).\n'

/** The manifest with the roles of the check made anew from the program. */
export function withRoles(text: string): string {
  const { namespace, webhook, cluster } = kubernetesRights({
    namespace: 'shop',
    serviceAccount: 'checkout',
    webhook: 'auto',
    sample: false,
    context: 'inClusterContext',
  }).verify
  const given = (kind: string, rules: Rule[], of?: string) => {
    const metadata = { name: 'wi-setup-verify', ...(of ? { namespace: of } : {}) }
    const apiVersion = 'rbac.authorization.k8s.io/v1'
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name }
    const subjects = [{ kind: 'ServiceAccount', name: 'wi-setup-verify', namespace: 'wi-setup' }]
    return [
      { apiVersion, kind, metadata, rules },
      { apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects },
    ]
  }
  const roles = [
    ...given('Role', namespace, 'shop'),
    ...given('Role', webhook, 'kube-system'),
    ...given('ClusterRole', cluster),
  ]
  const own = text.includes(mark) ? text.slice(0, text.indexOf(mark)) : `${text.trimEnd()}\n---\n`
  return `${own}${mark}${roles.map((each) => stringify(each, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n')}`
}

if (import.meta.main) {
  writeFileSync(new URL('checks.md', import.meta.url), checksPage())
  const manifest = new URL('health-check/cronjob.yaml', import.meta.url)
  writeFileSync(manifest, withRoles(readFileSync(manifest, 'utf8')))
  const readme = new URL('../README.md', import.meta.url)
  writeFileSync(readme, withReference(readFileSync(readme, 'utf8')))
}
