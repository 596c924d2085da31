import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { newEnvironment, type ProgramEnvironment } from '../support/environment.ts'
import { inventoryOf, without } from '../support/inventory.ts'
import { serveSandbox } from '../support/served-sandbox.ts'
import { waitUntil } from '../support/wait-until.ts'
import { type Law, type LawResult, lawResult } from './law.ts'

const moments = 20
// Set here, printed by the first process, inherited by its workers.
process.env.LAWS_SEED ??= String(Math.floor(Math.random() * 2 ** 31))
const seed = Number(process.env.LAWS_SEED)
const names = ['--vault', 'kv-killed', '--resource-group', 'rg-killed', '--cluster', 'aks-killed']
const command = ['--sandbox', '--yes', ...names]

/** Returns numbers from 0 to 1, the same for each seed (mulberry32). */
function* randomNumbers(from: number): Generator<number> {
  for (let state = from; ; ) {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Runs in an environment where `sandbox start` serves the sandbox. */
async function withServer<T>(run: (environment: ProgramEnvironment) => Promise<T>): Promise<T> {
  const environment = newEnvironment()
  const server = await serveSandbox(environment, ['--pace', '0.002'])
  try {
    return await run(environment)
  } finally {
    await server.stop()
    await environment.close()
  }
}

/** Kills the program with SIGKILL while another process serves the sandbox, then runs it again. */
export const killed: Law = {
  name: `4    kill -9 of the program at ${moments} random moments (LAWS_SEED=${seed}): the same command ends in the same state`,
  async *cases() {
    const [complete, requests] = await withServer(async (environment) => {
      const { code, stderr } = await environment.run(command)
      assert.equal(code, 0, stderr)
      return [inventoryOf(environment.sandboxState()), environment.journal().length] as const
    })
    const random = randomNumbers(seed)
    const after = Array.from({ length: moments }, () => ({
      requests: 1 + Math.floor(random.next().value! * (requests - 1)),
      ms: random.next().value! * 10,
    }))
    // Two at a time.
    const results: LawResult[] = []
    const lane = async () => {
      for (let moment = after.shift(); moment; moment = after.shift())
        results.push(await killAndRerun(moment, complete, requests))
    }
    await Promise.all([lane(), lane()])
    yield* results
  },
}

const killAndRerun = (moment: { requests: number; ms: number }, complete: string[], all: number) =>
  lawResult(`after ${moment.requests} of ${all} requests and ${moment.ms.toFixed(1)} ms`, () =>
    withServer(async (environment) => {
      const run = environment.start(command)
      let ended = false
      void run.ended.then(() => {
        ended = true
      })
      await waitUntil(
        () => ended || environment.journal().length >= moment.requests,
        `request ${moment.requests}`,
        { limitMs: 120_000, pollMs: 8 },
      )
      await delay(moment.ms)
      run.child.kill('SIGKILL')
      await run.ended
      const { code, json } = await environment.run([...command, '--output', 'json'])
      assert.equal(code, 0, JSON.stringify(json.error ?? json.checks))
      assert.ok(json.checks.every(({ status }) => status === 'pass'))
      const created = inventoryOf(environment.sandboxState())
      assert.deepEqual(
        { duplicates: without(created, complete), lost: without(complete, created) },
        { duplicates: [], lost: [] },
      )
    }),
  )
