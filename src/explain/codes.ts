import type { CheckCode } from '../base/check-code.ts'
import { catalogue, catalogueEntry } from './catalogue/index.ts'
import type { Explanation } from './explanation.ts'
import { type Explained, explainFailure, explanations, noDetails } from './index.ts'

/** Every code that can be asked for: the services', those of our words for what has none, and our own. */
export const knownCodes: readonly string[] = [
  ...new Set([...explanations.flatMap((each) => each.codes), ...catalogue.map(({ code }) => code)]),
]

/** A failure of our own catalogue in the form of the others. */
export function explainCheckCode(code: CheckCode | string): Explained | undefined {
  const entry = catalogueEntry(code)
  return (
    entry && {
      code: entry.code,
      what: entry.what,
      why: [...entry.why],
      remedy: entry.remedy,
      original: undefined,
      trace: undefined,
      check: entry.code,
    }
  )
}

/** Without its number's name, in any case: `700213`, `wi104`, `forbiddenbyrbac`. */
export function resolveCode(word: string): string | undefined {
  const wanted = /^\d{5,}$/.test(word) ? `AADSTS${word}` : word
  return knownCodes.find((code) => code.toLowerCase() === wanted.toLowerCase())
}

/** All that a bare code may mean, the plainest first: which one it is, only the message tells. */
export function explainCode(code: string): Explained[] {
  const own = explainCheckCode(code)
  if (own) return [own]
  const here = explanations.filter((each) => each.codes.includes(code))
  const plainest = ({ codes: [first, ...others] }: Explanation) =>
    (first === code ? 0 : 2) + (others.length ? 1 : 0)
  return here
    .filter(
      (each) =>
        each.message || !each.check || !here.some((other) => other.message && other.check === each.check),
    )
    .toSorted((a, b) => plainest(a) - plainest(b))
    .map((entry) => ({
      ...explainFailure({ ...noDetails, code, message: '', trace: undefined }, { entry, code }),
      original: undefined,
    }))
}
