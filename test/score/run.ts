import { caller, chain, inside, posture, workloads } from '../../src/checks/index.ts'
import { undetectable } from '../../src/checks/undetectable.ts'
import type { Fault, On, Scene } from './fault.ts'
import { before } from './faults/before.ts'
import { somebody } from './faults/caller.ts'
import { cluster } from './faults/cluster.ts'
import { posture as tight } from './faults/posture.ts'
import { trust } from './faults/trust.ts'
import { vault } from './faults/vault.ts'
import { webhook } from './faults/webhook.ts'
import { workload } from './faults/workload.ts'
import { healthyWorlds } from './healthy.ts'
import { codesOf, exactly, look } from './look.ts'
import { azRuns, hasAz, wantsRealAz } from './real-az.ts'
import { hasKubectl, runRemedy } from './remedy.ts'
import { makeScene } from './scene.ts'

/*
 * Breaks a healthy set-up in one way after the other, asks `verify`, runs what it says as it stands, and asks again.
 * `node test/score/run.ts WI104` does only those codes; `--debug` tells everything that is found.
 */

const wanted = process.argv.slice(2).filter((each) => each.startsWith('WI'))
const debug = process.argv.includes('--debug')
const faults: Fault[] = [
  ...before,
  ...somebody,
  ...cluster,
  ...trust,
  ...webhook,
  ...vault,
  // Their remedies are kubectl's with patches that only kubectl makes.
  ...(hasKubectl ? workload : []),
  ...(hasKubectl ? tight : []),
].filter(({ code }) => wanted.length === 0 || wanted.includes(code))

interface Row {
  code: string
  says: string
  detected: boolean
  exact: boolean
  healed: boolean
  byAz: boolean
  why: string
}

const usesAz = (remedy: string | null) => /(?:^| && | \| )az /.test(remedy ?? '')

/** What a remedy has started, like pods of the webhook, may take a moment. What does not pass by itself is not waited for. */
const settling = ['--wait', '20s']

const say = (text: string) => process.stdout.write(`${text}\n`)

async function score(fault: Fault, scene: Scene): Promise<Row> {
  const row: Row = {
    code: fault.code,
    says: fault.says,
    detected: false,
    exact: false,
    healed: false,
    byAz: false,
    why: '',
  }
  try {
    await fault.seed(scene)
    const args = fault.args?.(scene) ?? []
    const looked = await look(scene, args)
    const cause = looked.found.find(({ code }) => code === fault.code)
    row.detected = cause !== undefined
    row.exact = exactly(looked, [
      fault.code,
      ...(fault.beside ?? []).filter((code) => codesOf(looked.found).includes(code)),
    ])
    if (!row.exact) row.why = `named ${codesOf(looked.found).join(', ') || 'nothing'}`
    if (debug) say(JSON.stringify(looked.found, null, 1))
    if (!cause?.remedy) return row
    fault.passes?.(scene)
    if (fault.instead) await fault.instead(scene)
    else {
      row.byAz = usesAz(cause.remedy)
      await runRemedy(cause.remedy, scene)
    }
    // What was asked for in another way by the remedy is in the answers now.
    const again =
      fault.after?.(scene) ?? args.filter((each) => ['--pre', '--workloads', '--posture'].includes(each))
    const after = await look(scene, [...again, ...settling])
    row.healed = after.found.every(({ code }) => (fault.beside as string[] | undefined)?.includes(code))
    if (!row.healed)
      row.why += ` after \`${cause.remedy}\`: ${after.found.map((each) => `${each.code} ${each.detail}`).join('; ')}`
  } catch (error) {
    row.why += ` ${(error as Error).message.trim()}`
  }
  return row
}

if (wantsRealAz && !hasAz) {
  say('skipped: SCORE_AZ=real asks for the Azure CLI, and there is no az on PATH')
  process.exit(0)
}

const scenes = new Map<On, Scene>()
const sceneFor = async (on: On) => {
  const scene = scenes.get(on) ?? (await makeScene(on))
  scenes.set(on, scene)
  return scene
}
const drop = async (on: On) => {
  await scenes.get(on)?.at.close()
  scenes.delete(on)
}

