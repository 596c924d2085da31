import { hasCode } from '../../clients/service-error.ts'
import type { Finding, Verdict } from '../../engine/check.ts'
import { explain } from '../../explain/index.ts'

/** One thing that could be tighter; `grave`: not only a warning. */
export type PostureFinding = Finding & { grave?: boolean }

/** A verdict from all that was found: the grave ones first, each with a result of its own. */
export function postureVerdict(found: readonly PostureFinding[], detail?: string): Verdict<true> {
  const [first, ...more] = found
    .toSorted((a, b) => Number(b.grave ?? false) - Number(a.grave ?? false))
    .map(({ grave, ...finding }) => ({ status: grave ? ('fail' as const) : ('warn' as const), ...finding }))
  if (!first) return { status: 'pass', out: true, ...(detail === undefined ? {} : { detail }) }
  const all = more.length ? { ...first, more } : first
  return all.status === 'warn' ? { ...all, status: 'warn', out: true } : { ...all, status: 'fail' }
}

const hidden = [
  'Forbidden',
  'AuthorizationFailed',
  'Authorization_RequestDenied',
  'ForbiddenByRbac',
  'ForbiddenByPolicy',
]

/** Who may not look is told so: that is no fault of what is looked at. */
export async function skipIfForbidden(look: () => Promise<Verdict<true>>): Promise<Verdict<true>> {
  try {
    return await look()
  } catch (error) {
    if (!hasCode(error, ...hidden)) throw error
    return { status: 'skip', detail: `could not be looked at: ${explain(error).what}` }
  }
}
