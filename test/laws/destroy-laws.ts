import { setTimeout as delay } from 'node:timers/promises'
import { type Call, isWrite, type Reply } from '../../sandbox/index.ts'
import { apply } from '../../src/engine/apply.ts'
import { destroy } from '../../src/engine/destroy.ts'
import { plan as inspect } from '../../src/engine/plan.ts'
import { planRemoval } from '../../src/engine/plan-removal.ts'
import { newSandbox } from '../support/sandbox.ts'
import { newTestRun } from '../support/test-run.ts'
import { addForeignResources, type Environment, environments, type TestRun } from './environments.ts'
import { stateView } from './state-view.ts'

export type DestroyLaw =
  /** A set-up is killed right after its n-th write; then destroy runs twice. */
  | 'part of a set-up'
  /** The same, after others added their own resources everywhere. */
  | 'foreign resources'
  /** destroy is killed before or right after its n-th request, or loses that response; then it runs twice. */
  | 'killed before'
  | 'killed after'
  | 'response lost'

export const destroyLaws: readonly DestroyLaw[] = [
  'part of a set-up',
  'foreign resources',
  'killed before',
  'killed after',
  'response lost',
]

export interface DestroyCase {
  environment: string
  law: DestroyLaw
  n: number
}

export interface DestroyOutcome extends DestroyCase {
  /** The interrupted request; undefined if there was none. */
  request: string | undefined
  failure: string | undefined
}

const killedError = new Error('killed')
const options = { purge: false, skipUnreachable: false }

/** Intercepts the sandbox's requests; once armed, interrupts at the n-th. */
function makeInterruption() {
  let count = Number.NaN
  let at = 0
  let of: (call: Call) => boolean = () => true
  let how: 'before' | 'after' | 'lost' = 'after'
  let die = () => {}
  let active = 0
  const seen = { hit: undefined as string | undefined, total: 0 }
  return {
    seen,
    arm(n: number, next: typeof how, counts: typeof of, kill: () => void) {
      ;[count, at, how, of, die] = [0, n, next, counts, kill]
      seen.hit = undefined
    },
    disarm() {
      seen.total = count
      count = Number.NaN
    },
    /** Waits for the requests that were sent before the death: the service still answers them. */
    async settle() {
      for (let quiet = 0; quiet < 5; quiet = active === 0 ? quiet + 1 : 0) await delay(2)
    },
    async intercept(call: Call, act: () => Promise<Reply>): Promise<Reply | 'cut'> {
      active++
      try {
        if (!of(call) || ++count !== at) return await act()
        seen.hit = `${call.service} ${call.method} ${call.path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')}`
        if (how !== 'before') await act()
        if (how !== 'lost') die()
        return 'cut'
      } finally {
        active--
      }
    },
  }
}

const writes = (call: Call) => isWrite(call.method, call.path, call.query('dryRun') !== undefined)

/** Returns the state without what destroy never reverts: resource providers, and features enabled on existing clusters. */
export function remainingState(job: TestRun): string {
  const view = stateView(job.state) as Record<string, Record<string, unknown>[]>
  const living = Object.values(job.state.arm.resources).map(({ body }) => body.name.toLowerCase())
  return JSON.stringify(
    {
      ...view,
      providers: [],
      resources: view.resources!.map(({ issuer, workloadIdentity, ...rest }) => rest),
      secrets: Object.entries(job.state.vaults)
        .filter(([name]) => living.includes(name))
        .map(([name, { secrets }]) => [
          name,
          Object.values(secrets).flatMap((each) => (each.deletedAt === undefined ? [each.name] : [])),
        ]),
    },
    null,
    1,
  )
}

async function prepare(environment: Environment) {
  const end = makeInterruption()
  const sandbox = await newSandbox({ intercept: end.intercept })
  const first = await newTestRun(environment.overrides, { sandbox })
  const settings = { ...environment.overrides, ...(await environment.prepare(first)) }
  const before = remainingState(await newTestRun(settings, { sandbox }))
  const death = new AbortController()
  const job = await newTestRun(settings, { sandbox, signal: death.signal })
  return {
    sandbox,
    end,
    settings,
    before,
    job,
    die: () => death.abort(killedError),
    again: () => newTestRun(settings, { sandbox }),
  }
}

const applySteps = async ({ steps, run }: TestRun) => apply(steps, await inspect(steps, run), run)
const removeSteps = async ({ steps, run }: TestRun) =>
  destroy(steps, await planRemoval(steps, run, options), run)
const failed = (results: { error?: Error }[]) => results.find(({ error }) => error)?.error

/** In an empty environment every request is interrupted, in others every write. */
const counted = (environment: string, law: DestroyLaw) =>
  law === 'killed before' && environment.startsWith('empty') ? () => true : writes

/** Returns the number of possible interruptions, by law. */
export async function countInterruptions(environment: string): Promise<Record<DestroyLaw, number>> {
  const { sandbox, end, job, again } = await prepare(environments[environment]!)
  try {
    end.arm(0, 'after', writes, () => {})
    await applySteps(job)
    end.disarm()
    const made = end.seen.total
    const journal = sandbox.journal.length
    await removeSteps(await again())
    const removal = sandbox.journal.slice(journal)
    const removed = removal.filter(({ write }) => write).length
    return {
      'part of a set-up': made,
      'foreign resources': made,
      'killed before': environment.startsWith('empty') ? removal.length : removed,
      'killed after': removed,
      'response lost': removed,
    }
  } finally {
    await sandbox.close()
  }
}

export async function runDestroyCase({ environment, law, n }: DestroyCase): Promise<DestroyOutcome> {
  const { sandbox, end, before, job, die, again } = await prepare(environments[environment]!)
  const result = (failure: string | undefined): DestroyOutcome => ({
    environment,
    law,
    n,
    request: end.seen.hit,
    failure,
  })
  try {
    let lost: (() => Promise<string[]>) | undefined
    if (law === 'part of a set-up' || law === 'foreign resources') {
      end.arm(n, 'after', writes, die)
      await applySteps(job).catch(() => {})
      await end.settle()
      end.disarm()
      if (law === 'foreign resources') lost = await addForeignResources(await again())
    } else {
      await applySteps(await again())
      const at = law === 'killed before' ? 'before' : law === 'killed after' ? 'after' : 'lost'
      end.arm(n, at, counted(environment, law), die)
      await removeSteps(job).catch(() => {})
      await end.settle()
      end.disarm()
    }
    if (end.seen.hit === undefined) return result(undefined)
    const error = failed(await removeSteps(await again()))
    if (error) return result(`destroy failed: ${error.message}`)
    const second = await again()
    const journal = sandbox.journal.length
    await removeSteps(second)
    const wrote = sandbox.journal.slice(journal).filter(({ write }) => write)
    if (wrote.length) return result(`a second destroy wrote ${wrote[0]!.method} ${wrote[0]!.path}`)
    if (lost) {
      const gone = await lost()
      return result(gone.length ? `lost: ${gone.join(', ')}` : undefined)
    }
    const now = remainingState(second)
    return result(now === before ? undefined : difference(before, now))
  } catch (error) {
    return result(String((error as Error).stack))
  } finally {
    await sandbox.close()
  }
}

function difference(want: string, is: string): string {
  const [a, b] = [want.split('\n'), is.split('\n')]
  return `missing: ${a
    .filter((line) => !b.includes(line))
    .slice(0, 20)
    .join(' ')} | left over: ${b
    .filter((line) => !a.includes(line))
    .slice(0, 20)
    .join(' ')}`
}
