import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { canary } from './canary.ts'
import { drift } from './drift.ts'
import { faults } from './faults.ts'
import { killed } from './killed.ts'
import { faultKinds, type Held, type Law } from './law.ts'
import { type Case, type Outcome, oneCase, undisturbed } from './one-case.ts'
import { quiet } from './quiet.ts'
import { dead, lagging } from './replication-lag.ts'
import { table } from './table.ts'

// Laws over the whole job and each of its steps. The longest: for every request and every fault, the run with that
// fault, then the same command again, end in the world of the undisturbed run.

const laws: Record<string, Law> = { quiet, drift, lagging, dead, canary, killed }

type Order = { kind: string; want: string; cases: Case[] } | { law: string }
type Said = { outcome: Outcome } | { held: Held }

/** Workers, each a process. */
const workers = Number(process.env.LAWS_WORKERS ?? 2)
/** Cases that a worker has in hand: most of a case is waiting. */
const lanes = Number(process.env.LAWS_LANES ?? 3)
/** Each so many-th case only, for a quick look. */
const every = Number(process.env.LAWS_EVERY ?? 1)

if (process.send) {
  const say = (said: Said) => process.send!(said)
  process.on('message', async (order: Order) => {
    if ('law' in order) for await (const held of laws[order.law]!.cases()) say({ held })
    else {
      const left = [...order.cases]
      const lane = async () => {
        for (let each = left.shift(); each; each = left.shift())
          say({ outcome: await oneCase(each, order.kind, order.want) })
      }
      await Promise.all(Array.from({ length: lanes }, lane))
    }
    process.disconnect()
  })
} else {
  // `npm run test:laws drift canary`: only these; `faults` for the table.
  const only = process.argv.slice(2)
  const wanted = (name: string) => only.length === 0 || only.includes(name)
  const began = performance.now()
  const seconds = () => Math.round((performance.now() - began) / 1000)
  let [cases, broken] = [0, 0]
  // The other laws wait more than they work: they run beside the faults.
  const left = Object.keys(laws).filter(wanted)
  const lane = async () => {
    const held: [string, Held[]][] = []
    for (let name = left.shift(); name; name = left.shift()) held.push([name, await ofLaw(name)])
    return held
  }
  const beside = Promise.all(Array.from({ length: workers }, lane))
  for (const [kind, { its }] of Object.entries(wanted('faults') ? faultKinds : {})) {
    const { requests: sent, view } = await undisturbed(kind)
    const requests = sent.filter((each) => its?.(each) ?? true)
    const all = requests
      .flatMap((request) =>
        Object.entries(faults)
          .filter(([, { when }]) => when?.(request) ?? true)
          .map(([fault]) => ({ request, fault })),
      )
      .filter((_, index) => index % every === 0)
    const outcomes = await faulted(all, { kind, want: view })
    console.log(`\n4    ${kind}: ${requests.length} requests\n${table(outcomes)}`)
    cases += outcomes.length
    broken += outcomes.filter(({ converged }) => !converged).length
  }
  if (cases) console.log(`\n${cases} cases of request × fault, ${cases - broken} converged, ${seconds()} s\n`)
  for (const [name, held] of (await beside).flat()) {
    const bad = held.filter(({ why }) => why !== undefined)
    for (const { about, why } of bad) console.log(`NOT HELD  ${about}: ${why}`)
    console.log(`${held.length - bad.length} of ${held.length}  ${laws[name]!.name}`)
    cases += held.length
    broken += bad.length + (held.length === 0 ? 1 : 0)
  }
  // As node's test runner counts, for whoever adds up.
  console.log(`\n${cases} cases, ${seconds()} s\nℹ pass ${cases - broken}\nℹ fail ${broken}`)
  process.exitCode = broken || cases === 0 ? 1 : 0
}

/** One worker, until it is done. */
function inWorker(order: Order, hear: (said: Said) => void): Promise<void> {
  // Much is short-lived: a larger nursery spares collections.
  const child = fork(fileURLToPath(import.meta.url), { execArgv: ['--max-semi-space-size=64'] })
  child.on('message', hear)
  child.send(order)
  return new Promise((resolve, reject) =>
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`A worker ended with ${code}`)))),
  )
}

async function ofLaw(law: string): Promise<Held[]> {
  const all: Held[] = []
  await inWorker({ law }, (said) => void ('held' in said && all.push(said.held)))
  return all
}

/** Those cases whose request came. */
async function faulted(all: Case[], of: { kind: string; want: string }): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  let count = 0
  const hear = (said: Said) => {
    if (!('outcome' in said)) return
    const { outcome } = said
    if (++count % 100 === 0) console.error(`${count} of ${all.length}`)
    if (outcome.request === undefined) return
    outcomes.push(outcome)
    if (!outcome.converged)
      console.log(`NOT CONVERGED  ${outcome.fault} at ${outcome.step}: ${outcome.request}: ${outcome.why}`)
  }
  const share = (mine: number) => all.filter((_, index) => index % workers === mine)
  await Promise.all(
    Array.from({ length: workers }, (_, mine) => inWorker({ ...of, cases: share(mine) }, hear)),
  )
  return outcomes
}
