import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Host } from '../base/host.ts'
import { UsageError } from '../base/usage-error.ts'
import { WriteError, writeFileAtomically } from '../base/write-file.ts'
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

const nothingSaved: SavedSettings = { settings: {}, general: {}, lines: {} }

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
  if (read && existsSync(path)) return { path, name, saved: parseSavedSettings(readText(path, name), name) }
  if (mustExist && flags.file !== undefined)
    throw new UsageError(`--file ${JSON.stringify(name)} does not exist`)
  return { path, name, saved: nothingSaved }
}

/** In bytes: ten times what all settings with their longest usual values take. */
const maxSize = 32 * 1024

/** Returns the text of a regular file. Links are followed: Kubernetes mounts a ConfigMap's files as links. */
function readText(path: string, name: string): string {
  const fault = (what: string) => new UsageError(`The settings file ${name} ${what}`)
  let fd: number
  try {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer. Windows has neither.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    throw fault(`can't be read: ${(error as NodeJS.ErrnoException).code}`)
  }
  try {
    if (!fstatSync(fd).isFile()) throw fault('is not a regular file')
    const bytes = Buffer.alloc(maxSize + 1)
    const length = readSync(fd, bytes)
    if (length > maxSize) throw fault(`is larger than ${maxSize / 1024} KB`)
    return bytes.toString('utf8', 0, length)
  } finally {
    closeSync(fd)
  }
}

/**
 * Writes these settings to the file and keeps comments and order. Throws a `UsageError` if the file can't be
 * written.
 */
export function saveSettings(
  { path, name }: Pick<SettingsFile, 'path' | 'name'>,
  settings: Partial<Settings>,
  cloud: { cloud?: string; sandbox?: boolean },
): { changed: boolean; saved: SavedSettings } {
  const before = existsSync(path) ? readText(path, name) : ''
  const after = updateSavedSettings(before, settings, cloud)
  const saved = parseSavedSettings(after, name)
  if (after === before) return { changed: false, saved }
  try {
    writeFileAtomically(path, after)
  } catch (error) {
    if (error instanceof WriteError)
      throw new UsageError(
        `The settings file ${name} ${error.message}\n  set --file to save the settings elsewhere`,
      )
    throw error
  }
  return { changed: true, saved }
}

/** Returns whether the file belongs to a run against Azure, so that a sandbox run must not change it. */
export const isForAzure = ({ saved: { settings, general } }: SettingsFile): boolean =>
  general.sandbox !== true && (settings.subscription !== undefined || general.cloud !== undefined)
