import { quoted } from '../explain/explanation.ts'
import type { Globals } from '../settings/flags.ts'
import type { Known, SettingName } from '../settings/settings.ts'
import { flagOf, table } from '../settings/table.ts'
import type { World } from '../world.ts'

/** One command line as it was typed. */
export interface Invocation {
  world: World
  /** The subcommand; empty for the whole job. */
  word: string
  flags: Partial<Record<SettingName, string | boolean>>
  globals: Globals
}

/** A command line of ours that can be pasted: these settings spelled out where they are known, and the cloud that was used. */
export function commandLine(
  word: string,
  names: readonly SettingName[],
  known: Known,
  globals: Globals,
  sandbox: boolean,
): string {
  const settings = table
    .filter(({ name }) => names.includes(name) && known[name] !== undefined)
    .flatMap(({ name }) => [flagOf(name), quoted(String(known[name]!.value))])
  const general = [
    ...(sandbox ? ['--sandbox'] : []),
    ...(globals.cloud ? ['--cloud', quoted(globals.cloud)] : []),
    ...(globals.file ? ['--file', quoted(globals.file)] : []),
  ]
  return ['npx wi-setup', ...(word ? [word] : []), ...settings, ...general].join(' ')
}
