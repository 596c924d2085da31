import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceError } from '../../src/clients/service-error.ts'
import { type AnyCheck, check, pass } from '../../src/engine/check.ts'
import { makeReads, type Run } from '../../src/engine/run.ts'
import { verify } from '../../src/engine/verify.ts'

const run = {
  settings: {},
  clients: {},
  signal: new AbortController().signal,
  report: () => {},
  ...makeReads(),
  patience: { first: 1, most: 2 },
} as unknown as Run

/** A check whose service refuses with this code so many times. */
const refusing = (code: string, times: number): AnyCheck => {
  let left = times
  return check()({
    code: 'WI999',
    title: 'It answers',
    link: 'cluster',
    uses: [],
    needs: {},
    async run() {
      if (left-- > 0) throw new ServiceError({ service: 'kubernetes', code, message: 'no' })
      return pass(true as const)
    },
  })
}

test('a service that answers badly for a moment is looked at again, as long as there is time', async () => {
  assert.equal((await verify([refusing('InternalError', 3)], run, 5000))[0]?.status, 'pass')
  assert.equal((await verify([refusing('InternalError', 3)], run, 0))[0]?.status, 'fail')
})

test('a refusal that does not pass by itself is told at once', async () => {
  // The second look would pass: it is not taken.
  assert.equal((await verify([refusing('Forbidden', 1)], run, 5000))[0]?.status, 'fail')
})
