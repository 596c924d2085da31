import { UsageError } from '../base/usage-error.ts'
import type { KnownSettings, SettingName, Settings, Source } from './settings.ts'
import { valuesOf } from './settings.ts'
import { flagOf, type SettingSpec, settingsTable, variableOf } from './table.ts'

export interface Layers {
  /** Values from the command line, by setting. */
  flags: Partial<Record<SettingName, string | boolean>>
  env: Record<string, string | undefined>
  file: Partial<Record<SettingName, string | number | boolean>>
  filePath: string
}

/**
 * Of the last time's answers, those that the cluster named now speaks against: whoever names an AKS cluster does not mean
 * the other one, and a context is of its own kubeconfig.
 */
function outdated(given: (name: SettingName) => unknown): SettingName[] {
  if (given('kubeconfig') !== undefined) return ['context']
  return given('cluster') !== undefined && given('context') === undefined ? ['kubeconfig', 'context'] : []
}

/** Enough of a value to know it by. */
const shown = (value: unknown) =>
  typeof value === 'string' && value.length > 200 ? `${value.slice(0, 120)}…${value.slice(-40)}` : value

/** Takes each value from the strongest layer that has it and checks it; throws one `UsageError` naming all faults. */
export function resolveSettings({ flags, env, file, filePath }: Layers): KnownSettings {
  const known: KnownSettings = {}
  const faults: string[] = []
  const leftOut = outdated((name) => flags[name] ?? (env[variableOf(name)] || undefined))
  for (const option of settingsTable) {
    const layers: [Source, string, string | number | boolean | undefined][] = [
      ['flag', flagOf(option.name), flags[option.name]],
      ['environment', variableOf(option.name), env[variableOf(option.name)] || undefined],
      ['file', filePath, leftOut.includes(option.name) ? undefined : file[option.name]],
    ]
    const hit = layers.find(([, , value]) => value !== undefined)
    if (!hit) continue
    const [source, from, value] = hit
    const read = readValue(option, value as string)
    if ('fault' in read)
      faults.push(
        `${source === 'file' ? `${filePath}: ${option.name}` : from} ${JSON.stringify(shown(value))} ${read.fault}      e.g. ${option.example}`,
      )
    else Object.assign(known, { [option.name]: { value: read.value, source, from } })
  }
  if (faults.length) throw new UsageError(faults.join('\n'))
  return known
}

/** Checks and converts one value as given. */
export function readValue(
  option: SettingSpec,
  given: string | number | boolean,
): { value: string | number | boolean } | { fault: string } {
  if (option.kind === 'switch') {
    if (typeof given === 'boolean') return { value: given }
    const word = String(given).toLowerCase()
    return word === 'true' || word === 'false'
      ? { value: word === 'true' }
      : { fault: 'is neither true nor false' }
  }
  const text = String(given).trim()
  if (option.choices && !option.choices.includes(text))
    return { fault: `is not one of ${option.choices.join(', ')}` }
  const fault = option.rule?.(text)
  if (fault) return { fault }
  return { value: option.kind === 'number' ? Number(text) : text }
}

/** Adds found values and defaults where nothing stronger is known. */
export function withDefaults(known: KnownSettings, found: Partial<Settings> = {}): KnownSettings {
  const all: KnownSettings = { ...known }
  for (const option of settingsTable) {
    if (all[option.name] !== undefined || option.isUnused?.(valuesOf(all))) continue
    const value = found[option.name]
    if (value !== undefined)
      Object.assign(all, { [option.name]: { value, source: 'found', from: 'found in Azure' } })
  }
  // Twice: a default may be made of others that stand below it in the table.
  for (const option of [...settingsTable, ...settingsTable]) {
    if (all[option.name] !== undefined || option.isUnused?.(valuesOf(all))) continue
    const value = option.default?.(valuesOf(all))
    if (value !== undefined && value !== '')
      Object.assign(all, { [option.name]: { value, source: 'default', from: 'default' } })
  }
  return all
}

/** The settings among `names` that still have no value and need one. */
export const missingSettings = (known: KnownSettings, names: readonly SettingName[]): SettingSpec[] =>
  settingsTable.filter(
    (option) =>
      names.includes(option.name) &&
      !option.optional &&
      !option.default &&
      known[option.name] === undefined &&
      !option.isUnused?.(valuesOf(known)),
  )

/** What to say when there is no terminal to ask on. `typed`: the command line so far, without the program's name. */
export function missingError(options: readonly SettingSpec[], typed: string): UsageError {
  const width = Math.max(...options.map((option) => flagOf(option.name).length))
  const lines = options.map((option) => `  ${flagOf(option.name).padEnd(width)}   the ${option.description}`)
  const count = options.length === 1 ? '1 setting is' : `${options.length} settings are`
  const line = `npx wi-setup ${[...(typed ? [typed] : []), ...options.map((option) => `${flagOf(option.name)} …`)].join(' ')}`
  return new UsageError(
    `${count} missing, and there is no terminal to ask on\n\n${lines.join('\n')}\n\n${line}`,
  )
}
