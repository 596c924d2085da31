import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { drift } from './drift.ts'
import { type FaultCase, type FaultOutcome, runCase, undisturbedRun } from './fault-case.ts'
import { faults } from './faults.ts'
import { idempotence } from './idempotence.ts'
import { killed } from './killed.ts'
import { faultKinds, type Law, type LawResult } from './law.ts'
import { outcomeTable } from './outcome-table.ts'
import { lag, outage } from './replication-lag.ts'
import { secrecy } from './secrecy.ts'

// Laws over the set-up and each of its steps. The longest: for every request and every fault, a run with that fault and
// then the same command again end in the state of an undisturbed run.

const laws: Record<string, Law> = { idempotence, drift, lag, outage, secrecy, killed }

type Order = { kind: string; want: string; cases: FaultCase[] } | { law: string }
type Report = { outcome: FaultOutcome } | { result: LawResult }

/** Worker processes. */
const workers = Number(process.env.LAWS_WORKERS ?? 2)
/** Concurrent cases per worker: a case mostly waits. */
const lanes = Number(process.env.LAWS_LANES ?? 3)
/** Runs only every n-th case, for a quick check. */
const every = Number(process.env.LAWS_EVERY ?? 1)

if (process.send) process.on('message', work)
else await runLaws(process.argv.slice(2))

/** Executes an order in a worker. */
async function work(order: Order): Promise<void> {
  const send = (report: Report) => process.send!(report)
  if ('law' in order) for await (const result of laws[order.law]!.cases()) send({ result })
  else
    await inLanes(lanes, order.cases, async (each) =>
      send({ outcome: await runCase(each, order.kind, order.want) }),
    )
  process.disconnect()
}

/** Runs the selected laws, all by default; `faults` selects the table of requests and faults, the name of a set-up its part of the table. */
async function runLaws(selected: readonly string[]): Promise<void> {
  const isSelected = (name: string) => selected.length === 0 || selected.includes(name)
  const began = performance.now()
  const seconds = () => Math.round((performance.now() - began) / 1000)
  let [cases, failed] = [0, 0]
  // The other laws mostly wait, so they run at the same time as the faults.
  const results = new Map<string, LawResult[]>()
  const otherLaws = inLanes(workers, Object.keys(laws).filter(isSelected), async (name) => {
    results.set(name, await lawResults(name))
  })
  for (const kind of Object.keys(faultKinds).filter((each) => isSelected('faults') || isSelected(each))) {
    const { outcomes, requests } = await runFaults(kind)
    console.log(`\n4    ${kind}: ${requests} requests\n${outcomeTable(outcomes)}`)
    cases += outcomes.length
    failed += outcomes.filter(({ converged }) => !converged).length
  }
  if (cases) console.log(`\n${cases} cases of request × fault, ${cases - failed} converged, ${seconds()} s\n`)
  await otherLaws
  for (const [law, all] of results) {
    const bad = all.filter(({ failure }) => failure !== undefined)
    for (const { name, failure } of bad) console.log(`FAILED  ${name}: ${failure}`)
    console.log(`${all.length - bad.length} of ${all.length}  ${laws[law]!.name}`)
    cases += all.length
    failed += bad.length + (all.length === 0 ? 1 : 0)
  }
  // In the format of node's test runner, for scripts that add up the suites.
  console.log(`\n${cases} cases, ${seconds()} s\nℹ pass ${cases - failed}\nℹ fail ${failed}`)
  process.exitCode = failed || cases === 0 ? 1 : 0
}

/** Runs the jobs, at most `count` at a time. */
async function inLanes<T>(
  count: number,
  jobs: readonly T[],
  run: (job: T) => Promise<unknown>,
): Promise<void> {
  const left = [...jobs]
  const lane = async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) await run(job)
  }
  await Promise.all(Array.from({ length: count }, lane))
}

/** Runs one worker until it exits. */
function inWorker(order: Order, onReport: (report: Report) => void): Promise<void> {
  // Most objects are short-lived: a larger young generation saves garbage collections.
  const child = fork(fileURLToPath(import.meta.url), { execArgv: ['--max-semi-space-size=64'] })
  child.on('message', onReport)
  child.send(order)
  return new Promise((resolve, reject) =>
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`A worker exited with ${code}`)),
    ),
  )
}

async function lawResults(law: string): Promise<LawResult[]> {
  const results: LawResult[] = []
  await inWorker({ law }, (report) => void ('result' in report && results.push(report.result)))
  return results
}

/** Runs every fault at every request of this kind of set-up. Returns the outcomes of those whose request occurred. */
async function runFaults(kind: string): Promise<{ outcomes: FaultOutcome[]; requests: number }> {
  const { requests: sent, view } = await undisturbedRun(kind)
  const requests = sent.filter((request) => faultKinds[kind]!.includes?.(request) ?? true)
  const cases = requests
    .flatMap((request) =>
      Object.entries(faults)
        .filter(([, { when }]) => when?.(request) ?? true)
        .map(([fault]) => ({ request, fault })),
    )
    .filter((_, index) => index % every === 0)
  const outcomes: FaultOutcome[] = []
  let count = 0
  const onReport = (report: Report) => {
    if (!('outcome' in report)) return
    const { outcome } = report
    if (++count % 100 === 0) console.error(`${count} of ${cases.length}`)
    if (outcome.request === undefined) return
    outcomes.push(outcome)
    if (!outcome.converged)
      console.log(
        `NOT CONVERGED  ${outcome.fault} at ${outcome.step}: ${outcome.request}: ${outcome.failure}`,
      )
  }
  const share = (worker: number) => cases.filter((_, index) => index % workers === worker)
  await Promise.all(
    Array.from({ length: workers }, (_, worker) =>
      inWorker({ kind, want: view, cases: share(worker) }, onReport),
    ),
  )
  return { outcomes, requests: requests.length }
}
