import type { Host } from '../base/host.ts'
import { quoted } from '../base/shell.ts'
import type { TraceEvent } from '../clients/http.ts'
import type { Globals } from '../settings/flags.ts'
import type { KnownSettings, SettingName } from '../settings/settings.ts'
import { flagOf, type SettingSpec, settingsTable } from '../settings/table.ts'

/** One command line as it was typed. */
export interface Invocation {
  world: Host
  /** The subcommand; empty for the whole job. */
  word: string
  flags: Partial<Record<SettingName, string | boolean>>
  globals: Globals
  /** Words after the subcommand that are no flags. */
  operands?: string[]
  /** Hears of every request. */
  traced?: (event: TraceEvent) => void
}

const spelled = ({ name, kind }: SettingSpec, value: string | number | boolean): string[] => {
  if (kind === 'switch') return [value ? flagOf(name) : flagOf(name).replace('--', '--no-')]
  return [flagOf(name), quoted(String(value))]
}

/** Named by the main group, unless they lie in another one. */
const groups: readonly SettingName[] = ['clusterResourceGroup', 'vaultResourceGroup']

/** A command line of ours that can be pasted: these settings spelled out where they are known, and the cloud that was used. */
export function commandLine(
  word: string,
  names: readonly SettingName[],
  known: KnownSettings,
  globals: Globals,
  sandbox: boolean,
): string {
  const main = known.resourceGroup?.value
  const wanted = names.some((name) => groups.includes(name)) ? [...names, 'resourceGroup'] : names
  const settings = settingsTable
    .filter(({ name }) => wanted.includes(name) && known[name] !== undefined)
    .filter(({ name }) => !groups.includes(name) || known[name]!.value !== main)
    .flatMap((option) => spelled(option, known[option.name]!.value))
  const general = [
    ...(sandbox ? ['--sandbox'] : []),
    ...(globals.cloud ? ['--cloud', quoted(globals.cloud)] : []),
    ...(globals.file ? ['--file', quoted(globals.file)] : []),
  ]
  return ['npx wi-setup', ...(word ? [word] : []), ...settings, ...general].join(' ')
}
