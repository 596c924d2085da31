/** One line of the result. */
export interface Row {
  what: string
  measured: string
  target: string
  met: string
}

export const row = (what: string, measured: string, target = '', met?: boolean): Row => ({
  what,
  measured,
  target,
  met: met === undefined ? '' : met ? 'yes' : 'NO',
})

export const ratio = (value: number) => `${value.toFixed(2)} ×`
export const percent = (value: number) => `${Math.round(value * 100)} %`

const columns = ['what', 'measured', 'target', 'met'] as const

/** Returns the rows as a Markdown table. */
export function table(rows: readonly Row[]): string {
  const widths = columns.map((name) => Math.max(name.length, ...rows.map((each) => each[name].length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, n) => (n === 1 ? text.padStart(widths[n]!) : text.padEnd(widths[n]!))).join(' | ')} |\n`
  return [
    line(columns),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map((each) => line(columns.map((name) => each[name]))),
  ].join('')
}