const began = performance.now()
const rows: Row[] = []
for (const fault of faults) {
  const on = fault.on ?? 'app'
  const row = await score(fault, await sceneFor(on))
  rows.push(row)
  if (debug) say(`${row.code} ${Math.round(performance.now() - began)} ms`)
  // What is not healed, or got another identity, must not stand in the way of the next one.
  if (!row.healed || fault.renews) await drop(on)
  if (row.why) say(`${row.code} (${row.says}): ${row.why.trim()}`)
}

const of = (code: string) =>
  faults.filter((each) => each.code === code && (each.on ?? 'app') === 'app' && !each.renews)
const pairs: Row[] = []
const together = wanted.length ? [] : (await import('./pairs.ts')).pairs
for (const codes of together) {
  const both = codes.map((code) => of(code)[0]!)
  const scene = await sceneFor('app')
  const row: Row = {
    code: codes.join(' + '),
    says: '',
    detected: false,
    exact: false,
    healed: false,
    byAz: false,
    why: '',
  }
  try {
    for (const fault of both) await fault.seed(scene)
    const looked = await look(scene)
    row.detected = codes.every((code) => looked.found.some((each) => each.code === code))
    row.exact = exactly(looked, codes)
    if (!row.exact) row.why = `named ${codesOf(looked.found).join(', ')}`
    row.byAz = looked.found.some(({ remedy }) => usesAz(remedy))
    for (const { remedy } of looked.found) await runRemedy(remedy!, scene)
    const after = await look(scene, settling)
    row.healed = after.found.length === 0
    if (!row.healed)
      row.why += ` left: ${after.found.map((each) => `${each.code} ${each.detail}`).join('; ')}`
  } catch (error) {
    row.why += ` ${(error as Error).message}`
  }
  pairs.push(row)
  if (!row.healed) await drop('app')
  if (row.why) say(`${row.code}: ${row.why.trim()}`)
}
for (const on of [...scenes.keys()]) await drop(on)

// Nothing is mended there.
const worlds = wanted.length || hasAz ? [] : await healthyWorlds(say)
const alarms = worlds.reduce((sum, { found }) => sum + found.length, 0)

const yes = (value: boolean) => (value ? 'yes' : 'NO')
const table = (heads: string[], lines: string[][]) => {
  const widths = heads.map((head, n) => Math.max(head.length, ...lines.map((line) => line[n]!.length)))
  const text = (line: string[]) => `| ${line.map((cell, n) => cell.padEnd(widths[n]!)).join(' | ')} |`
  return [text(heads), text(widths.map((width) => '-'.repeat(width))), ...lines.map(text)].join('\n')
}
const lines = [...rows, ...pairs].map((row) => [
  row.code,
  row.says || 'both at once',
  yes(row.detected),
  yes(row.exact),
  yes(row.healed),
])
say(`\n${table(['code', 'broken by', 'detected', 'exact', 'healed'], lines)}`)
if (worlds.length)
  say(
    `\n${table(
      ['healthy world', 'checks', 'false alarms'],
      worlds.map(({ name, checks, found }) => [name, `${checks}`, found.join(', ') || '0']),
    )}`,
  )

const seeded = new Set(rows.map(({ code }) => code))
const unseeded = [
  ...new Set([...chain, ...inside, ...caller, ...workloads, ...posture].map(({ code }) => code)),
].filter((code) => !seeded.has(code))
const without = unseeded.filter((code) => !(code in undetectable.unseeded))
if (!wanted.length) {
  say('\nChecked, and not seeded here:')
  for (const code of unseeded) say(`  ${code}  ${undetectable.unseeded[code] ?? 'NO REASON IS GIVEN'}`)
  say('\nNot to be seen from outside:')
  for (const { code, why, look } of undetectable.codes) say(`  ${code}  ${why}\n         ${look}`)
  const noApi = faults.filter(({ by }) => typeof by === 'object')
  say('\nSeeded without a public API:')
  for (const { code, says, by } of noApi) say(`  ${code}  ${says}: ${(by as { none: string }).none}`)
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
