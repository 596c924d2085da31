import { UsageError } from '../base/usage-error.ts'
import type { AnyCheck } from '../engine/check.ts'
import type { EventHandler, RunEvent } from '../engine/events.ts'
import type { Run } from '../engine/run.ts'
import { type CheckResult, verify } from '../engine/verify.ts'
import type { Globals } from '../settings/flags.ts'

/** What `--only` and `--skip` leave of the checks. */
export interface Selection {
  /** Those that are run: the wanted ones and what they need. */
  checks: readonly AnyCheck[]
  /** Runs them; what is only needed is told of where it fails, and what is skipped never. `seen` hears of all. */
  run(run: Run, waitMs: number, seen?: EventHandler): Promise<CheckResult[]>
}

/** `WI301`, `WI3xx`, `wi30X`, and `WI3` for a whole family. */
const pattern = (text: string): RegExp | undefined =>
  /^wi[\dx]{1,3}$/i.test(text)
    ? new RegExp(`^WI${text.slice(2).padEnd(3, 'x').replace(/x/gi, '\\d')}$`)
    : undefined

function named(flag: '--only' | '--skip', list: string, checks: readonly AnyCheck[]): Set<string> {
  const codes = checks.map(({ code }) => code)
  const found = new Set<string>()
  for (const text of list.split(',').map((each) => each.trim())) {
    const hits = codes.filter((code) => pattern(text)?.test(code))
    if (hits.length === 0) throw new UsageError(unknown(flag, text, codes))
    for (const hit of hits) found.add(hit)
  }
  return found
}

const unknown = (flag: string, text: string, codes: readonly string[]) =>
  [
    `${flag} ${JSON.stringify(text)} is no check`,
    `  there are: ${codes.toSorted().join(', ')}`,
    '  x stands for any digit, and commas for several: WI3xx,WI604',
  ].join('\n')

/** Throws `UsageError` for codes that are none, and where nothing is left. */
export function select(
  checks: readonly AnyCheck[],
  { only, skip }: Pick<Globals, 'only' | 'skip'>,
): Selection {
  const skipped = skip === undefined ? new Set<string>() : named('--skip', skip, checks)
  const asked = only === undefined ? undefined : named('--only', only, checks)
  const wanted = new Set(
    checks.map(({ code }) => code).filter((code) => (asked?.has(code) ?? true) && !skipped.has(code)),
  )
  if (wanted.size === 0) throw new UsageError('--only and --skip leave no check')
  const needed = new Set<string>()
  const need = (code: string) => {
    if (needed.has(code)) return
    needed.add(code)
    for (const of of Object.values(checks.find((check) => check.code === code)?.needs ?? {})) need(of.code)
  }
  for (const code of wanted) need(code)
  const told = ({ code, status }: CheckResult) =>
    wanted.has(code) || (status === 'fail' && !skipped.has(code))
  const kept = checks.filter(({ code }) => needed.has(code))
  return {
    checks: kept,
    async run(run, waitMs, seen) {
      const report = (event: RunEvent) => {
        seen?.(event)
        if (event.type === 'checking' && wanted.size < checks.length)
          return run.emit({ of: 'part', ...event })
        if (event.type !== 'checked' || told(event.result)) run.emit(event)
      }
      return (await verify(kept, { ...run, emit: report }, waitMs)).filter(told)
    },
  }
}
