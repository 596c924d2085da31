import { hasCode } from '../../clients/service-error.ts'
import { couldNotRun, type Finding, type Verdict } from '../../engine/check.ts'
import { explain } from '../../explain/index.ts'

/** A deviation from least privilege; `severe` makes it an error instead of a warning. */
export type PostureFinding = Finding & { severe?: boolean }

/** Returns one verdict for all findings, severe ones first. */
export function postureVerdict(findings: readonly PostureFinding[], detail?: string): Verdict<true> {
  const [first, ...more] = findings
    .toSorted((a, b) => Number(b.severe ?? false) - Number(a.severe ?? false))
    .map(({ severe, ...finding }) => ({ status: severe ? ('fail' as const) : ('warn' as const), ...finding }))
  if (!first) return { status: 'pass', out: true, ...(detail === undefined ? {} : { detail }) }
  const all = more.length ? { ...first, more } : first
  return all.status === 'warn' ? { ...all, status: 'warn', out: true } : { ...all, status: 'fail' }
}

const forbiddenErrors = [
  'Forbidden',
  'AuthorizationFailed',
  'Authorization_RequestDenied',
  'ForbiddenByRbac',
  'ForbiddenByPolicy',
]

/** Skips a check that the caller isn't allowed to run. */
export async function skipIfForbidden(run: () => Promise<Verdict<true>>): Promise<Verdict<true>> {
  try {
    return await run()
  } catch (error) {
    if (!hasCode(error, ...forbiddenErrors)) throw error
    return couldNotRun(explain(error).what)
  }
}
