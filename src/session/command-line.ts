import { quoted } from '../base/shell.ts'
import type { GeneralOptions, GeneralValues } from '../settings/general.ts'
import type { KnownSettings, SettingName } from '../settings/settings.ts'
import { flagOf, type SettingSpec, settingsTable } from '../settings/table.ts'
import type { Invocation } from './invocation.ts'

/** Returns the general flags that a printed command line repeats. Values from variables or the file need no flag. */
export const repeatedFlags = (flags: GeneralValues, { sandbox }: GeneralOptions): string[] => [
  ...(sandbox ? ['--sandbox'] : []),
  ...(flags.cloud === undefined ? [] : ['--cloud', quoted(String(flags.cloud))]),
  ...(flags.file === undefined ? [] : ['--file', quoted(String(flags.file))]),
]

/** Resource groups that default to the main one, and are printed only where they differ. */
const otherGroups: readonly SettingName[] = [
  'clusterResourceGroup',
  'identityResourceGroup',
  'vaultResourceGroup',
]

/** Returns a wi-setup command line for a POSIX shell, with the known ones of these settings as flags. */
export function commandLine(
  command: string,
  names: readonly SettingName[],
  known: KnownSettings,
  repeated: readonly string[],
): string {
  const mainGroup = known.resourceGroup?.value
  const wanted = names.some((name) => otherGroups.includes(name)) ? [...names, 'resourceGroup'] : names
  const settings = settingsTable
    .filter(({ name }) => wanted.includes(name) && known[name] !== undefined)
    .filter(({ name }) => !otherGroups.includes(name) || known[name]!.value !== mainGroup)
    .flatMap((spec) => flagWithValue(spec, known[spec.name]!.value))
  return ['npx wi-setup', ...(command ? [command] : []), ...settings, ...repeated].join(' ')
}

const flagWithValue = ({ name, kind }: SettingSpec, value: string | number | boolean): string[] => {
  if (kind === 'switch') return [value ? flagOf(name) : flagOf(name).replace('--', '--no-')]
  return [flagOf(name), quoted(String(value))]
}

export interface CommandPrinter {
  /** Returns a command line with these settings and, until the settings are saved, those that the user gave. */
  print: (command: string, ...names: SettingName[]) => string
  /** Call after the settings are saved: printed commands no longer repeat them. */
  settingsSaved(): void
}

export function makeCommandPrinter(
  { repeatedFlags, settingsOf }: Pick<Invocation, 'repeatedFlags' | 'settingsOf'>,
  known: KnownSettings,
): CommandPrinter {
  let saved = false
  const isGiven = (name: SettingName) => ['flag', 'asked'].includes(known[name]?.source ?? '')
  return {
    print(command, ...names) {
      const given = saved ? [] : settingsOf(command).filter(isGiven)
      return commandLine(command, [...names, ...given], known, repeatedFlags)
    },
    settingsSaved() {
      saved = true
    },
  }
}
