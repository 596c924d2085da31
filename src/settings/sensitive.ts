import { clouds } from '../clients/cloud.ts'
import type { SavedSettings } from './file.ts'
import { generalOptions } from './general.ts'
import type { SettingName, Settings } from './settings.ts'
import { settingsTable, type Trust } from './table.ts'

/** A value in a settings file that is used only with consent. */
export interface SensitiveValue {
  name: SettingName | 'cloud'
  value: string
  line: number
  /** What it makes wi-setup do, to complete "wi-setup would …". */
  would: string
  /** True if it is the path of a local file or folder. */
  isPath: boolean
}

const isUrl = (value: string) => /^[a-z][a-z\d+.-]*:\/\//i.test(value)

/** Returns the values that need consent, in the order of the table. Defaults and well-known clouds don't. */
export function sensitiveValues({ settings, general, lines }: SavedSettings): SensitiveValue[] {
  const found: SensitiveValue[] = []
  const add = (name: SensitiveValue['name'], value: unknown, trust: Trust) => {
    if (value === undefined || trust === 'names') return
    const text = String(value)
    const isPath = trust.localPath === 'always' || (trust.localPath === 'unless URL' && !isUrl(text))
    found.push({ name, value: text, line: lines[name] ?? 0, would: trust.would, isPath })
  }
  const cloud = general.cloud
  if (!Object.hasOwn(clouds, String(cloud).trim())) add('cloud', cloud, generalOptions.cloud.trust)
  for (const { name, trust, default: makeDefault } of settingsTable)
    if (settings[name] !== makeDefault?.(settings as Partial<Settings>)) add(name, settings[name], trust)
  return found
}
