import type { CheckCode } from '../base/check-code.ts'
import { catalogue, catalogueEntry } from './catalogue/index.ts'
import type { Explanation } from './explanation.ts'
import { explanations } from './find-explanation.ts'
import { type Explained, explainFailure } from './index.ts'

/** Every code that `explain` accepts: those of the services, our codes for messages without one, and check codes. */
export const knownCodes: readonly string[] = [
  ...new Set([...explanations.flatMap((each) => each.codes), ...catalogue.map(({ code }) => code)]),
]

/** Returns the explanation of a check code. */
export function explainCheckCode(code: CheckCode | string): Explained | undefined {
  const entry = catalogueEntry(code)
  return (
    entry && {
      code: entry.code,
      what: entry.what,
      why: [...entry.why],
      remedy: typeof entry.remedy === 'string' ? entry.remedy : entry.remedy(),
      original: undefined,
      trace: undefined,
      check: entry.code,
    }
  )
}

/** Returns the known code that the user meant: any case, and AADSTS codes also by number (`700213`, `wi104`). */
export function resolveCode(input: string): string | undefined {
  const wanted = /^\d{5,}$/.test(input) ? `AADSTS${input}` : input
  return knownCodes.find((code) => code.toLowerCase() === wanted.toLowerCase())
}

/** Returns every meaning of a bare code, most general first. Only the message tells which one applies. */
export function explainCode(code: string): Explained[] {
  const check = explainCheckCode(code)
  if (check) return [check]
  const sameCode = explanations.filter((each) => each.codes.includes(code))
  const specificity = ({ codes: [first, ...others] }: Explanation) =>
    (first === code ? 0 : 2) + (others.length ? 1 : 0)
  return sameCode
    .filter(
      (each) =>
        each.message || !each.check || !sameCode.some((other) => other.message && other.check === each.check),
    )
    .toSorted((a, b) => specificity(a) - specificity(b))
    .map((explanation) => ({
      ...explainFailure({ code, message: '', trace: undefined }, { explanation, code }),
      original: undefined,
    }))
}
