import { wiSetup } from '../base/command.ts'
import { UsageError } from '../base/usage-error.ts'
import { issuerSettingNames } from './issuer-settings.ts'
import { expandResourceIds } from './resource-ids.ts'
import type { KnownSettings, SettingName, Settings, SettingValue, Source } from './settings.ts'
import { valuesOf } from './settings.ts'
import { shownValue } from './shown-value.ts'
import { flagOf, type SettingSpec, settingsTable, variableOf } from './table.ts'
import { expandVaultGrant } from './vault-grant.ts'

export interface SettingSources {
  flags: Partial<Record<SettingName, string | boolean | readonly string[]>>
  env: Record<string, string | undefined>
  file: Partial<Record<SettingName, SettingValue>>
  /** Names the file in errors and in `--explain-settings`. */
  filePath: string
}

/** Settings of which a job has one. */
const jobChoices: readonly SettingName[] = [
  'branch',
  'tag',
  'environment',
  'pullRequest',
  'subject',
  'matching',
]

/** Settings that name a workload in a cluster. */
const ofCluster: readonly SettingName[] = ['cluster', 'kubeconfig', 'context', 'namespace', 'serviceAccount']

/** Throws a `UsageError` if the settings name both a job and a workload in a cluster: a file describes one of them. */
function requireOneWorkload(known: KnownSettings, filePath: string): void {
  const { issuer } = known
  const other = ofCluster.find((name) => known[name] !== undefined)
  if (!issuer || !other) return
  const [first, second] = [issuer, known[other]!].map(({ source, from }, index) =>
    source === 'file' ? `${from} (${['issuer', other][index]})` : from,
  )
  throw new UsageError(
    `${first} and ${second} can't be combined: a job outside a cluster has no ${other === 'serviceAccount' ? 'service account' : other}\n  a settings file describes one workload; pass --file with a name other than ${filePath} for another one`,
  )
}

/**
 * Returns the file's settings that a newly given cluster outdates: an AKS cluster replaces a kubeconfig's, and a context
 * belongs to its kubeconfig.
 */
function outdatedSettings(given: (name: SettingName) => unknown): SettingName[] {
  if (given('issuer') !== undefined) return [...issuerSettingNames]
  if (given('project') !== undefined)
    return issuerSettingNames.filter((name) => name !== 'issuer' && name !== 'issuerHost')
  if (jobChoices.some((name) => given(name) !== undefined)) return [...jobChoices]
  if (given('kubeconfig') !== undefined) return ['context']
  return given('cluster') !== undefined && given('context') === undefined ? ['kubeconfig', 'context'] : []
}

/** Returns each setting's value from flag, variable or file, in this order. Throws one `UsageError` with all faults. */
export function resolveSettings({ flags, env, file, filePath }: SettingSources): KnownSettings {
  const known: KnownSettings = {}
  const faults: string[] = []
  const outdated = outdatedSettings((name) => flags[name] ?? (env[variableOf(name)] || undefined))
  for (const spec of settingsTable) {
    const { name } = spec
    const candidates: [Source, string, SettingValue | undefined][] = [
      ['flag', flagOf(name), flags[name]],
      ['environment', variableOf(name), env[variableOf(name)] || undefined],
      ['file', filePath, outdated.includes(name) ? undefined : file[name]],
    ]
    const first = candidates.find(([, , value]) => value !== undefined)
    if (!first) continue
    const [source, from, value] = first
    const parsed = parseSetting(spec, value!)
    if ('fault' in parsed) {
      const subject = source === 'file' ? `${filePath}: ${name}` : from
      faults.push(
        `${subject} ${JSON.stringify(shownValue(parsed.value ?? value))} ${parsed.fault}      for example ${spec.example}`,
      )
    } else Object.assign(known, { [name]: { value: parsed.value, source, from } })
  }
  if (faults.length) throw new UsageError(faults.join('\n'))
  expandVaultGrant(known)
  requireOneWorkload(known, filePath)
  expandResourceIds(known)
  return known
}

/** Returns a setting's value in its type, or what is wrong with it, to follow the value in an error. */
export function parseSetting(
  spec: SettingSpec,
  given: SettingValue,
): { value: SettingValue } | { fault: string; value?: string } {
  if (spec.kind === 'list') return parseList(spec, given)
  if (spec.kind === 'switch') {
    const text = String(given).toLowerCase()
    return text === 'true' || text === 'false'
      ? { value: text === 'true' }
      : { fault: 'must be true or false' }
  }
  const text = String(given).trim()
  if (spec.choices && !spec.choices.includes(text))
    return { fault: `is not one of ${spec.choices.join(', ')}` }
  const fault = spec.rule?.(text)
  if (fault) return { fault }
  return { value: spec.kind === 'number' ? Number(text) : text }
}

function parseList({ rule }: SettingSpec, given: SettingValue) {
  const texts = (Array.isArray(given) ? given : String(given).split(/[,\n]/)) as readonly string[]
  const values = [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))]
  for (const value of values) {
    const fault = rule?.(value)
    if (fault) return { fault, value }
  }
  return { value: values }
}

/** Adds the values found in Azure, then the defaults, to the settings that have no value yet. */
export function withDefaults(known: KnownSettings, found: Partial<Settings> = {}): KnownSettings {
  const all: KnownSettings = { ...known }
  const isOpen = ({ name, isUnused }: SettingSpec) => all[name] === undefined && !isUnused?.(valuesOf(all))
  for (const spec of settingsTable) {
    const value = found[spec.name]
    if (value !== undefined && isOpen(spec))
      Object.assign(all, { [spec.name]: { value, source: 'found', from: 'found in Azure' } })
  }
  // Twice: a default may depend on settings further down in the table.
  for (const spec of [...settingsTable, ...settingsTable]) {
    if (!isOpen(spec)) continue
    const value = spec.default?.(valuesOf(all))
    if (value !== undefined && value !== '')
      Object.assign(all, { [spec.name]: { value, source: 'default', from: 'default' } })
  }
  return all
}

/** Returns those of `names` that need a value and have none. */
export const missingSettings = (known: KnownSettings, names: readonly SettingName[]): SettingSpec[] =>
  settingsTable.filter(
    ({ name, optional, default: makeDefault, isUnused }) =>
      names.includes(name) &&
      !optional &&
      !makeDefault &&
      known[name] === undefined &&
      !isUnused?.(valuesOf(known)),
  )

/** Returns the error for settings that can't be prompted for. `typed`: the arguments so far. */
export function missingError(missing: readonly SettingSpec[], typed: readonly string[]): UsageError {
  const flags = missing.map((spec) => `${flagOf(spec.name)} <${spec.placeholder ?? 'name'}>`)
  const width = Math.max(...flags.map((flag) => flag.length))
  const lines = missing.map((spec, index) => `  ${flags[index]!.padEnd(width)}   ${spec.description}`)
  const count = missing.length === 1 ? '1 setting is' : `${missing.length} settings are`
  return new UsageError(`${count} missing, and there is no terminal to ask on\n\n${lines.join('\n')}`, [
    wiSetup(...typed, ...missing.flatMap(({ name }) => [flagOf(name), '…'])),
  ])
}
