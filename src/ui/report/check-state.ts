import { type CheckResult, type Health, isOpen } from '../../engine/check-result.ts'

const states = {
  pass: 'passed',
  fail: 'failed',
  warn: 'warning',
  skip: 'skipped',
  open: 'could not be checked',
} as const

export type CheckState = keyof typeof states

/** In the order in which they are counted. */
export const checkStates = Object.keys(states) as CheckState[]

export const checkState = (check: CheckResult): CheckState => (isOpen(check) ? 'open' : check.status)

export const stateText = (state: CheckState): string => states[state]

export const healthText: Readonly<Record<Health, string>> = {
  healthy: 'healthy',
  unhealthy: 'broken',
  unknown: 'could not tell',
}

/** Returns the checks to report in full: failed, then undetermined, then with a warning. */
export const findingsOf = (checks: readonly CheckResult[]): CheckResult[] =>
  (['fail', 'open', 'warn'] as const).flatMap((state) => checks.filter((each) => checkState(each) === state))
