import assert from 'node:assert/strict'
import { newTestRun } from '../support/test-run.ts'
import { type Law, lawResult, newLawSandbox, setUpKinds } from './law.ts'
import { jobKind, kubeconfigKind } from './preparations.ts'

/** Plan and verify never write; after apply, nothing is left to do, and a second apply writes nothing. */
export const idempotence: Law = {
  name: '1-3  plan and verify write nothing; after apply nothing is left to do; a second apply writes nothing',
  async *cases() {
    for (const kind of [...Object.keys(setUpKinds), jobKind, kubeconfigKind]) {
      const { sandbox, over, env, close } = await newLawSandbox(kind)
      const job = await newTestRun(over, { sandbox, env })
      const writes = () => sandbox.journal.filter(({ write }) => write).length
      const noWrites = (situation: string) =>
        lawResult(`${kind}: ${situation}`, async () => {
          const before = writes()
          await job.plan()
          await job.verify()
          const written = sandbox.journal.filter(({ write }) => write).slice(before)
          assert.deepEqual(
            written.map(({ method, path }) => `${method} ${path}`),
            [],
          )
        })
      yield await noWrites('before the set-up')
      await job.apply()
      yield await noWrites('after the set-up')
      for (const { id, action } of (await job.plan()).items)
        yield await lawResult(id, async () => assert.equal(action, 'keep'))
      yield await lawResult(`${kind}: second apply`, async () => assert.equal((await job.apply()).writes, 0))
      await close()
    }
  },
}
