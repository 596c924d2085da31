import { parseSetting } from '../../settings/resolve.ts'
import type { KnownSettings, SettingName, Settings } from '../../settings/settings.ts'
import { settingSpec } from '../../settings/table.ts'
import type { Prompter } from '../../ui/prompts.ts'

/** The choice "create a new one" in a list of existing resources. */
export const createNew = Symbol('create new')

/** Records an answer. It outranks the file; settings from flags and variables are never asked for. */
export function setAnswer<Name extends SettingName>(
  known: KnownSettings,
  name: Name,
  value: Exclude<Settings[Name], undefined>,
): void {
  Object.assign(known, { [name]: { value, source: 'asked', from: 'asked' } })
}

/** Returns whether a flag or variable sets this, so that it needs no question. */
export const isGiven = (known: KnownSettings, name: SettingName) =>
  ['flag', 'environment'].includes(known[name]?.source ?? '')

/** Asks for a text setting, checks it while the user types, and records it. */
export async function askText(
  prompter: Prompter,
  known: KnownSettings,
  name: SettingName,
  message: string,
  suggestion?: string,
): Promise<void> {
  const spec = settingSpec(name)
  const preset = known[name]?.value ?? suggestion
  const text = await prompter.input({
    message,
    ...(preset === undefined ? {} : { default: String(preset) }),
    validate(input) {
      const parsed = parseSetting(spec, input)
      return 'fault' in parsed ? `${JSON.stringify(input)} ${parsed.fault}` : true
    },
  })
  const parsed = parseSetting(spec, text)
  if (!('value' in parsed)) throw new Error(`unchecked answer for ${name}`)
  setAnswer(known, name, parsed.value as never)
}

/** Returns the list, or an empty one if it can't be read: the user can still type a name. */
export const listOrEmpty = async <T>(list: Promise<T[]>): Promise<T[]> => {
  try {
    return await list
  } catch {
    return []
  }
}
