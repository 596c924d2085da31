import type { CheckCode } from '../base/check-code.ts'
import type { Remedy } from '../base/command.ts'
import type { ServiceName } from '../clients/service-error.ts'
import type { RemedyTemplate, ValueSource } from './command-template.ts'
import { fillTemplate, type Values } from './values.ts'

/**
 * Explains one or more error codes of other services. `what` and a `remedy` that is text are templates: `{name|fallback}` is replaced by the value or, if the message has none, by the fallback; `[ of {name}]` is dropped if there is no such value.
 */
export interface Explanation {
  codes: readonly string[]
  /** The services that use the code in this meaning; all if omitted. */
  services?: readonly ServiceName[]
  /** Required match. Also finds the explanation if the code is different or missing. Named groups become values. */
  message?: RegExp
  /** More patterns whose named groups become values. */
  values?: readonly RegExp[]
  /** Computes further values. */
  derive?: (values: Values) => Values
  /** Marks a mere consequence, which a log leaves out if a specific cause is nearby. */
  symptom?: true
  /** Required near an ambiguous message in a log if there is no code. */
  context?: RegExp
  /** The check that detects this failure. */
  check?: CheckCode
  what: string
  /** Likely causes, most likely first. */
  why: readonly string[]
  /** An instruction, or a command or instruction that takes values of the message. */
  remedy: string | RemedyTemplate
}

/** Returns a pattern for codes in the notations that Azure's services and tools use. */
export const codePattern = (...codes: string[]): RegExp =>
  new RegExp(`(?:\\(|"|'|code[:=] ?"?)(?:${codes.join('|')})\\b|\\b(?:${codes.join('|')}):`, 'i')

/** Returns Entra's error codes for the given numbers. */
export const aadstsCodes = (...numbers: number[]): string[] => numbers.map((number) => `AADSTS${number}`)

/** Returns the sentence that says what happened. */
export const renderSummary = ({ what }: Explanation, values: Values): string => fillTemplate(what, values)

/** Returns the fix. */
export const renderRemedy = ({ remedy }: Explanation, values: Values, source: ValueSource): Remedy =>
  typeof remedy === 'string' ? fillTemplate(remedy, values) : remedy(values, source)

/** Returns the named groups of all the explanation's patterns that match the message. */
export function extractValues(explanation: Explanation, message: string): Values {
  const values: Values = {}
  for (const pattern of [explanation.message, ...(explanation.values ?? [])])
    for (const [name, value] of Object.entries(pattern?.exec(message)?.groups ?? {}))
      if (value !== undefined) values[name] ??= value
  return { ...values, ...explanation.derive?.(values) }
}
