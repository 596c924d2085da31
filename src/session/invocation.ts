import type { Host } from '../base/host.ts'
import type { GeneralOptions } from '../settings/general.ts'
import type { SettingName } from '../settings/settings.ts'
import type { SettingsFile } from './saved-settings.ts'

/** One parsed command line, with the general options resolved. */
export interface Invocation {
  host: Host
  /** Name of the command; empty for the complete set-up. */
  command: string
  options: GeneralOptions
  /** Settings given as flags, unchecked. */
  settingFlags: Partial<Record<SettingName, string | boolean | readonly string[]>>
  file: SettingsFile
  /** Positional arguments. */
  args: readonly string[]
  /** General flags that every printed command line repeats: `--sandbox`, `--file other.yaml`. */
  repeatedFlags: readonly string[]
  /** Returns the settings that a command takes, for printed command lines. */
  settingsOf: (command: string) => readonly SettingName[]
}
