import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { UsageError } from '../base/usage-error.ts'
import { parseSavedSettings, type SavedSettings, updateSavedSettings } from '../settings/file.ts'
import type { Settings } from '../settings/settings.ts'
import type { Invocation } from './invocation.ts'

export const answersName = 'wi-setup.yaml'

const pathOf = ({ world, globals }: Invocation) => {
  const name = globals.file ?? (world.env.WI_SETUP_FILE || answersName)
  return isAbsolute(name) ? name : join(world.cwd, name)
}

/** The saved answers: of the file named, which must exist for commands that only read, or of `wi-setup.yaml` if it is there. */
export function readAnswers(invocation: Invocation): { answers: SavedSettings; shown: string } {
  const path = pathOf(invocation)
  const shown = invocation.globals.file ?? (invocation.world.env.WI_SETUP_FILE || answersName)
  if (!existsSync(path)) {
    const onlyReads = ['verify', 'plan'].includes(invocation.word)
    if (invocation.globals.file && onlyReads)
      throw new UsageError(`--file ${JSON.stringify(invocation.globals.file)} does not exist`)
    return { answers: { settings: {} }, shown }
  }
  return { answers: parseSavedSettings(readFileSync(path, 'utf8'), shown), shown }
}

/** Keeps the answers, whole or not at all; comments and order of an existing file stay. True if something was written. */
export function keepAnswers(
  invocation: Invocation,
  settings: Partial<Settings>,
  cloud: { cloud?: string; sandbox?: boolean },
): boolean {
  const path = pathOf(invocation)
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const after = updateSavedSettings(before, settings, cloud)
  if (after === before) return false
  const draft = `${path}.${invocation.world.pid}.tmp`
  writeFileSync(draft, after)
  renameSync(draft, path)
  return true
}
