import type { CheckCode } from '../base/check-code.ts'
import type { ServiceName } from '../clients/service-error.ts'

/** What was drawn out of a message, by name. */
export type Values = Record<string, string | undefined>

/**
 * One line of the table: foreign codes and what they mean. `what` and `mend` are templates: `{name|else}` stands for a
 * value, or for the words after the bar where the message does not tell it; `[ of {name}]` falls away without it.
 */
export interface Explanation {
  codes: readonly string[]
  /** Only of these services: elsewhere the code means something else. */
  services?: readonly ServiceName[]
  /** Only with such a message. Finds it also where the code is another one or missing. Its named groups are values. */
  message?: RegExp
  /** Their named groups are values, too. */
  values?: readonly RegExp[]
  /** Further values that follow from those. */
  derive?: (values: Values) => Values
  /** Left out of a log where something else stands near: it only follows from that. */
  symptom?: true
  /** What must stand beside the message where no code does: its words alone may mean anything. */
  context?: RegExp
  /** Our check for it. */
  check?: CheckCode
  what: string
  /** Likely causes, the likeliest first. */
  why: readonly string[]
  /** A command to paste, or a deed in words. */
  remedy: string | ((values: Values) => string)
}

/** A code as Azure's services and their tools write it, for `beside`. */
export const codePattern = (...codes: string[]): RegExp =>
  new RegExp(`(?:\\(|"|'|code[:=] ?"?)(?:${codes.join('|')})\\b|\\b(?:${codes.join('|')}):`, 'i')

const optional = /\[([^[\]]*)\{(\w+)\}([^[\]]*)\]/g
const placeholder = /\{(\w+)\|([^}]*)\}/g

export const fillTemplate = (
  template: string,
  values: Values,
  form: (value: string) => string = (value) => value,
) =>
  template
    .replace(optional, (_, before: string, name: string, after: string) =>
      values[name] ? before + form(values[name]) + after : '',
    )
    .replace(placeholder, (_, name: string, otherwise: string) =>
      values[name] ? form(values[name]) : otherwise,
    )

/** All named groups of all patterns that occur in the message. */
export function extractValues(explanation: Explanation, message: string): Values {
  const values: Values = {}
  for (const pattern of [explanation.message, ...(explanation.values ?? [])])
    for (const [name, value] of Object.entries(pattern?.exec(message)?.groups ?? {}))
      if (value !== undefined) values[name] ??= value
  return { ...values, ...explanation.derive?.(values) }
}

export const aadstsCodes = (...numbers: number[]): string[] => numbers.map((number) => `AADSTS${number}`)
