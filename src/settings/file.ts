import { isMap, LineCounter, parseDocument, visit } from 'yaml'
import { UsageError } from '../base/usage-error.ts'
import type { SettingName, Settings } from './settings.ts'
import { settingsTable } from './table.ts'

/** What `wi-setup.yaml` holds: settings, and which cloud they belong to. Never a secret's value. */
export interface SavedSettings {
  settings: Partial<Record<SettingName, string | number | boolean>>
  cloud?: string
  sandbox?: boolean
}

const allowed = [...settingsTable.map((option) => option.name as string), 'cloud', 'sandbox']

/** Reads the answers; every fault is named with line and column. */
export function parseSavedSettings(text: string, path: string): SavedSettings {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number | undefined) => {
    const { line, col } = lines.linePos(offset ?? 0)
    return `${path}:${line}:${col}`
  }
  const faults = document.errors.map((error) => `${at(error.pos[0])}  ${error.message}`)
  const answers: SavedSettings = { settings: {} }
  if (faults.length === 0 && document.contents !== null)
    visit(document, {
      Pair(_, pair) {
        const [key, value] = [pair.key, pair.value] as { value: unknown; range?: [number, number, number] }[]
        const name = String(key?.value)
        const given = value?.value
        if (!allowed.includes(name))
          faults.push(`${at(key?.range?.[0])}  unknown setting "${name}"${near(name)}`)
        else {
          const fault = typeFault(name, given)
          if (fault) faults.push(`${at(value?.range?.[0] ?? key?.range?.[0])}  ${name}: ${fault}`)
          else if (name === 'cloud') answers.cloud = given as string
          else if (name === 'sandbox') answers.sandbox = given as boolean
          else answers.settings[name as SettingName] = given as string
        }
        return visit.SKIP
      },
      Scalar(_, node) {
        faults.push(`${at(node.range?.[0])}  is no list of settings; expected lines like "vault: kv-shop"`)
        return visit.BREAK
      },
      Seq(_, node) {
        faults.push(`${at(node.range?.[0])}  is a list; expected lines like "vault: kv-shop"`)
        return visit.BREAK
      },
    })
  if (faults.length)
    throw new UsageError(`${path} cannot be read\n\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
  return answers
}

function typeFault(name: string, given: unknown): string | undefined {
  const option = settingsTable.find((each) => each.name === name)
  const wanted =
    name === 'sandbox' || option?.kind === 'switch'
      ? 'boolean'
      : option?.kind === 'number'
        ? 'number'
        : 'string'
  if (wanted === 'string' && typeof given === 'number') return `must be text: put quotes around ${given}`
  return typeof given === wanted
    ? undefined
    : `must be ${wanted === 'string' ? 'text' : wanted === 'boolean' ? 'true or false' : 'a number'}, not ${JSON.stringify(given) ?? 'nothing'}`
}

function near(name: string): string {
  const plain = (text: string) => text.toLowerCase().replace(/[-_]/g, '')
  const hit =
    allowed.find((each) => plain(each) === plain(name)) ??
    allowed.find((each) => plain(each).startsWith(plain(name).slice(0, 5)))
  return hit ? `; did you mean "${hit}"?` : ''
}

/** The file's text with these answers set; its comments and order stay. */
export function updateSavedSettings(
  text: string,
  settings: Partial<Settings>,
  cloud: { cloud?: string; sandbox?: boolean },
): string {
  const document = parseDocument(text)
  if (!isMap(document.contents)) {
    document.contents = document.createNode({}) as never
    document.commentBefore =
      ' Answers of wi-setup. Holds no secret; flags and WI_SETUP_* variables win over it.'
  }
  const body = { ...cloud, ...settings }
  for (const name of allowed) {
    const value = body[name as keyof typeof body]
    if (value !== undefined) {
      if (document.get(name) !== value) document.set(name, value)
    } else if (name === 'cloud' || name === 'sandbox') document.delete(name)
  }
  return document.toString()
}
