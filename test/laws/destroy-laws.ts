import { type Call, isWrite, type Reply } from '../../sandbox/index.ts'
import { apply } from '../../src/engine/apply.ts'
import { destroy } from '../../src/engine/destroy.ts'
import { plan as inspect } from '../../src/engine/plan.ts'
import { planRemoval } from '../../src/engine/plan-removal.ts'
import { newSandbox } from '../support/sandbox.ts'
import { newTestRun } from '../support/test-run.ts'
import { type Ground, grounds, type Job, moveIn } from './environments.ts'
import { viewOf } from './state-view.ts'

export type Law =
  /** A set-up dies right after its n-th write; then destroy, twice. */
  | 'part of a set-up'
  /** The same, and others have put things of theirs into each thing by then. */
  | 'others moved in'
  /** A whole set-up; destroy dies before, or right after, its n-th request; then destroy again, twice. */
  | 'dies before'
  | 'dies after'
  | 'answer lost'

export const laws: readonly Law[] = [
  'part of a set-up',
  'others moved in',
  'dies before',
  'dies after',
  'answer lost',
]

export interface TakeBackCase {
  ground: string
  law: Law
  n: number
}

export interface TakeBackOutcome extends TakeBackCase {
  /** The request it died at; undefined if there was no such request. */
  request: string | undefined
  why: string | undefined
}

const dead = new Error('killed')
const consent = { purge: false, skipUnreachable: false }

/** Stands in front of the sandbox; once armed, lets one request be the last. */
function makeEnd() {
  let count = Number.NaN
  let at = 0
  let of: (call: Call) => boolean = () => true
  let how: 'before' | 'after' | 'lost' = 'after'
  let die = () => {}
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
    async intercept(call: Call, act: () => Promise<Reply>): Promise<Reply | 'cut'> {
      if (!of(call) || ++count !== at) return act()
      seen.hit = `${call.service} ${call.method} ${call.path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')}`
      if (how !== 'before') await act()
      if (how !== 'lost') die()
      return 'cut'
    },
  }
}

const writes = (call: Call) => isWrite(call.method, call.path, call.query('dryRun') !== undefined)

/** What is there of anybody's, but what nobody takes back: resource providers, and what was switched on in others' clusters. */
export function left(job: Job): string {
  const view = viewOf(job.state) as Record<string, Record<string, unknown>[]>
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

async function begin(ground: Ground) {
  const end = makeEnd()
  const sandbox = await newSandbox({ intercept: end.intercept })
  const first = await newTestRun(ground.over, { sandbox })
  const settings = { ...ground.over, ...(await ground.lay(first)) }
  const before = left(await newTestRun(settings, { sandbox }))
  const death = new AbortController()
  const job = await newTestRun(settings, { sandbox, signal: death.signal })
  return {
    sandbox,
    end,
    settings,
    before,
    job,
    die: () => death.abort(dead),
    again: () => newTestRun(settings, { sandbox }),
  }
}

const applying = async ({ steps, run }: Job) => apply(steps, await inspect(steps, run), run)
const removing = async ({ steps, run }: Job) => destroy(steps, await planRemoval(steps, run, consent), run)
const failed = (results: { error?: Error }[]) => results.find(({ error }) => error)?.error

/** Where nothing was there before, every request is tried; else every write. */
const counted = (ground: string, law: Law) =>
  law === 'dies before' && ground.startsWith('nothing') ? () => true : writes

/** How many points there are to die at, by law. */
export async function pointsOf(ground: string): Promise<Record<Law, number>> {
  const { sandbox, end, job, again } = await begin(grounds[ground]!)
  try {
    end.arm(0, 'after', writes, () => {})
    await applying(job)
    end.disarm()
    const made = end.seen.total
    const journal = sandbox.journal.length
    await removing(await again())
    const removal = sandbox.journal.slice(journal)
    const removed = removal.filter(({ write }) => write).length
    return {
      'part of a set-up': made,
      'others moved in': made,
      'dies before': ground.startsWith('nothing') ? removal.length : removed,
      'dies after': removed,
      'answer lost': removed,
    }
  } finally {
    await sandbox.close()
  }
}

export async function takeBackCase({ ground, law, n }: TakeBackCase): Promise<TakeBackOutcome> {
  const { sandbox, end, before, job, die, again } = await begin(grounds[ground]!)
  const result = (why: string | undefined): TakeBackOutcome => ({
    ground,
    law,
    n,
    request: end.seen.hit,
    why,
  })
  try {
    let lost: (() => Promise<string[]>) | undefined
    if (law === 'part of a set-up' || law === 'others moved in') {
      end.arm(n, 'after', writes, die)
      await applying(job).catch(() => {})
      end.disarm()
      if (law === 'others moved in') lost = await moveIn(await again())
    } else {
      await applying(await again())
      const at = law === 'dies before' ? 'before' : law === 'dies after' ? 'after' : 'lost'
      end.arm(n, at, counted(ground, law), die)
      await removing(job).catch(() => {})
      end.disarm()
    }
    if (end.seen.hit === undefined) return result(undefined)
    const error = failed(await removing(await again()))
    if (error) return result(`destroy failed: ${error.message}`)
    const second = await again()
    const journal = sandbox.journal.length
    await removing(second)
    const wrote = sandbox.journal.slice(journal).filter(({ write }) => write)
    if (wrote.length) return result(`a second destroy wrote ${wrote[0]!.method} ${wrote[0]!.path}`)
    if (lost) {
      const gone = await lost()
      return result(gone.length ? `lost: ${gone.join(', ')}` : undefined)
    }
    const now = left(second)
    return result(now === before ? undefined : difference(before, now))
  } catch (error) {
    return result(String((error as Error).stack))
  } finally {
    await sandbox.close()
  }
}

function difference(want: string, is: string): string {
  const [a, b] = [want.split('\n'), is.split('\n')]
  return `gone: ${a
    .filter((line) => !b.includes(line))
    .slice(0, 6)
    .join(' ')} | left: ${b
    .filter((line) => !a.includes(line))
    .slice(0, 6)
    .join(' ')}`
}
