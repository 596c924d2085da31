import assert from 'node:assert/strict'
import { test } from 'node:test'
import { destroy } from '../../../src/engine/destroy.ts'
import { planRemoval } from '../../../src/engine/plan-removal.ts'
import { makeReadCache } from '../../../src/engine/read-cache.ts'
import type { Run } from '../../../src/engine/run.ts'
import { step } from '../../../src/engine/step.ts'

const options = { purge: false, skipUnreachable: false }

const testRun = (timeoutFactor: number): Run =>
  ({
    settings: {},
    clients: {},
    signal: new AbortController().signal,
    emit: () => {},
    ...makeReadCache(),
    polling: { firstDelayMs: 1, maxDelayMs: 5, timeoutFactor },
  }) as unknown as Run

/** A resource that we own and whose deletion never takes effect. */
const lasting = step<object>()({
  id: 'lasting',
  title: 'lasting resource',
  uses: [],
  needs: {},
  label: () => 'x',
  inspect: async () => ({ state: 'ready', out: {}, owned: true }),
  apply: async () => {},
  remove: async () => {},
})

test('destroy stops waiting at its time limit', async () => {
  const run = testRun(0.0002)
  const [result] = await destroy([lasting], await planRemoval([lasting], run, options), run)
  assert.equal(result?.outcome, 'failed')
  assert.match(result?.error?.message ?? '', /^The lasting resource was deleted, but still exists after /)
})
