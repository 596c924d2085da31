import type { FaultOutcome } from './fault-case.ts'

/** Returns step × fault: the number of cases, and if not all converged, how many did. */
export function outcomeTable(outcomes: readonly FaultOutcome[]): string {
  const unique = (of: 'step' | 'fault') => [...new Set(outcomes.map((each) => each[of]))]
  const faults = unique('fault')
  const cell = (some: readonly FaultOutcome[]) => {
    const good = some.filter(({ converged }) => converged).length
    return some.length === 0 ? '·' : good === some.length ? `${good}` : `${good}/${some.length}`
  }
  const row = (name: string, some: readonly FaultOutcome[]) => [
    name,
    ...faults.map((fault) => cell(some.filter((each) => each.fault === fault))),
    `${some.length}`,
    `${some.length ? Math.floor((some.filter(({ converged }) => converged).length / some.length) * 100) : 0} %`,
  ]
  const rows = [
    ['step', ...faults, 'cases', 'converged'],
    ...unique('step')
      .sort()
      .map((step) =>
        row(
          step,
          outcomes.filter((each) => each.step === step),
        ),
      ),
    row('all', outcomes),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)))
  return rows
    .map((cells) =>
      cells
        .map((text, column) => (column ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)))
        .join('  '),
    )
    .join('\n')
}
