import assert from 'node:assert/strict'
import { newTestRun } from '../support/test-run.ts'
import { byKubeconfig, ground, holds, kinds, type Law } from './law.ts'

/** Plan and verify write nothing, before and after; after apply plan says keep everywhere; a second apply writes nothing. */
export const quiet: Law = {
  name: '1-3  plan and verify write nothing; after apply all is kept; applied again nothing is written',
  async *cases() {
    for (const kind of [...Object.keys(kinds), byKubeconfig]) {
      const { sandbox, over, close } = await ground(kind)
      const job = await newTestRun(over, { sandbox })
      const writes = () => sandbox.journal.filter(({ write }) => write).length
      const still = (what: string) =>
        holds(`${kind}: ${what}`, async () => {
          const before = writes()
          await job.plan()
          await job.verify()
          const written = sandbox.journal.filter(({ write }) => write).slice(before)
          assert.deepEqual(
            written.map(({ method, path }) => `${method} ${path}`),
            [],
          )
        })
      yield await still('from nothing')
      await job.apply()
      yield await still('when all is there')
      for (const { id, action } of (await job.plan()).items)
        yield await holds(id, async () => assert.equal(action, 'keep'))
      yield await holds(`${kind}: applied again`, async () => assert.equal((await job.apply()).writes, 0))
      await close()
    }
  },
}
