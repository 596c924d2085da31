import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Remedy } from '../../../src/base/command.ts'
import { noTarget, remedyText } from '../../../src/base/command-text.ts'
import {
  type AnyCheck,
  couldNotRun,
  fail,
  notApplicable,
  pass,
  skippedForWant,
  type Verdict,
} from '../../../src/engine/check.ts'
import { makeReadCache } from '../../../src/engine/read-cache.ts'
import type { Run } from '../../../src/engine/run.ts'
import { verify } from '../../../src/engine/verify.ts'

// Which failure is named as the cause of which other check.

const run = {
  settings: {},
  clients: {},
  signal: new AbortController().signal,
  emit: () => {},
  print: (remedy: Remedy | string) => remedyText(remedy, noTarget),
  ...makeReadCache(),
  polling: { firstDelayMs: 1, maxDelayMs: 2 },
} as unknown as Run

const checkOf = (
  code: AnyCheck['code'],
  verdict: (ctx: Record<string, unknown>) => Verdict<unknown>,
  more: Partial<AnyCheck> = {},
): AnyCheck => ({
  code,
  title: '',
  link: 'cluster',
  uses: [],
  needs: {},
  run: async (ctx: unknown) => verdict(ctx as Record<string, unknown>),
  ...more,
})
const broken = { detail: 'no', remedy: 'do' }
const statuses = async (...checks: AnyCheck[]) =>
  (await verify(checks, run)).map(({ status, because }) => [status, because])

test('a failed proof is skipped because of the check that explains it', async () => {
  const cause = checkOf('WI997', () => fail(broken))
  const between = checkOf('WI998', () => pass(1), { needs: { cause } })
  const proof = checkOf('WI999', () => fail(broken), { explainedBy: [between] })
  assert.deepEqual(await statuses(cause, between, proof), [
    ['fail', undefined],
    ['skip', 'WI997'],
    ['skip', 'WI997'],
  ])
})

test('an explanation of a proof that succeeds stays what it is, and so does the proof', async () => {
  const cause = checkOf('WI998', () => fail(broken))
  const proof = checkOf('WI999', () => pass(1), { explainedBy: [cause] })
  assert.deepEqual(await statuses(cause, proof), [
    ['fail', undefined],
    ['pass', undefined],
  ])
})

test('a failure with a cause of its own is not explained by another', async () => {
  const cause = checkOf('WI998', () => fail(broken))
  const proof = checkOf('WI999', () => fail({ ...broken, unexplained: true }), { explainedBy: [cause] })
  assert.deepEqual(await statuses(cause, proof), [
    ['fail', undefined],
    ['fail', undefined],
  ])
})

test('a check that does not apply, or could not run, explains nothing', async () => {
  for (const verdict of [notApplicable, couldNotRun('no right')]) {
    const cause = checkOf('WI998', () => verdict)
    const proof = checkOf('WI999', () => fail(broken), { explainedBy: [cause] })
    assert.deepEqual((await statuses(cause, proof)).at(-1), ['fail', undefined])
  }
})

test('an explained failure is not waited for', async () => {
  let attempts = 0
  const cause = checkOf('WI998', () => fail(broken))
  const proof = checkOf('WI999', () => fail({ ...broken, transient: !!++attempts }), { explainedBy: [cause] })
  await verify([cause, proof], run, 5000)
  assert.equal(attempts, 1)
})

test('only findings about its own workload explain the failure of a workload', async () => {
  const about = (name: string) => ({ ...broken, status: 'fail' as const, workload: `Deployment/${name}` })
  const proof = (cause: AnyCheck) =>
    checkOf('WI999', () => fail(broken), { explainedBy: [cause], explainedFor: 'Deployment/sample' })
  const others = checkOf('WI998', () => ({ ...about('a'), more: [about('b')] }))
  assert.deepEqual((await statuses(others, proof(others))).at(-1), ['fail', undefined])
  const own = checkOf('WI998', () => ({ ...about('a'), more: [about('sample')] }))
  assert.deepEqual((await statuses(own, proof(own))).at(-1), ['skip', 'WI998'])
})

test('a check runs after a failure that leaves it something to judge', async () => {
  const first = checkOf('WI998', () => fail({ ...broken, continueWith: 7 }))
  const second = checkOf('WI999', ({ first }) => pass(first), { needs: { first } })
  assert.deepEqual(await statuses(first, second), [
    ['fail', undefined],
    ['pass', undefined],
  ])
})

test('a check runs without what it wants, and names why if it can judge nothing', async () => {
  const wanted = checkOf('WI998', () => fail(broken))
  const reads = (verdict: Verdict<unknown>) =>
    checkOf('WI999', (ctx) => (ctx.wanted === undefined ? verdict : fail(broken)), { wants: { wanted } })
  assert.deepEqual((await statuses(wanted, reads(pass(1)))).at(-1), ['pass', undefined])
  assert.deepEqual((await statuses(wanted, reads(skippedForWant()))).at(-1), ['skip', 'WI998'])
})

test('a check that does not apply has no result; one that could not run has', async () => {
  const results = await verify(
    [checkOf('WI998', () => notApplicable), checkOf('WI999', () => couldNotRun('no right'))],
    run,
  )
  assert.deepEqual(
    results.map(({ code, status }) => [code, status]),
    [['WI999', 'skip']],
  )
})
