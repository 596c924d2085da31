import {
  chainChecks,
  inClusterChecks,
  postureChecks,
  preflightChecks,
  workloadChecks,
} from '../../src/checks/index.ts'
import { undetectable } from '../../src/checks/undetectable.ts'
import type { Fixture, FixtureKind } from './fault.ts'
import { allFaults } from './faults/index.ts'
import { createFixture } from './fixture.ts'
import { checkHealthySetups } from './healthy-setups.ts'
import { azRuns, hasAz, wantsRealAz } from './real-az.ts'
import { markdownTable, type Row, score, scorePair, scoreTable } from './score.ts'

/*
 * Breaks a healthy set-up in one way after the other, asks `verify`, runs what it says as it stands, and asks again.
 * `node test/score/run.ts WI104` does only those codes; `--debug` tells everything that is found.
 */

const wanted = process.argv.slice(2).filter((each) => each.startsWith('WI'))
const debug = process.argv.includes('--debug')
const faults = allFaults.filter(({ code }) => wanted.length === 0 || wanted.includes(code))

const say = (text: string) => process.stdout.write(`${text}\n`)

if (wantsRealAz && !hasAz) {
  say('skipped: SCORE_AZ=real asks for the Azure CLI, and there is no az on PATH')
  process.exit(0)
}

const scenes = new Map<FixtureKind, Fixture>()
const sceneFor = async (on: FixtureKind) => {
  const scene = scenes.get(on) ?? (await createFixture(on))
  scenes.set(on, scene)
  return scene
}
const drop = async (on: FixtureKind) => {
  await scenes.get(on)?.environment.close()
  scenes.delete(on)
}

const began = performance.now()
const rows: Row[] = []
for (const fault of faults) {
  const on = fault.fixture ?? 'app'
  const row = await score(fault, await sceneFor(on), debug ? say : undefined)
  rows.push(row)
  if (debug) say(`${row.code} ${Math.round(performance.now() - began)} ms`)
  // What is not healed, or got another identity, must not stand in the way of the next one.
  if (!row.healed || fault.discardFixture) await drop(on)
  if (row.why) say(`${row.code} (${row.says}): ${row.why.trim()}`)
}

const of = (code: string) =>
  faults.filter((each) => each.code === code && (each.fixture ?? 'app') === 'app' && !each.discardFixture)
const pairs: Row[] = []
const together = wanted.length ? [] : (await import('./pairs.ts')).pairs
for (const codes of together) {
  const both = codes.map((code) => of(code)[0]!)
  const row = await scorePair(both, await sceneFor('app'))
  pairs.push(row)
  if (!row.healed) await drop('app')
  if (row.why) say(`${row.code}: ${row.why.trim()}`)
}
for (const on of [...scenes.keys()]) await drop(on)

// Nothing is mended there.
const worlds = wanted.length || hasAz ? [] : await checkHealthySetups(say)
const alarms = worlds.reduce((sum, { found }) => sum + found.length, 0)

say(`\n${scoreTable([...rows, ...pairs])}`)
if (worlds.length)
  say(
    `\n${markdownTable(
      ['healthy world', 'checks', 'false alarms'],
      worlds.map(({ name, checks, found }) => [name, `${checks}`, found.join(', ') || '0']),
    )}`,
  )

const seeded = new Set(rows.map(({ code }) => code))
const unseeded = [
  ...new Set(
    [...chainChecks, ...inClusterChecks, ...preflightChecks, ...workloadChecks, ...postureChecks].map(
      ({ code }) => code,
    ),
  ),
].filter((code) => !seeded.has(code))
const without = unseeded.filter((code) => !(code in undetectable.unseeded))
if (!wanted.length) {
  say('\nChecked, and not seeded here:')
  for (const code of unseeded) say(`  ${code}  ${undetectable.unseeded[code] ?? 'NO REASON IS GIVEN'}`)
  say('\nNot to be seen from outside:')
  for (const { code, why, look } of undetectable.codes) say(`  ${code}  ${why}\n         ${look}`)
  const noApi = faults.filter(({ api }) => typeof api === 'object')
  say('\nSeeded without a public API:')
  for (const { code, description, api } of noApi)
    say(`  ${code}  ${description}: ${(api as { none: string }).none}`)
}

const all = [...rows, ...pairs]
const share = (test: (row: Row) => boolean) =>
  Math.floor((100 * all.filter(test).length) / Math.max(1, all.length))
const totals = [share(({ detected }) => detected), share(({ exact }) => exact), share(({ healed }) => healed)]
const codes = new Set(rows.map(({ code }) => code)).size
say(
  `\n${codes} codes by ${rows.length} faults, ${pairs.length} pairs, ${worlds.length} healthy worlds in ${Math.round((performance.now() - began) / 1000)} s`,
)
say(`detected ${totals[0]} %, exact ${totals[1]} %, healed ${totals[2]} %, false alarms ${alarms}`)
if (hasAz) {
  const remedied = all.filter(({ byAz }) => byAz)
  for (const { line, seconds, ok } of azRuns)
    say(`  ${ok ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1)} s  ${line}`)
  say(
    `healed by the real az: ${remedied.filter(({ healed }) => healed).length} of ${remedied.length} faults, ${azRuns.length} commands`,
  )
}
process.exit(totals.every((each) => each === 100) && alarms === 0 && without.length === 0 ? 0 : 1)
