import assert from 'node:assert/strict'
import type { Lags } from '../../sandbox/index.ts'
import { apply } from '../../src/engine/apply.ts'
import { newSandbox } from '../support/sandbox.ts'
import { newTestRun } from '../support/test-run.ts'
import { type Law, lawResult, setUpKinds } from './law.ts'

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

/** The set-up waits for replication, shows what it waits for, and then passes every check. */
export const lag: Law = {
  name: '6    replication lag is waited for, and the screen shows what for',
  async *cases() {
    const each = Object.entries(lags).map(([name, ms]) => [name, { [name]: ms }] as const)
    for (const [kind, over] of Object.entries(setUpKinds))
      for (const [name, some] of [...each, ['all of them', lags] as const])
        yield await lawResult(`${kind}: ${name}`, async () => {
          const sandbox = await newSandbox()
          try {
            sandbox.faults.apply({ rules: [], lags: some })
            const job = await newTestRun(over, { sandbox })
            await job.apply()
            const broken = (await job.verify(15_000)).filter(({ status }) => status === 'fail')
            assert.deepEqual(broken, [])
            const notes = job.events.filter((event) => event.type === 'note')
            // On a busy machine, most of them are over before they are seen.
            if (name === 'all of them') assert.ok(notes.length >= 2, JSON.stringify(notes))
            for (const { text } of notes) assert.match(text, /^waiting (for|because) /)
            assert.equal((await job.apply()).writes, 0)
          } finally {
            await sandbox.close()
          }
        })
  },
}

/** Shortens every time limit. */
const timeoutFactor = 0.004

/** A service that fails from the confirmation on: the step reports it, with the host, within its time limit. */
export const outage: Law = {
  name: '6    an unavailable service is reported within the time limit',
  async *cases() {
    for (const role of ['arm', 'graph', 'vault', 'kube'] as const)
      for (const fault of ['cut-before', '503', '429', 'not-json'] as const)
        yield await lawResult(`${role}: ${fault}`, async () => {
          const sandbox = await newSandbox()
          try {
            const job = await newTestRun({}, { sandbox })
            const plan = await job.plan()
            sandbox.faults.add({ fault, role, times: 1e6 })
            const began = performance.now()
            const run = { ...job.run, polling: { ...job.run.polling, timeoutFactor } }
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
              'no step is left in progress',
            )
          } finally {
            await sandbox.close()
          }
        })
  },
}
