import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import { UsageError } from '../base/usage-error.ts'
import { yamlFault, yamlShapeFault } from './file-faults.ts'
import { type GeneralName, type GeneralValues, generalNames, generalOptions } from './general.ts'
import { issuerSettingNames } from './issuer-settings.ts'
import type { SettingName, Settings, SettingValue } from './settings.ts'
import { shownValue } from './shown-value.ts'
import { settingsTable } from './table.ts'

/** The contents of a settings file (`wi-setup.yaml`). Never holds a secret's value. */
export interface SavedSettings {
  settings: Partial<Record<SettingName, SettingValue>>
  general: GeneralValues
  /** The line of each key. */
  lines: Readonly<Record<string, number>>
}

const generalKeys = generalNames.filter((name) => 'inFile' in generalOptions[name])

/** The kind of each key that a file may hold. */
const kinds: Record<string, 'text' | 'number' | 'switch' | 'list'> = Object.fromEntries([
  ...settingsTable.map(({ name, kind }) => [name, kind]),
  ...generalKeys.map((name) => [name, generalOptions[name].kind]),
])
const keys = Object.keys(kinds)

/** At most so many faults are listed. */
const maxFaults = 20

/**
 * Returns the contents of a settings file. Throws one `UsageError` that names every fault with line and column, and
 * quotes nothing but names and values of known settings: the file may be a link to a file with secrets.
 */
export function parseSavedSettings(text: string, path: string): SavedSettings {
  const lines = new LineCounter()
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${path}:${line}:${col}`
  }
  const shapeFault = yamlShapeFault(text, lines)
  if (shapeFault) throw unreadable(path, [`${at(shapeFault.offset)}  ${shapeFault.fault}`])
  const document = parseDocument(text, { prettyErrors: false })
  const faults = document.errors.map(({ code, pos }) => `${at(pos[0])}  ${yamlFault(code)}`)
  if (faults.length) throw unreadable(path, faults)
  const saved = { settings: {}, general: {}, lines: {} as Record<string, number> }
  for (const pair of isMap(document.contents) ? (document.contents as YAMLMap).items : []) {
    const [key, value] = [nodeOf(pair.key), valueNodeOf(pair.value)]
    const name = String(key?.value)
    const fault = keyFault(name, value)
    if (!keys.includes(name)) faults.push(`${at(key?.offset ?? 0)}  ${fault}`)
    else if (fault) faults.push(`${at(value?.offset ?? key?.offset ?? 0)}  ${name}: ${fault}`)
    else {
      Object.assign(generalKeys.includes(name as GeneralName) ? saved.general : saved.settings, {
        [name]: value?.value,
      })
      saved.lines[name] = lines.linePos(key?.offset ?? 0).line
    }
  }
  if (faults.length) throw unreadable(path, faults)
  return saved
}

interface KeyOrValue {
  value?: unknown
  offset: number
  /** What it is instead of a value. */
  otherKind?: string
}

function nodeOf(node: Pair['key']): KeyOrValue | undefined {
  if (!isNode(node)) return undefined
  const offset = node.range?.[0] ?? 0
  if (isScalar(node)) return { value: node.value, offset }
  return { offset, otherKind: isAlias(node) ? 'an alias' : 'a list or a mapping' }
}

/** Returns a value, which may be a list of texts, unlike a key. */
function valueNodeOf(node: Pair['value']): KeyOrValue | undefined {
  if (!isSeq(node) || !node.items.every((item) => isScalar(item) && typeof item.value === 'string'))
    return nodeOf(node)
  const value = node.items.map((item) => (item as Scalar<string>).value)
  return { value, offset: node.range?.[0] ?? 0, otherKind: 'a list' }
}

function unreadable(path: string, faults: readonly string[]): UsageError {
  const shown = faults.slice(0, maxFaults).map((fault) => `  ${fault}`)
  const more = faults.length - shown.length
  return new UsageError(
    [`Can't read the settings in ${path}`, '', ...shown, ...(more > 0 ? [`  and ${more} more`] : [])].join(
      '\n',
    ),
  )
}

/** Returns what is wrong with a key or with the type of its value. */
function keyFault(name: string, node: KeyOrValue | undefined): string | undefined {
  const value = node?.value
  const kind = keys.includes(name) ? kinds[name]! : undefined
  if (kind === undefined) return unknownKey(name)
  if (kind === 'text' && typeof value === 'number') return `must be text: put quotes around ${value}`
  if (kind === 'list' && (Array.isArray(value) || typeof value === 'string')) return undefined
  const type = { text: 'string', number: 'number', switch: 'boolean', list: 'array' }[kind]
  if (typeof value === type) return undefined
  const expected = { text: 'text', number: 'a number', switch: 'true or false', list: 'a list of texts' }[
    kind
  ]
  const actual = node?.otherKind ?? (value === null ? undefined : JSON.stringify(shownValue(value)))
  return `must be ${expected}, not ${actual ?? 'empty'}`
}

/** Quotes the key only if it looks like a name. */
const unknownKey = (name: string): string =>
  /^[a-z][\w-]{0,39}$/i.test(name) ? `unknown setting "${name}"${suggestion(name)}` : 'not a known setting'

function suggestion(name: string): string {
  const plain = (text: string) => text.toLowerCase().replace(/[-_]/g, '')
  const similar =
    keys.find((each) => plain(each) === plain(name)) ??
    keys.find((each) => plain(each).startsWith(plain(name).slice(0, 5)))
  return similar ? `; did you mean "${similar}"?` : ''
}

/** A list may be written as one text, too. */
const isSame = (saved: unknown, value: unknown): boolean =>
  Array.isArray(value)
    ? JSON.stringify(isSeq(saved) ? saved.toJSON() : [saved]) === JSON.stringify(value)
    : saved === value

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
  const isOfOtherJob = (name: string) =>
    settings.issuer !== undefined && (issuerSettingNames as readonly string[]).includes(name)
  for (const name of keys) {
    const value = values[name as keyof typeof values]
    if (value !== undefined) {
      if (!isSame(document.get(name), value)) document.set(name, value)
    } else if (name === 'cloud' || name === 'sandbox' || isOfOtherJob(name)) document.delete(name)
  }
  return document.toString()
}
