import type { Fixture, SeededFault } from './fault.ts'
import { runRemedy } from './remedy.ts'
import { codesOf, reportsExactly, runVerify } from './run-verify.ts'

export interface Row {
  code: string
  says: string
  detected: boolean
  exact: boolean
  healed: boolean
  byAz: boolean
  why: string
}

const rowOf = (code: string, says: string): Row => ({
  code,
  says,
  detected: false,
  exact: false,
  healed: false,
  byAz: false,
  why: '',
})

const usesAz = (remedy: string | null) => /(?:^| && | \| )az /.test(remedy ?? '')

/** What a remedy has started, like pods of the webhook, may take a moment. What does not pass by itself is not waited for. */
const settling = ({ environment }: Fixture) => ['--wait', environment.settleTimeout]

/** Seeds a fault, asks `verify`, runs what it says, and asks again. `tell` is given all that is found. */
export async function score(fault: SeededFault, scene: Fixture, tell?: (text: string) => void): Promise<Row> {
  const row = rowOf(fault.code, fault.description)
  try {
    await fault.seed(scene)
    const args = fault.args?.(scene) ?? []
    const looked = await runVerify(scene, args)
    const cause = looked.found.find(({ code }) => code === fault.code)
    row.detected = cause !== undefined
    row.exact = reportsExactly(looked, [
      fault.code,
      ...(fault.alsoReported ?? []).filter((code) => codesOf(looked.found).includes(code)),
    ])
    if (!row.exact) row.why = `named ${codesOf(looked.found).join(', ') || 'nothing'}`
    tell?.(JSON.stringify(looked.found, null, 1))
    if (!cause?.remedy) return row
    fault.stopWaiting?.(scene)
    if (fault.manualRemedy) await fault.manualRemedy(scene)
    else {
      row.byAz = usesAz(cause.remedy)
      await runRemedy(cause.remedy, scene)
    }
    // What was asked for in another way by the remedy is in the answers now.
    const again =
      fault.argsAfterRemedy?.(scene) ??
      args.filter((each) => ['--pre', '--workloads', '--posture'].includes(each))
    const after = await runVerify(scene, [...again, ...settling(scene)])
    row.healed = after.found.every(({ code }) => (fault.alsoReported as string[] | undefined)?.includes(code))
    if (!row.healed)
      row.why += ` after \`${cause.remedy}\`: ${after.found.map((each) => `${each.code} ${each.detail}`).join('; ')}`
  } catch (error) {
    row.why += ` ${(error as Error).message.trim()}`
  }
  return row
}

/** Seeds two faults, of which each must be named, and runs what is said of each. */
export async function scorePair(both: readonly SeededFault[], scene: Fixture): Promise<Row> {
  const codes = both.map(({ code }) => code)
  const row = rowOf(codes.join(' + '), '')
  try {
    for (const fault of both) await fault.seed(scene)
    const looked = await runVerify(scene)
    row.detected = codes.every((code) => looked.found.some((each) => each.code === code))
    row.exact = reportsExactly(looked, codes)
    if (!row.exact) row.why = `named ${codesOf(looked.found).join(', ')}`
    row.byAz = looked.found.some(({ remedy }) => usesAz(remedy))
    for (const { remedy } of looked.found) await runRemedy(remedy!, scene)
    const after = await runVerify(scene, settling(scene))
    row.healed = after.found.length === 0
    if (!row.healed)
      row.why += ` left: ${after.found.map((each) => `${each.code} ${each.detail}`).join('; ')}`
  } catch (error) {
    row.why += ` ${(error as Error).message}`
  }
  return row
}

const yes = (value: boolean) => (value ? 'yes' : 'NO')
export const markdownTable = (heads: string[], lines: string[][]) => {
  const widths = heads.map((head, n) => Math.max(head.length, ...lines.map((line) => line[n]!.length)))
  const text = (line: string[]) => `| ${line.map((cell, n) => cell.padEnd(widths[n]!)).join(' | ')} |`
  return [text(heads), text(widths.map((width) => '-'.repeat(width))), ...lines.map(text)].join('\n')
}

export const scoreTable = (rows: readonly Row[]) =>
  markdownTable(
    ['code', 'broken by', 'detected', 'exact', 'healed'],
    rows.map((row) => [
      row.code,
      row.says || 'both at once',
      yes(row.detected),
      yes(row.exact),
      yes(row.healed),
    ]),
  )
