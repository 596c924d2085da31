import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { laws, pointsOf, type TakeBackCase, type TakeBackOutcome, takeBackCase } from './destroy-laws.ts'
import { grounds } from './environments.ts'

// destroy after every part of a set-up, and killed at every request of its own: exactly what was there before is left.

if (process.send) {
  process.on('message', async (cases: TakeBackCase[]) => {
    for (const each of cases) process.send!(await takeBackCase(each))
    process.disconnect()
  })
} else {
  const began = performance.now()
  const wanted = process.argv.slice(2)
  const cases: TakeBackCase[] = []
  for (const ground of Object.keys(grounds).filter(
    (name) => !wanted.length || wanted.some((each) => name.includes(each)),
  )) {
    const points = await pointsOf(ground)
    for (const law of laws) for (let n = 1; n <= points[law]; n++) cases.push({ ground, law, n })
  }
  const outcomes = await inWorkers(Number(process.env.LAWS_WORKERS ?? 2), cases)
  const broken = report(outcomes)
  console.log(`\n${Math.round((performance.now() - began) / 1000)} s`)
  process.exitCode = broken ? 1 : 0
}

function inWorkers(count: number, cases: TakeBackCase[]): Promise<TakeBackOutcome[]> {
  const outcomes: TakeBackOutcome[] = []
  const work = Array.from({ length: count }, (_, mine) => {
    const child = fork(fileURLToPath(import.meta.url))
    child.on('message', (outcome: TakeBackOutcome) => {
      outcomes.push(outcome)
      if (outcomes.length % 50 === 0) console.error(`${outcomes.length} of ${cases.length}`)
      if (outcome.why !== undefined)
        console.log(
          `BROKEN  ${outcome.ground}: ${outcome.law} ${outcome.n} (${outcome.request}): ${outcome.why}`,
        )
    })
    child.send(cases.filter((_, index) => index % count === mine))
    return new Promise<void>((resolve) => child.once('exit', () => resolve()))
  })
  return Promise.all(work).then(() => outcomes)
}

/** The table: what was there before × law: cases that hold of those that were tried. */
function report(outcomes: TakeBackOutcome[]): number {
  const hit = outcomes.filter(({ request }) => request !== undefined)
  const rows = [...new Set(hit.map(({ ground }) => ground))].map((ground) => [
    ground,
    ...laws.map((law) => {
      const mine = hit.filter((each) => each.ground === ground && each.law === law)
      return `${mine.filter(({ why }) => why === undefined).length}/${mine.length}`
    }),
  ])
  for (const row of [['before', ...laws], ...rows])
    console.log(row.map((cell, index) => (index ? cell.padStart(17) : cell.padEnd(62))).join(''))
  const broken = outcomes.filter(({ why }) => why !== undefined).length
  console.log(`${hit.length} cases, ${hit.length - broken} hold`)
  return broken
}
