import { resolveSettings } from '../settings/resolve.ts'
import type { KnownSettings } from '../settings/settings.ts'
import type { Invocation } from './invocation.ts'

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
    for (const name of ['subscription', 'tenant'] as const)
      if (known[name]?.source === 'file') delete known[name]
  return known
}
