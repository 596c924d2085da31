import { resolveSettings, withDefaults } from '../settings/resolve.ts'
import { partNames, subscriptionOf } from '../settings/resource-ids.ts'
import { type KnownSettings, type Settings, valuesOf } from '../settings/settings.ts'
import type { Invocation } from './invocation.ts'
import { isForAzure } from './saved-settings.ts'

/** Returns the checked settings from flags, variables and the settings file. Throws a `UsageError` with all faults. */
export function readKnownSettings({ host, settingFlags, file, options }: Invocation): KnownSettings {
  const known = resolveSettings({
    flags: settingFlags,
    env: host.env,
    file: file.saved.settings,
    filePath: file.name,
  })
  // The sandbox has its own; those in the file are for Azure, or for a sandbox that was reset.
  if (options.sandbox)
    for (const name of [
      'subscription',
      'tenant',
      ...(isForAzure(file) ? partNames.map((part) => subscriptionOf[part]) : []),
    ] as const)
      if (known[name]?.source === 'file') delete known[name]
  return known
}

/** Returns the values of the same settings, completed by defaults. Those that only Azure or the user knows are missing. */
export const knownValues = (invocation: Invocation): Settings =>
  valuesOf(withDefaults(readKnownSettings(invocation))) as Settings
