import { isMap, LineCounter, parseDocument, visit } from 'yaml'
import { UsageError } from '../base/usage-error.ts'
import { type GeneralName, type GeneralValues, generalNames, generalOptions } from './general.ts'
import type { SettingName, Settings } from './settings.ts'
import { settingsTable } from './table.ts'

/** The contents of a settings file (`wi-setup.yaml`). Never holds a secret's value. */
export interface SavedSettings {
  settings: Partial<Record<SettingName, string | number | boolean>>
  general: GeneralValues
}

const generalKeys = generalNames.filter((name) => 'inFile' in generalOptions[name])

/** The kind of each key that a file may hold. */
const kinds: Record<string, 'text' | 'number' | 'switch'> = Object.fromEntries([
  ...settingsTable.map(({ name, kind }) => [name, kind]),
  ...generalKeys.map((name) => [name, generalOptions[name].kind]),
])
const keys = Object.keys(kinds)

/** Returns the contents of a settings file. Throws one `UsageError` that names every fault with line and column. */
export function parseSavedSettings(text: string, path: string): SavedSettings {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number | undefined) => {
    const { line, col } = lines.linePos(offset ?? 0)
    return `${path}:${line}:${col}`
  }
  const faults = document.errors.map((error) => `${at(error.pos[0])}  ${error.message}`)
  const saved: SavedSettings = { settings: {}, general: {} }
  const wrongShape = (range: { range?: readonly number[] | null }, what: string) => {
    faults.push(`${at(range.range?.[0])}  ${what}; expected lines such as "vault: kv-shop"`)
    return visit.BREAK
  }
  if (faults.length === 0 && document.contents !== null)
    visit(document, {
      Pair(_, pair) {
        const [key, value] = [pair.key, pair.value] as { value: unknown; range?: [number, number, number] }[]
        const name = String(key?.value)
        const fault = keyFault(name, value?.value)
        if (!keys.includes(name)) faults.push(`${at(key?.range?.[0])}  ${fault}`)
        else if (fault) faults.push(`${at(value?.range?.[0] ?? key?.range?.[0])}  ${name}: ${fault}`)
        else if (generalKeys.includes(name as GeneralName))
          saved.general[name as GeneralName] = value?.value as string
        else saved.settings[name as SettingName] = value?.value as string
        return visit.SKIP
      },
      Scalar: (_, node) => wrongShape(node, 'not a list of settings'),
      Seq: (_, node) => wrongShape(node, 'a YAML sequence'),
    })
  if (faults.length)
    throw new UsageError(
      `Can't read the settings in ${path}\n\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    )
  return saved
}

/** Returns what is wrong with a key or with the type of its value. */
function keyFault(name: string, value: unknown): string | undefined {
  const kind = keys.includes(name) ? kinds[name]! : undefined
  if (kind === undefined) return `unknown setting "${name}"${suggestion(name)}`
  if (kind === 'text' && typeof value === 'number') return `must be text: put quotes around ${value}`
  const type = { text: 'string', number: 'number', switch: 'boolean' }[kind]
  if (typeof value === type) return undefined
  const expected = { text: 'text', number: 'a number', switch: 'true or false' }[kind]
  return `must be ${expected}, not ${JSON.stringify(value) ?? 'empty'}`
}

function suggestion(name: string): string {
  const plain = (text: string) => text.toLowerCase().replace(/[-_]/g, '')
  const similar =
    keys.find((each) => plain(each) === plain(name)) ??
    keys.find((each) => plain(each).startsWith(plain(name).slice(0, 5)))
  return similar ? `; did you mean "${similar}"?` : ''
}

/** Returns the file's text with these values. Keeps comments and order, and removes a cloud that is not given. */
export function updateSavedSettings(
  text: string,
  settings: Partial<Settings>,
  cloud: { cloud?: string; sandbox?: boolean },
): string {
  const document = parseDocument(text)
  if (!isMap(document.contents)) {
    document.contents = document.createNode({}) as never
    document.commentBefore =
      ' Settings for wi-setup. Contains no secrets. Flags and WI_SETUP_* variables take precedence.'
  }
  const values = { ...cloud, ...settings }
  for (const name of keys) {
    const value = values[name as keyof typeof values]
    if (value !== undefined) {
      if (document.get(name) !== value) document.set(name, value)
    } else if (name === 'cloud' || name === 'sandbox') document.delete(name)
  }
  return document.toString()
}
