import { isWrite, matchesPath } from '../../sandbox/index.ts'
import { chainChecksFor } from '../../src/checks/chain-checks.ts'
import { apply } from '../../src/engine/apply.ts'
import type { Plan } from '../../src/engine/plan.ts'
import { verify } from '../../src/engine/verify.ts'
import { newTestRun } from '../support/test-run.ts'
import { addStepHeader, attributed, stepHeader, withAttribution } from './attribution.ts'
import { faults, type LawRequest, pathPattern } from './faults.ts'
import { newLawSandbox } from './law.ts'
import { stateView } from './state-view.ts'

export interface FaultCase {
  request: LawRequest
  fault: string
}

export interface FaultOutcome {
  fault: string
  /** The affected request; undefined if the run had no such request. */
  request: string | undefined
  step: string
  /** The run with the fault succeeded without a second one. */
  finished: boolean
  converged: boolean
  ms: number
  failure?: string
}

const proofTimeoutMs = 20_000

/** Plans, applies and verifies. Throws the first failure, or the checks that failed. */
async function completeSetUp(testRun: Awaited<ReturnType<typeof newTestRun>>): Promise<void> {
  const { run, steps } = testRun
  const applied = await apply(steps, await testRun.plan(), run)
  const failed = applied.find(({ outcome }) => outcome !== 'done')
  if (failed) throw failed.error ?? new Error(`${failed.item.id} ${failed.outcome}`)
  run.forgetReads()
  const results = await attributed('proof', () => verify(chainChecksFor(run.settings), run, proofTimeoutMs))
  const broken = results.filter(({ status }) => status === 'fail')
  if (broken.length) throw new Error(broken.map(({ code, detail }) => `${code} ${detail}`).join('; '))
}

/** Returns the state after an undisturbed set-up of this kind, and its requests. */
export async function undisturbedRun(kind: string): Promise<{ requests: LawRequest[]; view: string }> {
  const seen: Omit<LawRequest, 'nth'>[] = []
  const { sandbox, over, env, close } = await newLawSandbox(kind, {
    intercept: (call, act) => {
      // AMQP has no headers of HTTP; only the proof uses it.
      const step = call.headers[stepHeader] ?? (call.service === 'messaging' ? 'proof' : undefined)
      if (call.service !== 'control' && step !== undefined)
        seen.push({
          role: call.service,
          method: call.method,
          path: call.path,
          step: String(step),
          write: isWrite(call.method, call.path, call.query('dryRun') !== undefined),
        })
      return act()
    },
  })
  const testRun = await newTestRun(over, { sandbox, env, onRequest: addStepHeader, step: withAttribution })
  seen.length = 0
  await completeSetUp(testRun)
  const requests = seen.map((each, index) => {
    const path = pathPattern(each.path)
    const same = seen
      .slice(0, index + 1)
      .filter(
        ({ role, method, path: of }) => role === each.role && method === each.method && matchesPath(path, of),
      )
    return { ...each, path, nth: same.length }
  })
  const view = JSON.stringify(stateView(testRun.state), null, 1)
  await close()
  return { requests, view }
}

/** Runs a set-up with one fault, then the same command again: state and proof must match the undisturbed run. */
export async function runCase(
  { request, fault }: FaultCase,
  kind: string,
  want: string,
): Promise<FaultOutcome> {
  const began = performance.now()
  const { rule, kills, mayFail } = faults[fault]!
  const kill = new AbortController()
  const { sandbox, over, env, close } = await newLawSandbox(kind)
  const hit: { request?: string; step?: string } = {}
  let [finished, converged] = [false, false]
  let failure = ''
  try {
    const testRun = await newTestRun(over, {
      sandbox,
      env,
      signal: kill.signal,
      onRequest: addStepHeader,
      step: withAttribution,
    })
    const { role, method, path, nth } = request
    sandbox.faults.add({
      ...rule,
      role,
      method,
      path,
      nth,
      after: (call) => {
        hit.request ??= `${call.service} ${call.method} ${pathPattern(call.path)} #${nth}`
        hit.step ??= String(call.headers[stepHeader] ?? 'inside')
        if (kills) kill.abort(new Error('killed'))
      },
    })
    await completeSetUp(testRun).then(
      () => {
        finished = true
      },
      (error: Error) => {
        failure = `first run: ${error.message}`
      },
    )
    sandbox.faults.clear()
    if (hit.request !== undefined) {
      const again = await newTestRun(over, { sandbox, env })
      let plan = await again.plan()
      const proven = finished && pendingSteps(plan).length === 0
      if (pendingSteps(plan).length) {
        await again.apply(plan)
        plan = await again.plan()
      }
      const left = pendingSteps(plan)
      const view = JSON.stringify(stateView(testRun.state), null, 1)
      // What the first run has proven, and nothing changed since, needs no second proof.
      const broken =
        proven && view === want
          ? []
          : (await verify(chainChecksFor(again.run.settings), again.run)).filter(
              ({ status }) => status === 'fail',
            )
      converged =
        view === want && left.length === 0 && broken.length === 0 && (finished || !!kills || !!mayFail)
      if (!converged)
        failure = [
          failure,
          left.length ? `not ready: ${left}` : '',
          ...broken.map(({ code, detail }) => `${code} ${detail}`),
          view === want ? '' : difference(want, view),
        ]
          .filter(Boolean)
          .join(' | ')
    }
  } catch (error) {
    failure += ` | ${(error as Error).stack}`
  }
  await close()
  return {
    fault,
    request: hit.request,
    step: hit.step ?? '',
    finished,
    converged,
    ms: performance.now() - began,
    ...(converged ? {} : { failure }),
  }
}

const pendingSteps = ({ items }: Plan) => items.filter(({ action }) => action !== 'keep').map(({ id }) => id)

function difference(want: string, is: string): string {
  const [a, b] = [want.split('\n'), is.split('\n')]
  const missing = a.filter((line) => !b.includes(line)).slice(0, 4)
  const extra = b.filter((line) => !a.includes(line)).slice(0, 4)
  return `missing ${missing.join(' ')} extra ${extra.join(' ')} lines ${a.length} → ${b.length}`
}
