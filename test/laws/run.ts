import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Settings } from '../../src/settings/settings.ts'
import { type Fault, faults } from './faults.ts'
import { type Case, type Outcome, oneCase, undisturbed } from './one-case.ts'

// For every request of a whole set-up and every fault: the run with that fault, then the same command again, end in
// the world of the undisturbed run.

const kinds: Record<string, Partial<Settings>> = {
  'app, roles': {},
  'managed, policies': { identityKind: 'managed', vaultAccess: 'policy', sample: false },
}

interface Order {
  over: Partial<Settings>
  want: string
  cases: Case[]
}

if (process.send) {
  process.on('message', async ({ over, want, cases }: Order) => {
    for (const each of cases) process.send!(await oneCase(each, over, want))
    process.disconnect()
  })
} else {
  const workers = Number(process.env.LAWS_WORKERS ?? 2)
  const began = performance.now()
  let broken = 0
  for (const [kind, over] of Object.entries(kinds)) {
    const { requests, view } = await undisturbed(over)
    const cases = Array.from({ length: requests }, (_, index) => index + 1).flatMap((n) =>
      (Object.keys(faults) as Fault[]).map((fault) => ({ n, fault })),
    )
    const outcomes = await inWorkers(workers, cases, { over, want: view })
    broken += report(kind, outcomes)
  }
  console.log(`\n${Math.round((performance.now() - began) / 1000)} s`)
  process.exitCode = broken ? 1 : 0
}

function inWorkers(count: number, cases: Case[], of: Omit<Order, 'cases'>): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const work = Array.from({ length: count }, (_, mine) => {
    const child = fork(fileURLToPath(import.meta.url))
    child.on('message', (outcome: Outcome) => {
      outcomes.push(outcome)
      if (outcomes.length % 50 === 0) console.error(`${outcomes.length} of ${cases.length}`)
      if (!outcome.converged)
        console.log(`NOT CONVERGED  ${outcome.fault} at ${outcome.n} (${outcome.request}): ${outcome.why}`)
    })
    child.send({ ...of, cases: cases.filter((_, index) => index % count === mine) } satisfies Order)
    return new Promise<void>((resolve) => child.once('exit', () => resolve()))
  })
  return Promise.all(work).then(() => outcomes)
}

/** The table: service × fault × cases × converged. */
function report(kind: string, outcomes: Outcome[]): number {
  const hit = outcomes.filter(({ request }) => request !== undefined)
  const role = ({ request }: Outcome) => request!.split(' ')[0]!
  const rows = Object.keys(faults).map((fault) => {
    const mine = hit.filter((each) => each.fault === fault)
    const cells = ['arm', 'login', 'graph', 'vault', 'kube'].map(
      (name) => mine.filter((each) => role(each) === name).length,
    )
    return [fault, ...cells, mine.length, mine.filter(({ converged }) => converged).length]
  })
  console.log(`\n${kind}`)
  const head = ['fault', 'arm', 'login', 'graph', 'vault', 'kube', 'cases', 'converged']
  for (const row of [head, ...rows])
    console.log(
      row.map((cell, index) => (index ? String(cell).padStart(9) : String(cell).padEnd(20))).join(''),
    )
  const broken = hit.filter(({ converged }) => !converged).length
  console.log(`${hit.length} cases, ${hit.length - broken} converged`)
  return broken
}
