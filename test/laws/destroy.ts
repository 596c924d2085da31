import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import {
  countInterruptions,
  type DestroyCase,
  type DestroyOutcome,
  destroyLaws,
  runDestroyCase,
} from './destroy-laws.ts'
import { environments } from './environments.ts'

// Runs destroy after every part of a set-up, and kills it at each of its own requests: what existed before must remain.

if (process.send) {
  process.on('message', async (cases: DestroyCase[]) => {
    for (const each of cases) process.send!(await runDestroyCase(each))
    process.disconnect()
  })
} else {
  const began = performance.now()
  const wanted = process.argv.slice(2)
  const cases: DestroyCase[] = []
  for (const environment of Object.keys(environments).filter(
    (name) => !wanted.length || wanted.some((each) => name.includes(each)),
  )) {
    const points = await countInterruptions(environment)
    for (const law of destroyLaws) for (let n = 1; n <= points[law]; n++) cases.push({ environment, law, n })
  }
  const outcomes = await runInWorkers(Number(process.env.LAWS_WORKERS ?? 2), cases)
  const broken = report(outcomes)
  console.log(`\n${Math.round((performance.now() - began) / 1000)} s`)
  process.exitCode = broken ? 1 : 0
}

function runInWorkers(count: number, cases: DestroyCase[]): Promise<DestroyOutcome[]> {
  const outcomes: DestroyOutcome[] = []
  const work = Array.from({ length: count }, (_, mine) => {
    const child = fork(fileURLToPath(import.meta.url))
    child.on('message', (outcome: DestroyOutcome) => {
      outcomes.push(outcome)
      if (outcomes.length % 50 === 0) console.error(`${outcomes.length} of ${cases.length}`)
      if (outcome.failure !== undefined)
        console.log(
          `FAILED  ${outcome.environment}: ${outcome.law} ${outcome.n} (${outcome.request}): ${outcome.failure}`,
        )
    })
    child.send(cases.filter((_, index) => index % count === mine))
    return new Promise<void>((resolve) => child.once('exit', () => resolve()))
  })
  return Promise.all(work).then(() => outcomes)
}

/** Prints environment × law: the cases that hold and all cases. Returns the number of failures. */
function report(outcomes: DestroyOutcome[]): number {
  const hit = outcomes.filter(({ request }) => request !== undefined)
  const rows = [...new Set(hit.map(({ environment }) => environment))].map((environment) => [
    environment,
    ...destroyLaws.map((law) => {
      const mine = hit.filter((each) => each.environment === environment && each.law === law)
      return `${mine.filter(({ failure }) => failure === undefined).length}/${mine.length}`
    }),
  ])
  for (const row of [['before', ...destroyLaws], ...rows])
    console.log(row.map((cell, index) => (index ? cell.padStart(19) : cell.padEnd(62))).join(''))
  const broken = outcomes.filter(({ failure }) => failure !== undefined).length
  console.log(`${hit.length} cases, ${hit.length - broken} hold`)
  return broken
}
