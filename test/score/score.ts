import { setTimeout as delay } from 'node:timers/promises'
import type { Fixture, SeededFault } from './fault.ts'
import type { Pair } from './pairs.ts'
import { runRemedy } from './remedy.ts'
import type { PrintedRemedy } from './remedy-sweep.ts'
import { codesOf, reportsExactly, runVerify } from './run-verify.ts'

export interface Row {
  code: string
  description: string
  detected: boolean
  exact: boolean
  healed: boolean
  byAz: boolean
  why: string
  printed: PrintedRemedy[]
}

const rowOf = (code: string, description: string): Row => ({
  code,
  description,
  detected: false,
  exact: false,
  healed: false,
  byAz: false,
  why: '',
  printed: [],
})

/** Returns two remedies that run the same wi-setup command with different settings. */
function findContradiction(
  findings: readonly { remedy: string | null }[],
): readonly [string, string] | undefined {
  const byCommand = new Map<string, string>()
  for (const { remedy } of findings) {
    const command = /wi-setup (\w+) --/.exec(remedy ?? '')?.[1]
    if (!remedy || !command) continue
    const other = byCommand.get(command)
    if (other !== undefined && other !== remedy) return [other, remedy]
    byCommand.set(command, remedy)
  }
  return undefined
}

const printedRemedies = (
  findings: Awaited<ReturnType<typeof runVerify>>['findings'],
  { settings }: Fixture,
): PrintedRemedy[] => {
  const names = Object.values(settings).filter((value) => typeof value === 'string')
  return findings
    .filter(({ commands }) => commands.length > 0)
    .map(({ code, commands }) => ({ code, commands, names }))
}

const usesAz = (remedy: string | null) => /(?:^| && | \| )az /.test(remedy ?? '')

/** Arguments that wait for effects of a remedy, such as starting pods. */
const waitArgs = ({ environment }: Fixture) => ['--wait', environment.settleTimeout]

/** Seeds a fault, runs `verify`, runs the remedy and runs `verify` again. `print` receives all findings. */
export async function score(
  fault: SeededFault,
  fixture: Fixture,
  print?: (text: string) => void,
): Promise<Row> {
  const row = rowOf(fault.code, fault.description)
  try {
    await fault.seed(fixture)
    const args = fault.args?.(fixture) ?? []
    const before = await runVerify(fixture, args)
    const cause = before.findings.find(({ code }) => code === fault.code)
    row.printed = printedRemedies(before.findings, fixture)
    row.detected = cause !== undefined
    row.exact = reportsExactly(before, [
      fault.code,
      ...(fault.alsoReported ?? []).filter((code) => codesOf(before.findings).includes(code)),
    ])
    if (!row.exact) row.why = `reported ${codesOf(before.findings).join(', ') || 'nothing'}`
    const contradiction = findContradiction(before.findings)
    if (contradiction) {
      row.exact = false
      row.why += ` contradictory remedies: ${contradiction.join(' and ')}`
    }
    print?.(JSON.stringify(before.findings, null, 1))
    if (!cause?.remedy) return row
    fault.stopWaiting?.(fixture)
    if (fault.manualRemedy) await fault.manualRemedy(fixture)
    else {
      row.byAz = usesAz(cause.remedy)
      await runRemedy(cause.remedy, fixture)
    }
    // The remedy saved the other settings in wi-setup.yaml.
    const again =
      fault.argsAfterRemedy?.(fixture) ??
      args.filter((each) => ['--pre', '--workloads', '--posture'].includes(each))
    const after = await runVerify(fixture, [...again, ...waitArgs(fixture)])
    row.healed = after.findings.every(({ code }) =>
      (fault.alsoReported as string[] | undefined)?.includes(code),
    )
    if (!row.healed)
      row.why += ` after \`${cause.remedy}\`: ${after.findings.map((each) => `${each.code} ${each.detail}`).join('; ')}`
  } catch (error) {
    row.why += ` ${(error as Error).message.trim()}`
  }
  return row
}

/** More rounds than faults: one fix can only follow another. */
const maxRounds = 3

/**
 * Seeds two faults and expects both to be reported, or the second to be named as skipped because of the first where the
 * pair says so. `settleMs`: how long a real cluster takes to act on the second fault. Then runs the remedies: a fix that the other fault stops runs again after the other's.
 */
export async function scorePair({ faults, hides }: Pair, fixture: Fixture, settleMs = 0): Promise<Row> {
  const codes = faults.map(({ code }) => code)
  const row = rowOf(codes.join(' + '), hides === undefined ? '' : `the first hides the second: ${hides}`)
  try {
    // The second first: the other one may be a stopped cluster.
    for (const fault of faults.toReversed()) await fault.seed(fixture)
    await delay(settleMs)
    let verified = await runVerify(fixture)
    const expected = hides === undefined ? codes : codes.slice(0, 1)
    const hidden = verified.checks.find(({ code }) => code === codes[1])
    row.detected =
      expected.every((code) => verified.findings.some((each) => each.code === code)) &&
      (hides === undefined || hidden?.because === codes[0])
    row.exact = reportsExactly(verified, expected)
    if (!row.exact || !row.detected)
      row.why = `reported ${codesOf(verified.findings).join(', ')}, ${codes[1]}: ${hidden?.status} ${hidden?.detail}`
    row.byAz = verified.findings.some(({ remedy }) => usesAz(remedy))
    row.printed = printedRemedies(verified.findings, fixture)
    let failure = ''
    for (let round = 1; round <= maxRounds && verified.findings.length; round++) {
      failure = ''
      for (const { code, remedy } of verified.findings) {
        const manual = faults.find((fault) => fault.code === code)?.manualRemedy
        await (manual ? manual(fixture) : runRemedy(remedy!, fixture)).catch((error: Error) => {
          failure = ` \`${remedy}\`: ${error.message}`
        })
      }
      // While the other fault remains, waiting changes nothing.
      verified = await runVerify(fixture, hides !== undefined && round === 1 ? [] : waitArgs(fixture))
    }
    row.healed = verified.findings.length === 0
    if (!row.healed)
      row.why += ` remaining: ${verified.findings.map((each) => `${each.code} ${each.detail}`).join('; ')}${failure}`
  } catch (error) {
    row.why += ` ${(error as Error).message}`
  }
  return row
}

const yesOrNo = (value: boolean) => (value ? 'yes' : 'NO')
export const markdownTable = (headers: string[], rows: string[][]) => {
  const widths = headers.map((header, column) =>
    Math.max(header.length, ...rows.map((row) => row[column]!.length)),
  )
  const text = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [text(headers), text(widths.map((width) => '-'.repeat(width))), ...rows.map(text)].join('\n')
}

export const scoreTable = (rows: readonly Row[]) =>
  markdownTable(
    ['code', 'fault', 'detected', 'exact', 'healed'],
    rows.map((row) => [
      row.code,
      row.description || 'both of the above',
      yesOrNo(row.detected),
      yesOrNo(row.exact),
      yesOrNo(row.healed),
    ]),
  )
