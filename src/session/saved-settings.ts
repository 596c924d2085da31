import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Host } from '../base/host.ts'
import { UsageError } from '../base/usage-error.ts'
import { parseSavedSettings, type SavedSettings, updateSavedSettings } from '../settings/file.ts'
import { type GeneralValues, generalValue } from '../settings/general.ts'
import type { Settings } from '../settings/settings.ts'

/** The settings file of a run; `saved` is empty if it doesn't exist. */
export interface SettingsFile {
  path: string
  /** As the user gave it, for messages. */
  name: string
  saved: SavedSettings
}

/** Reads the file that --file or WI_SETUP_FILE names, or wi-setup.yaml. */
export function readSettingsFile(
  { cwd, env }: Pick<Host, 'cwd' | 'env'>,
  flags: GeneralValues,
  /** `read`: false for a command that ignores the file. `mustExist`: the file of --file has to exist. */
  { read, mustExist }: { read: boolean; mustExist: boolean },
): SettingsFile {
  const requested = generalValue('file', { flags, env, file: {}, filePath: '' })?.value
  const name = String(requested ?? 'wi-setup.yaml')
  const path = resolve(cwd, name)
  const exists = read && existsSync(path)
  if (exists) return { path, name, saved: parseSavedSettings(readFileSync(path, 'utf8'), name) }
  if (mustExist && flags.file !== undefined)
    throw new UsageError(`--file ${JSON.stringify(name)} does not exist`)
  return { path, name, saved: { settings: {}, general: {} } }
}

/** Writes these settings to the file, atomically, and keeps comments and order. Returns false if nothing changed. */
export function saveSettings(
  { path }: SettingsFile,
  pid: number,
  settings: Partial<Settings>,
  cloud: { cloud?: string; sandbox?: boolean },
): boolean {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const after = updateSavedSettings(before, settings, cloud)
  if (after === before) return false
  const draft = `${path}.${pid}.tmp`
  writeFileSync(draft, after)
  renameSync(draft, path)
  return true
}

/** Returns whether the file belongs to a run against Azure, so that a sandbox run must not change it. */
export const isForAzure = ({ saved: { settings, general } }: SettingsFile): boolean =>
  general.sandbox !== true && (settings.subscription !== undefined || general.cloud !== undefined)
