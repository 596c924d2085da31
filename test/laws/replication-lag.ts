import assert from 'node:assert/strict'
import type { Lags } from '../../sandbox/index.ts'
import { apply } from '../../src/engine/apply.ts'
import { newSandbox } from '../support/sandbox.ts'
import { newTestRun } from '../support/test-run.ts'
import { holds, kinds, type Law } from './law.ts'

const lags: Lags = {
  directoryLag: 500,
  roleLag: 400,
  credentialLag: 400,
  vaultDns: 300,
  vaultCreate: 300,
  providerRegister: 300,
  clusterCreate: 400,
  podStart: 300,
}

/** What lags is waited for, and the screen says what is waited for; then all is proven. */
export const lagging: Law = {
  name: '6    a lagging cloud is waited for, with what it waits for on the screen',
  async *cases() {
    const each = Object.entries(lags).map(([name, ms]) => [name, { [name]: ms }] as const)
    for (const [kind, over] of Object.entries(kinds))
      for (const [name, some] of [...each, ['all of them', lags] as const])
        yield await holds(`${kind}: ${name}`, async () => {
          const sandbox = await newSandbox()
          try {
            sandbox.faults.apply({ rules: [], lags: some })
            const job = await newTestRun(over, { sandbox })
            await job.apply()
            const broken = (await job.verify(15_000)).filter(({ status }) => status === 'fail')
            assert.deepEqual(broken, [])
            const said = job.events.filter((event) => event.type === 'note')
            if (name === 'all of them') assert.ok(said.length >= 5, JSON.stringify(said))
            for (const { text } of said) assert.match(text, /^waiting (until|for|because) /)
            assert.equal((await job.apply()).writes, 0)
          } finally {
            await sandbox.close()
          }
        })
  },
}

/** How long is waited in all, against what a person would wait. */
const limit = 0.004

/** A service that is gone for good once the plan was agreed to: the step says so, with the host, in time. */
export const dead: Law = {
  name: '6    a dead service is reported within its deadline',
  async *cases() {
    for (const role of ['arm', 'graph', 'vault', 'kube'] as const)
      for (const fault of ['cut-before', '503', '429', 'not-json'] as const)
        yield await holds(`${role}: ${fault}`, async () => {
          const sandbox = await newSandbox()
          try {
            const job = await newTestRun({}, { sandbox })
            const plan = await job.plan()
            sandbox.faults.add({ fault, role, times: 1e6 })
            const began = performance.now()
            const run = { ...job.run, polling: { ...job.run.polling, timeoutFactor: limit } }
            const applied = await apply(job.steps, plan, run)
            const ms = performance.now() - began
            const failed = applied.filter(({ outcome }) => outcome === 'failed')
            assert.ok(failed.length > 0, 'a step failed')
            for (const { error } of failed)
              if (fault === '503') assert.match(error!.message, /unavailable|unable to handle/i)
              else if (fault !== '429')
                assert.match(error!.message, /localhost:\d+ (is unreachable|returned)/)
            assert.ok(ms < 30_000, `${Math.round(ms)} ms`)
            assert.ok(
              applied.every(({ outcome }) => ['done', 'failed', 'skipped'].includes(outcome)),
              'no step is left at work',
            )
          } finally {
            await sandbox.close()
          }
        })
  },
}
