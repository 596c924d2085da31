import { isWrite, matchesPath } from '../../sandbox/index.ts'
import { chainChecks } from '../../src/checks/index.ts'
import { apply } from '../../src/engine/apply.ts'
import type { Plan } from '../../src/engine/plan.ts'
import { verify } from '../../src/engine/verify.ts'
import { newTestRun } from '../support/test-run.ts'
import { faults, patternOf, type Request } from './faults.ts'
import { ground } from './law.ts'
import { viewOf } from './state-view.ts'
import { header, sends, telling, within } from './steps.ts'

export interface Case {
  request: Request
  fault: string
}

export interface Outcome {
  fault: string
  /** The request that it happened to; undefined if the run had no such request. */
  request: string | undefined
  step: string
  /** The faulty run came to its end by itself. */
  atOnce: boolean
  converged: boolean
  ms: number
  why?: string
}

const longestProof = 20_000

/** The whole job: plan, apply, prove. Throws the first failure, or tells which checks do not pass. */
async function wholeJob(job: Awaited<ReturnType<typeof newTestRun>>): Promise<void> {
  const { run, steps } = job
  const applied = await apply(steps, await job.plan(), run)
  const failed = applied.find(({ outcome }) => outcome !== 'done')
  if (failed) throw failed.error ?? new Error(`${failed.item.id} ${failed.outcome}`)
  run.forgetReads()
  const results = await within('proof', () => verify(chainChecks, run, longestProof))
  const broken = results.filter(({ status }) => status === 'fail')
  if (broken.length) throw new Error(broken.map(({ code, detail }) => `${code} ${detail}`).join('; '))
}

/** The undisturbed world of this kind of job, and the requests that it took. */
export async function undisturbed(kind: string): Promise<{ requests: Request[]; view: string }> {
  const seen: Omit<Request, 'nth'>[] = []
  const { sandbox, over, close } = await ground(kind, {
    intercept: (call, act) => {
      if (call.service !== 'control' && call.headers[header] !== undefined)
        seen.push({
          role: call.service,
          method: call.method,
          path: call.path,
          step: String(call.headers[header]),
          write: isWrite(call.method, call.path, call.query('dryRun') !== undefined),
        })
      return act()
    },
  })
  const job = await newTestRun(over, { sandbox, onRequest: sends, step: telling })
  seen.length = 0
  await wholeJob(job)
  const requests = seen.map((each, index) => {
    const path = patternOf(each.path)
    const same = seen
      .slice(0, index + 1)
      .filter(
        ({ role, method, path: of }) => role === each.role && method === each.method && matchesPath(path, of),
      )
    return { ...each, path, nth: same.length }
  })
  const view = JSON.stringify(viewOf(job.state), null, 1)
  await close()
  return { requests, view }
}

/** A run with one fault, then the same command again: the world must be that of the undisturbed run, and proven. */
export async function oneCase({ request, fault }: Case, kind: string, want: string): Promise<Outcome> {
  const began = performance.now()
  const { rule, dies, ends } = faults[fault]!
  const death = new AbortController()
  const { sandbox, over, close } = await ground(kind)
  const hit: { request?: string; step?: string } = {}
  let [atOnce, converged] = [false, false]
  let why = ''
  try {
    const job = await newTestRun(over, {
      sandbox,
      signal: death.signal,
      onRequest: sends,
      step: telling,
    })
    const { role, method, path, nth } = request
    sandbox.faults.add({
      ...rule,
      role,
      method,
      path,
      nth,
      after: (call) => {
        hit.request ??= `${call.service} ${call.method} ${patternOf(call.path)} #${nth}`
        hit.step ??= String(call.headers[header] ?? 'inside')
        if (dies) death.abort(new Error('killed'))
      },
    })
    await wholeJob(job).then(
      () => {
        atOnce = true
      },
      (error: Error) => {
        why = `first run: ${error.message}`
      },
    )
    sandbox.faults.clear()
    if (hit.request !== undefined) {
      const again = await newTestRun(over, { sandbox })
      let plan = await again.plan()
      const proven = atOnce && todo(plan).length === 0
      if (todo(plan).length) {
        await again.apply(plan)
        plan = await again.plan()
      }
      const left = todo(plan)
      const view = JSON.stringify(viewOf(job.state), null, 1)
      // A world that the first run has proven, and in which nothing changed since, needs no second proof.
      const broken =
        proven && view === want
          ? []
          : (await verify(chainChecks, again.run)).filter(({ status }) => status === 'fail')
      converged = view === want && left.length === 0 && broken.length === 0 && (atOnce || !!dies || !!ends)
      if (!converged)
        why = [
          why,
          left.length ? `left to do: ${left}` : '',
          ...broken.map(({ code, detail }) => `${code} ${detail}`),
          view === want ? '' : difference(want, view),
        ]
          .filter(Boolean)
          .join(' | ')
    }
  } catch (error) {
    why += ` | ${(error as Error).stack}`
  }
  await close()
  return {
    fault,
    request: hit.request,
    step: hit.step ?? '',
    atOnce,
    converged,
    ms: performance.now() - began,
    ...(converged ? {} : { why }),
  }
}

const todo = ({ items }: Plan) => items.filter(({ action }) => action !== 'keep').map(({ id }) => id)

function difference(want: string, is: string): string {
  const [a, b] = [want.split('\n'), is.split('\n')]
  const missing = a.filter((line) => !b.includes(line)).slice(0, 4)
  const extra = b.filter((line) => !a.includes(line)).slice(0, 4)
  return `missing ${missing.join(' ')} extra ${extra.join(' ')} lines ${a.length} → ${b.length}`
}
