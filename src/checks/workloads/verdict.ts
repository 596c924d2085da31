import { type AdditionalFinding, pass, type Verdict } from '../../engine/check.ts'

/** Returns one verdict for all findings, errors first. */
export function verdictOf(findings: readonly AdditionalFinding[]): Verdict<true> {
  const order = ({ status }: AdditionalFinding) => (status === 'fail' ? 0 : 1)
  const [first, ...more] = findings.toSorted((a, b) => order(a) - order(b))
  if (!first) return pass(true as const)
  const all = { ...first, ...(more.length ? { more } : {}) }
  return (all.status === 'warn' ? { ...all, out: true } : all) as Verdict<true>
}
