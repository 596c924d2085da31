import { type Argv, type Instruction, partsOf, type Remedy, type Script } from '../base/command.ts'
import { commandValue } from './value-kinds.ts'
import { fillTemplate, type Values } from './values.ts'

/** Where the values come from: a service's answer to a request of this program, or a text that anyone can write. */
export type ValueSource = 'service' | 'text'

/** Returns what fixes a failure, given the values in its message. */
export type RemedyTemplate = (values?: Values, source?: ValueSource) => Remedy

/** Returns the command with the values of a message in its placeholders. */
export type CommandTemplate = (values?: Values) => Script

interface Placeholder {
  name: string
  fallback: string | undefined
}
type Word = readonly (string | Placeholder)[]
interface Group {
  words: readonly Word[]
  /** Left out if one of its values is missing. */
  optional: boolean
}

const optionalGroup = String.raw`\[ [^\]]+\]`
const group = new RegExp(`${optionalGroup}|(?:'[^']*'|"[^"]*"|(?!\\[ )[^\\s'"])+`, 'g')
const word = /(?:'[^']*'|"[^"]*"|[^\s'"])+/g
const piece = /'([^']*)'|"([^"]*)"|\{(\w+)(?:\|([^{}]*))?\}|[^'"{]+|\{/g

/** A quoted part has no placeholders: it may contain braces. */
const parseWord = (text: string): Word =>
  [...text.matchAll(piece)].map(([all, single, double, name, fallback]) =>
    name === undefined ? (single ?? double ?? all) : { name, fallback },
  )

const parseGroup = (text: string): Group => {
  const optional = text.startsWith('[ ')
  const inside = optional ? text.slice(2, -1) : text
  return { optional, words: [...inside.matchAll(word)].map(([each]) => parseWord(each)) }
}

/** Returns the text of a word; undefined if a value is missing or not of its kind. */
function fillWord(word: Word, values: Values): string | undefined {
  const filled = word.map((each) =>
    typeof each === 'string' ? each : (commandValue(each.name, values[each.name]) ?? each.fallback),
  )
  return filled.includes(undefined) ? undefined : filled.join('')
}

/** Appends a word; a value with a leading dash is joined to its flag, so that it is never a flag itself. */
function append(words: string[], text: string, isConstant: boolean): void {
  const flag = words.at(-1)
  if (isConstant || !text.startsWith('-')) words.push(text)
  else if (flag?.startsWith('--')) words[words.length - 1] = `${flag}=${text}`
  else words.push('…')
}

function fillGroups(groups: readonly Group[], values: Values): string[] {
  const words: string[] = []
  for (const { words: parsed, optional } of groups) {
    const filled = parsed.map((each) => fillWord(each, values))
    if (optional && filled.includes(undefined)) continue
    for (const [index, text] of filled.entries())
      append(words, text ?? '…', typeof parsed[index]![0] === 'string')
  }
  return words
}

/** Splits a list at each separator. */
const splitAt = (words: readonly string[], separator: string): string[][] =>
  words.reduce<string[][]>(
    (lists, each) => {
      if (each === separator) lists.push([])
      else lists.at(-1)!.push(each)
      return lists
    },
    [[]],
  )

/**
 * Returns a template of a command, or of several with `|` and `&&`. `{name|fallback}` stands for a value or else the
 * fallback; `[ --flag {name}]` is dropped if there is no such value. The constant text is split into words here; values
 * are put into words, never parsed.
 */
export function command(text: string): CommandTemplate {
  let pipelines: Group[][][] | undefined
  return (values = {}) => {
    pipelines ??= parsePipelines(text)
    return {
      pipelines: pipelines.map((pipeline) =>
        pipeline.map((groups): Argv => {
          const [program = '', ...args] = fillGroups(groups, values)
          return [program, ...args]
        }),
      ),
    }
  }
}

const parsePipelines = (text: string): Group[][][] => {
  const parts = [...text.matchAll(group)].map(([part]) => part)
  return splitAt(parts, '&&').map((pipeline) =>
    splitAt(pipeline, '|').map((command) => command.map(parseGroup)),
  )
}

/** Constant text for a POSIX shell that is more than commands and pipes. */
export interface ShellText {
  readonly shell: string
}
export const shell = (text: string): ShellText => ({ shell: text })

/** Returns an instruction with commands in it. Its text may have the placeholders of a summary. */
export const advice =
  (texts: TemplateStringsArray, ...commands: CommandTemplate[]) =>
  (values: Values = {}): Instruction => ({
    parts: texts.flatMap((text, index) => {
      const filled = fillTemplate(text, values)
      return index ? [commands[index - 1]!(values), filled] : [filled]
    }),
  })

/** The values that name who made the failed request. */
const callerNames = ['user', 'client', 'objectId', 'application', 'address'] as const

/**
 * Returns the remedy that gives a caller access. A log can name any caller, so for a text the command has placeholders
 * instead of its values, and the remedy says who asked.
 */
export const grant =
  (command: (values?: Values) => Remedy, placeholders: Values = {}): RemedyTemplate =>
  (values = {}, source = 'service') => {
    if (source === 'service') return command(values)
    const name = callerNames.find((each) => values[each])
    const script = command(placeholders)
    if (!name) return script
    return { parts: [`The log names ${values[name]}. If you want to give it access: `, ...partsOf(script)] }
  }
