import {
  chainChecks,
  grantCheckExamples,
  inClusterChecks,
  jobChecks,
  objectChecks,
  postureChecks,
  preflightChecks,
  workloadChecks,
} from '../../src/checks/index.ts'
import { undetectable } from '../../src/checks/undetectable.ts'
import { shells } from '../support/shells.ts'
import type { Fixture, FixtureKind, SeededFault } from './fault.ts'
import { allFaults } from './faults/index.ts'
import { createFixture } from './fixture.ts'
import { checkHealthySetups } from './healthy-setups.ts'
import { familyPairs, furtherPairs } from './pairs.ts'
import { azRuns, hasAz, wantsRealAz } from './real-az.ts'
import { sweepRemedies } from './remedy-sweep.ts'
import { markdownTable, type Row, score, scorePair, scoreTable } from './score.ts'
import { checkStrangers } from './strangers/check-strangers.ts'

/*
 * Seeds each fault in a healthy set-up, runs `verify`, runs the printed remedy, and runs `verify` again.
 * `node test/score/run.ts WI104` runs only these codes, `services` only the faults of this fixture, `pairs` and `strangers` only these tables; `--debug` prints all
 * findings.
 */

const selected = process.argv.slice(2).filter((arg) => !arg.startsWith('--'))
const debug = process.argv.includes('--debug')
const isComplete = selected.length === 0
const isSelected = (name: string) => isComplete || selected.includes(name)
const faults = allFaults.filter(
  ({ code, fixture }) => isSelected(code) || (fixture && selected.includes(fixture)),
)

const print = (text: string) => process.stdout.write(`${text}\n`)

if (wantsRealAz && !hasAz) {
  print('Skipped: SCORE_AZ=real requires the Azure CLI, and az is not on PATH')
  process.exit(0)
}

const fixtures = new Map<FixtureKind, Fixture>()
const fixtureFor = async (kind: FixtureKind) => {
  const fixture = fixtures.get(kind) ?? (await createFixture(kind))
  fixtures.set(kind, fixture)
  return fixture
}
const discardFixture = async (kind: FixtureKind) => {
  await fixtures.get(kind)?.environment.close()
  fixtures.delete(kind)
}
const kindOf = ({ fixture = 'app' }: SeededFault) => fixture

const startedAt = performance.now()
const rows: Row[] = []
for (const fault of faults) {
  const row = await score(fault, await fixtureFor(kindOf(fault)), debug ? print : undefined)
  rows.push(row)
  if (debug) print(`${row.code} ${Math.round(performance.now() - startedAt)} ms`)
  // A fixture that is not healthy, or has a new identity, would affect the next fault.
  if (!row.healed || fault.discardFixture) await discardFixture(kindOf(fault))
  if (row.why) print(`${row.code} (${row.description}): ${row.why.trim()}`)
}

const pairRows: Row[] = []
const pairs = isSelected('pairs') ? [...familyPairs(allFaults), ...furtherPairs(allFaults)] : []
for (const pair of pairs) {
  const row = await scorePair(pair, await fixtureFor('app'))
  pairRows.push(row)
  if (debug) print(`${row.code} ${Math.round(performance.now() - startedAt)} ms`)
  if (!row.healed) await discardFixture('app')
  if (row.why) print(`${row.code}: ${row.why.trim()}`)
}
for (const kind of [...fixtures.keys()]) await discardFixture(kind)

// No az command runs in a healthy set-up, so SCORE_AZ=real leaves them out.
const setups = isComplete && !hasAz ? await checkHealthySetups(print) : []
const chains = isSelected('strangers') && !hasAz ? await checkStrangers() : []
const strangersJudgedWrongly = chains.filter((each) => each.failures.length || each.proposals.length).length
const falseAlarms = setups.reduce((sum, each) => sum + each.falseAlarms.length, 0)

print(`\n${scoreTable([...rows, ...pairRows])}`)
if (setups.length)
  print(
    `\n${markdownTable(
      ['healthy set-up', 'checks', 'false alarms'],
      setups.map((each) => [each.name, `${each.checks}`, each.falseAlarms.join(', ') || '0']),
    )}`,
  )

if (chains.length)
  print(
    `\n${markdownTable(
      ['healthy chain that wi-setup did not create', 'failures', 'proposals'],
      chains.map((each) => [each.name, each.failures.join('; ') || '0', each.proposals.join('; ') || '0']),
    )}`,
  )

const sweep = hasAz ? undefined : sweepRemedies(rows.flatMap(({ printed }) => printed))
if (sweep) {
  print(
    `\n${sweep.commands} different fixes of ${sweep.codes} codes with hostile names in ${shells.join(', ')}: ${sweep.evaluations} evaluations, ${sweep.faults.length} faults`,
  )
  for (const fault of sweep.faults) print(`  ${fault}`)
}

const seededCodes = new Set(rows.map(({ code }) => code))
const unseeded = [
  ...new Set(
    [
      ...chainChecks,
      ...grantCheckExamples,
      ...jobChecks,
      ...inClusterChecks,
      ...preflightChecks,
      ...workloadChecks,
      ...objectChecks,
      ...postureChecks,
    ].map(({ code }) => code),
  ),
].filter((code) => !seededCodes.has(code))
const unexplained = unseeded.filter((code) => !(code in undetectable.unseeded))
if (isComplete) {
  print('\nChecks without a seeded fault:')
  for (const code of unseeded) print(`  ${code}  ${undetectable.unseeded[code] ?? 'NO REASON GIVEN'}`)
  print('\nFailures that no check detects:')
  for (const { code, why, instead } of undetectable.codes)
    print(`  ${code}  ${why}\n         Instead: ${instead}`)
  print('\nFaults seeded without a public API:')
  for (const { code, description, api } of faults)
    if (typeof api === 'object') print(`  ${code}  ${description}: ${api.none}`)
}

const allRows = [...rows, ...pairRows]
const percentage = (test: (row: Row) => boolean) =>
  Math.floor((100 * allRows.filter(test).length) / Math.max(1, allRows.length))
const totals = [
  percentage(({ detected }) => detected),
  percentage(({ exact }) => exact),
  percentage(({ healed }) => healed),
]
print(
  `\n${seededCodes.size} codes, ${rows.length} faults, ${pairRows.length} pairs, ${setups.length} healthy set-ups, ${chains.length} strangers' chains in ${Math.round((performance.now() - startedAt) / 1000)} s`,
)
print(`detected ${totals[0]} %, exact ${totals[1]} %, healed ${totals[2]} %, false alarms ${falseAlarms}`)
if (hasAz) {
  const byAz = allRows.filter((row) => row.byAz)
  for (const { line, seconds, ok } of azRuns)
    print(`  ${ok ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1)} s  ${line}`)
  print(
    `healed by the real az: ${byAz.filter(({ healed }) => healed).length} of ${byAz.length} faults, ${azRuns.length} commands`,
  )
}
const isPerfect =
  totals.every((total) => total === 100) &&
  falseAlarms === 0 &&
  strangersJudgedWrongly === 0 &&
  !sweep?.faults.length &&
  (!isComplete || unexplained.length === 0)
process.exit(isPerfect ? 0 : 1)
