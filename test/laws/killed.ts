import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { newEnvironment, type ProgramEnvironment } from '../support/environment.ts'
import { inventoryOf, without } from '../support/inventory.ts'
import { serveSandbox } from '../support/served-sandbox.ts'
import { type Held, holds, type Law } from './law.ts'

const moments = 20
// Its workers get it from the first process, which prints it.
process.env.LAWS_SEED ??= String(Math.floor(Math.random() * 2 ** 31))
const seed = Number(process.env.LAWS_SEED)
const names = ['--vault', 'kv-killed', '--resource-group', 'rg-killed', '--cluster', 'aks-killed']
const command = ['--sandbox', '--yes', ...names]

/** Numbers from 0 to 1, always the same for a seed (mulberry32). */
function* chances(from: number): Generator<number> {
  for (let state = from; ; ) {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A machine on which `sandbox start` serves. */
async function served<T>(work: (at: ProgramEnvironment) => Promise<T>): Promise<T> {
  const at = newEnvironment()
  const server = await serveSandbox(at, ['--pace', '0.002'])
  try {
    return await work(at)
  } finally {
    await server.stop()
    await at.close()
  }
}

/** A real process against a sandbox that is served by another, killed without a chance to say goodbye, and started again. */
export const killed: Law = {
  name: `4    kill -9 of the program at ${moments} random moments (LAWS_SEED=${seed}): the same command ends in the same world`,
  async *cases() {
    const [whole, requests] = await served(async (at) => {
      const { code, stderr } = await at.run(command)
      assert.equal(code, 0, stderr)
      return [inventoryOf(at.sandboxState()), at.journal().length] as const
    })
    const chance = chances(seed)
    const after = Array.from({ length: moments }, () => ({
      requests: 1 + Math.floor(chance.next().value! * (requests - 1)),
      ms: chance.next().value! * 10,
    }))
    // Two at a time.
    const results: Held[] = []
    const lane = async () => {
      for (let moment = after.shift(); moment; moment = after.shift())
        results.push(await once(moment, whole, requests))
    }
    await Promise.all([lane(), lane()])
    yield* results
  },
}

const once = (moment: { requests: number; ms: number }, whole: string[], all: number) =>
  holds(`after ${moment.requests} of ${all} requests and ${moment.ms.toFixed(1)} ms`, () =>
    served(async (at) => {
      const run = at.start(command)
      let over = false
      void run.ended.then(() => {
        over = true
      })
      while (!over && at.journal().length < moment.requests) await delay(8)
      await delay(moment.ms)
      run.child.kill('SIGKILL')
      await run.ended
      const { code, json } = await at.run([...command, '--output', 'json'])
      assert.equal(code, 0, JSON.stringify(json.error ?? json.checks))
      assert.ok(json.checks.every(({ status }) => status === 'pass'))
      const made = inventoryOf(at.sandboxState())
      assert.deepEqual({ twice: without(made, whole), lost: without(whole, made) }, { twice: [], lost: [] })
    }),
  )
