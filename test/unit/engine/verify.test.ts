import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceError } from '../../../src/clients/service-error.ts'
import { type AnyCheck, check, fail, pass, warn } from '../../../src/engine/check.ts'
import { makeReadCache, shareReads } from '../../../src/engine/read-cache.ts'
import { retryRule } from '../../../src/engine/retry-rules.ts'
import type { Run } from '../../../src/engine/run.ts'
import { verify } from '../../../src/engine/verify.ts'

const run = {
  settings: {},
  clients: {},
  signal: new AbortController().signal,
  emit: () => {},
  ...makeReadCache(),
  polling: { firstDelayMs: 1, maxDelayMs: 2 },
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

test('a service that answers badly for a moment is retried as long as there is time', async () => {
  assert.equal((await verify([refusing('InternalError', 3)], run, 5000))[0]?.status, 'pass')
  assert.equal((await verify([refusing('InternalError', 3)], run, 0))[0]?.status, 'fail')
})

test('a refusal that does not pass by itself is told at once', async () => {
  // The second look would pass: it is not taken.
  assert.equal((await verify([refusing('Forbidden', 1)], run, 5000))[0]?.status, 'fail')
})

const saying = (run: AnyCheck['run'], of: Partial<AnyCheck> = {}): AnyCheck => ({
  code: 'WI999',
  title: 'It answers',
  link: 'cluster',
  uses: [],
  needs: {},
  run,
  ...of,
})

test('a warning carries what is and what should be, and what hangs on it goes on', async () => {
  const early = saying(async () => warn(7, { detail: 'soon', is: '18', should: '20', remedy: 'do' }))
  const later = saying(async (ctx) => pass(true, `got ${(ctx as unknown as { early: number }).early}`), {
    code: 'WI998',
    needs: { early },
  })
  const [first, second] = await verify([early, later], run)
  assert.deepEqual(
    { ...first, ms: 0 },
    {
      code: 'WI999',
      title: 'It answers',
      link: 'cluster',
      level: 'warning',
      status: 'warn',
      detail: 'soon',
      is: '18',
      should: '20',
      remedy: 'do',
      doc: 'docs/checks.md#wi999',
      ms: 0,
    },
  )
  assert.equal(second?.detail, 'got 7')
})

test('what hangs on a failure is skipped because of the cause, however far down', async () => {
  const cause = saying(async () => fail({ detail: 'no', remedy: 'do' }), { code: 'WI997' })
  const middle = saying(async () => pass(true), { code: 'WI998', needs: { cause } })
  const end = saying(async () => pass(true), { needs: { middle } })
  const results = await verify([cause, middle, end], run)
  assert.deepEqual(
    results.map(({ status, because }) => [status, because]),
    [
      ['fail', undefined],
      ['skip', 'WI997'],
      ['skip', 'WI997'],
    ],
  )
})

test('a check that gets no answer fails with what it waited for; the others go on', async () => {
  const reads = makeReadCache()
  const never = { vaults: { get: () => new Promise<undefined>(() => {}) } }
  const hanging: Run = {
    ...run,
    ...reads,
    command: (word) => word,
    clients: shareReads(never as never, reads),
  }
  const waits = saying(async ({ vaults }: Run['clients']) => pass(await vaults.get('rg-shop', 'kv-shop')), {
    timeoutSeconds: 0.05,
  })
  const [first, second] = await verify([waits, saying(async () => pass(true), { code: 'WI998' })], hanging)
  assert.equal(first?.status, 'fail')
  assert.equal(first?.detail, 'No answer from Azure (get rg-shop kv-shop) within 0.05 seconds')
  assert.equal(second?.status, 'pass')
})

test('a check that only warns says nothing where it may not look', async () => {
  const refused = async () => {
    throw new ServiceError({ service: 'kubernetes', code: 'Forbidden', message: 'no' })
  }
  assert.equal((await verify([saying(refused, { level: 'warning' })], run))[0]?.status, 'skip')
  assert.equal((await verify([saying(refused)], run))[0]?.status, 'fail')
})

test('an interruption lets a check take back what it has made', async () => {
  const stop = new AbortController()
  let removed = false
  const probing = saying(async ({ signal }: { signal: AbortSignal }) => {
    stop.abort(new Error('stopped'))
    try {
      signal.throwIfAborted()
      return pass(true)
    } finally {
      await new Promise((resolve) => setTimeout(resolve, 50))
      removed = true
    }
  })
  await assert.rejects(verify([probing], { ...run, signal: stop.signal }), /stopped/)
  assert.ok(removed)
})

test('a name that only a private network knows is not waited for', () => {
  const of = (host: string) =>
    retryRule(
      new ServiceError({
        service: 'network',
        code: 'ENOTFOUND',
        message: `${host} is unreachable: its name does not resolve`,
      }),
    )
  assert.ok(of('kv-shop.vault.azure.net'))
  assert.equal(of('aks-1.abc.privatelink.westeurope.azmk8s.io'), undefined)
})
