import { resolveSettings } from '../settings/resolve.ts'
import type { KnownSettings } from '../settings/settings.ts'
import type { Invocation } from './invocation.ts'

/** Returns what flags, variables and the settings file say, checked. Throws a `UsageError` with all faults. */
export function readKnownSettings({ host, settingFlags, file, options }: Invocation): KnownSettings {
  const known = resolveSettings({
    flags: settingFlags,
    env: host.env,
    file: file.saved.settings,
    filePath: file.name,
  })
  // The sandbox has its own; the file's belong to Azure, or to a sandbox that was reset.
  if (options.sandbox)
    for (const name of ['subscription', 'tenant'] as const)
      if (known[name]?.source === 'file') delete known[name]
  return known
}
