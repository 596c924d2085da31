import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Remedy, wiSetup } from '../../../src/base/command.ts'
import { noTarget, remedyText } from '../../../src/base/command-text.ts'
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
  print: (remedy: Remedy | string) => remedyText(remedy, noTarget),
  ...makeReadCache(),
  polling: { firstDelayMs: 1, maxDelayMs: 2 },
} as unknown as Run

/** Returns a check whose service fails with this code so many times. */
const failingCheck = (code: string, times: number): AnyCheck => {
  let remaining = times
  return check()({
    code: 'WI999',
    title: 'The service responds',
    link: 'cluster',
    uses: [],
    needs: {},
    async run() {
      if (remaining-- > 0) throw new ServiceError({ service: 'kubernetes', code, message: 'no' })
      return pass(true as const)
    },
  })
}

test('a transient failure is retried within the time limit', async () => {
  assert.equal((await verify([failingCheck('InternalError', 3)], run, 5000))[0]?.status, 'pass')
  assert.equal((await verify([failingCheck('InternalError', 3)], run, 0))[0]?.status, 'fail')
})

test('a permanent failure is reported without a retry', async () => {
  // A second attempt would pass, but there is none.
  assert.equal((await verify([failingCheck('Forbidden', 1)], run, 5000))[0]?.status, 'fail')
})

const checkWith = (run: AnyCheck['run'], of: Partial<AnyCheck> = {}): AnyCheck => ({
  code: 'WI999',
  title: 'The service responds',
  link: 'cluster',
  uses: [],
  needs: {},
  run,
  ...of,
})

test('a warning has the actual and the expected value, and its dependents run', async () => {
  const early = checkWith(async () => warn(7, { detail: 'soon', is: '18', should: '20', remedy: 'do' }))
  const later = checkWith(async (ctx) => pass(true, `got ${(ctx as unknown as { early: number }).early}`), {
    code: 'WI998',
    needs: { early },
  })
  const [first, second] = await verify([early, later], run)
  assert.deepEqual(
    { ...first, ms: 0 },
    {
      code: 'WI999',
      title: 'The service responds',
      link: 'cluster',
      level: 'warning',
      status: 'warn',
      detail: 'soon',
      is: '18',
      should: '20',
      remedy: 'do',
      fix: 'do',
      doc: 'docs/checks.md#wi999',
      ms: 0,
    },
  )
  assert.equal(second?.detail, 'got 7')
})

test('all dependents of a failed check are skipped because of it, direct or not', async () => {
  const cause = checkWith(async () => fail({ detail: 'no', remedy: 'do' }), { code: 'WI997' })
  const middle = checkWith(async () => pass(true), { code: 'WI998', needs: { cause } })
  const end = checkWith(async () => pass(true), { needs: { middle } })
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

test('a check without a response fails with the pending request; the others run', async () => {
  const reads = makeReadCache()
  const never = { vaults: { get: () => new Promise<undefined>(() => {}) } }
  const pendingRun: Run = {
    ...run,
    ...reads,
    command: (name) => wiSetup(name),
    clients: shareReads(never as never, reads),
  }
  const waits = checkWith(
    async ({ vaults }: Run['clients']) => pass(await vaults.get('rg-shop', 'kv-shop')),
    {
      timeoutSeconds: 0.05,
    },
  )
  const [first, second] = await verify(
    [waits, checkWith(async () => pass(true), { code: 'WI998' })],
    pendingRun,
  )
  assert.equal(first?.status, 'fail')
  assert.equal(first?.detail, 'No response from Azure (get rg-shop kv-shop) within 0.05 seconds')
  assert.equal(second?.status, 'pass')
})

test('a warning check is skipped if its reads are forbidden', async () => {
  const forbidden = async () => {
    throw new ServiceError({ service: 'kubernetes', code: 'Forbidden', message: 'no' })
  }
  assert.equal((await verify([checkWith(forbidden, { level: 'warning' })], run))[0]?.status, 'skip')
  assert.equal((await verify([checkWith(forbidden)], run))[0]?.status, 'fail')
})

test('an interrupted check deletes what it created', async () => {
  const stop = new AbortController()
  let removed = false
  const probing = checkWith(async ({ signal }: { signal: AbortSignal }) => {
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

test('a name in a private DNS zone is not retried', () => {
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

test('a proof overrules a failure: it becomes a note, and dependents without their input follow the proof', async () => {
  const finding = { detail: 'No role\nmore', remedy: 'grant it' }
  const standIn = checkWith(async () => fail(finding), { overruledBy: async () => 'It reads' })
  const follower = checkWith(async () => fail(finding), {
    code: 'WI998',
    needs: { standIn },
    overruledBy: async () => 'It reads',
  })
  const other = checkWith(async () => fail(finding), { code: 'WI996', needs: { standIn } })
  const proof = checkWith(async () => pass(true), { code: 'WI997', explainedBy: [standIn, follower] })
  assert.deepEqual(
    (await verify([standIn, follower, other, proof], run)).map(({ status, detail }) => [status, detail]),
    [
      ['pass', 'It reads. Unusual: No role'],
      ['pass', 'It reads'],
      ['skip', 'not checked: It reads. Unusual: No role'],
      ['pass', ''],
    ],
  )
})

test('dependents get the output of an overruled check, if it has one', async () => {
  const standIn = checkWith(async () => fail({ detail: 'Another', remedy: 'switch', out: 7 }), {
    overruledBy: async () => 'It reads',
  })
  const later = checkWith(
    async (ctx) => pass(true, `got ${(ctx as unknown as { standIn: number }).standIn}`),
    {
      code: 'WI998',
      needs: { standIn },
    },
  )
  assert.equal((await verify([standIn, later], run))[1]?.detail, 'got 7')
})

test('a failed proof is skipped because of the check that explains it', async () => {
  const standIn = checkWith(async () => fail({ detail: 'No role', remedy: 'grant it' }), {
    overruledBy: async () => undefined,
  })
  const proof = checkWith(async () => assert.fail('ran'), { code: 'WI997', explainedBy: [standIn] })
  assert.deepEqual(
    (await verify([standIn, proof], run)).map(({ status, because }) => [status, because]),
    [
      ['fail', undefined],
      ['skip', 'WI999'],
    ],
  )
})
