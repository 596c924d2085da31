import { apply } from '../../src/engine/apply.ts'
import { plan as inspect } from '../../src/engine/plan.ts'
import { startSandbox } from '../../src/sandbox/start.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { stepsFor } from '../../src/steps/index.ts'
import { sharedKeys } from '../keys.ts'
import { setUp } from '../set-up.ts'
import { type Fault, faultAt } from './faults.ts'
import { viewOf } from './world-view.ts'

export interface Case {
  n: number
  fault: Fault
}

export interface Outcome extends Case {
  /** The request that it happened to; undefined if the run had no such request. */
  request: string | undefined
  converged: boolean
  why?: string
}

/** The undisturbed world of these settings, and how many requests it took. */
export async function undisturbed(over: Partial<Settings>): Promise<{ requests: number; view: string }> {
  const sandbox = await startSandbox({ keys: await sharedKeys() })
  const job = await setUp(over, { on: { sandbox } })
  const before = sandbox.journal.length
  await job.apply()
  const result = {
    requests: sandbox.journal.length - before,
    view: JSON.stringify(viewOf(job.world), null, 1),
  }
  await sandbox.close()
  return result
}

/** A run with one fault, then the same command again: the world must be that of the undisturbed run, and proven. */
export async function oneCase({ n, fault }: Case, over: Partial<Settings>, want: string): Promise<Outcome> {
  const death = new AbortController()
  const { intercept, seen, arm } = faultAt(n, fault, () => death.abort(new Error('killed')))
  const sandbox = await startSandbox({ keys: await sharedKeys(), intercept })
  const job = await setUp(over, { on: { sandbox }, signal: death.signal })
  arm()
  try {
    try {
      const steps = stepsFor(job.settings)
      await apply(steps, await inspect(steps, job.run), job.run)
    } catch {
      // Said to the person; the same command again must go on from there.
    }
    if (seen.hit === undefined) return { n, fault, request: undefined, converged: true }
    const again = await setUp(over, { on: { sandbox } })
    await again.apply()
    const view = JSON.stringify(viewOf(job.world), null, 1)
    const faulty = await again.faults()
    const converged = view === want && faulty.length === 0
    const why = converged ? undefined : `${faulty.join(' ')} ${difference(want, view)}`
    return { n, fault, request: seen.hit, converged, ...(why === undefined ? {} : { why }) }
  } catch (error) {
    return { n, fault, request: seen.hit, converged: false, why: String(error) }
  } finally {
    await sandbox.close()
  }
}

function difference(want: string, is: string): string {
  const [a, b] = [want.split('\n'), is.split('\n')]
  const missing = a.filter((line) => !b.includes(line)).slice(0, 4)
  const extra = b.filter((line) => !a.includes(line)).slice(0, 4)
  return `missing ${missing.join(' ')} | extra ${extra.join(' ')} | lines ${a.length} → ${b.length}`
}
