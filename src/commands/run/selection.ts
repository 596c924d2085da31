import { UsageError } from '../../base/usage-error.ts'
import { type AnyCheck, provides } from '../../engine/check.ts'
import type { CheckResult } from '../../engine/check-result.ts'
import type { EventHandler, RunEvent } from '../../engine/events.ts'
import type { Run } from '../../engine/run.ts'
import { verify } from '../../engine/verify.ts'

/** The checks that `--only` and `--skip` select. */
export interface Selection {
  /** The selected checks and those that they depend on. */
  checks: readonly AnyCheck[]
  /**
   * Runs `checks` and returns the results to report: those of selected checks, and failures of their dependencies unless
   * skipped. `onEvent` gets the events of all.
   */
  run(run: Run, waitMs: number, onEvent?: EventHandler): Promise<CheckResult[]>
}

/** Throws a `UsageError` for codes that are not of `possible`, and if no check is left. */
export function selectChecks(
  checks: readonly AnyCheck[],
  { only, skip }: { only?: string | undefined; skip?: string | undefined },
  possible: readonly AnyCheck[] = checks,
): Selection {
  const skipped = skip === undefined ? new Set<string>() : matchCodes('--skip', skip, possible)
  const included = only === undefined ? undefined : matchCodes('--only', only, possible)
  const selected = new Set(
    checks.map(({ code }) => code).filter((code) => (included?.has(code) ?? true) && !skipped.has(code)),
  )
  if (selected.size === 0) throw new UsageError('--only and --skip leave no checks')
  const needed = withDependencies(selected, checks)
  const isReported = ({ code, status }: CheckResult) =>
    selected.has(code) || (status === 'fail' && !skipped.has(code))
  return {
    checks: needed,
    async run(run, waitMs, onEvent) {
      const emit = (event: RunEvent) => {
        onEvent?.(event)
        if (event.type === 'checking' && selected.size < checks.length)
          return run.emit({ scope: 'selected', ...event })
        if (event.type !== 'checked' || isReported(event.result)) run.emit(event)
      }
      return (await verify(needed, { ...run, emit }, waitMs)).filter(isReported)
    },
  }
}

/** Returns the codes that a list such as `WI301,WI5xx` matches; `WI3` is a family, too. */
function matchCodes(flag: '--only' | '--skip', list: string, checks: readonly AnyCheck[]): Set<string> {
  const codes = [...new Set(checks.map(({ code }) => code))]
  const matched = new Set<string>()
  for (const text of list.split(',').map((each) => each.trim())) {
    const matches = codes.filter((code) => codePattern(text)?.test(code))
    if (matches.length === 0) throw unknownCode(flag, text, codes)
    for (const code of matches) matched.add(code)
  }
  return matched
}

const codePattern = (text: string): RegExp | undefined =>
  /^wi[\dx]{1,3}$/i.test(text)
    ? new RegExp(`^WI${text.slice(2).padEnd(3, 'x').replace(/x/gi, '\\d')}$`)
    : undefined

const unknownCode = (flag: string, text: string, codes: readonly string[]) =>
  new UsageError(
    [
      `${flag} ${JSON.stringify(text)} is not a check`,
      `  one of ${codes.toSorted().join(', ')}`,
      '  x stands for any digit, and commas separate several: WI3xx,WI604',
    ].join('\n'),
  )

/** Returns the checks with these codes and all that they depend on, in the order of the list. */
function withDependencies(codes: ReadonlySet<string>, checks: readonly AnyCheck[]): AnyCheck[] {
  const needed = new Set<AnyCheck>()
  const add = (check: AnyCheck) => {
    if (needed.has(check)) return
    needed.add(check)
    for (const need of Object.values<AnyCheck>(check.needs))
      for (const other of checks) if (provides(other, need)) add(other)
  }
  for (const check of checks) if (codes.has(check.code)) add(check)
  return checks.filter((check) => needed.has(check))
}
