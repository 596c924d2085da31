import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FaultName, FaultRule } from '../../../sandbox/index.ts'
import { connectedSandbox } from '../../support/sandbox.ts'

const group = { location: 'westeurope', tags: {} }
const passing: FaultName[] = [
  'cut-before',
  'cut-after',
  'truncated',
  'not-json',
  '408',
  '429',
  '500',
  '502',
  '503',
  '504',
]

/** Each client once, with something going wrong three times in a row. */
const asks = {
  arm: async ({ clients }: Awaited<ReturnType<typeof connectedSandbox>>) => clients.groups.put('rg-a', group),
  graph: async ({ clients }: Awaited<ReturnType<typeof connectedSandbox>>) =>
    clients.directory.applicationsNamed('nobody'),
  login: async ({ clients }: Awaited<ReturnType<typeof connectedSandbox>>) => clients.account.caller(),
}

for (const [role, ask] of Object.entries(asks))
  test(`what passes within moments is not heard of: ${role}`, async () => {
    for (const fault of passing) {
      const at = await connectedSandbox()
      const rule = at.sandbox.faults.add({ fault, role: role as FaultRule['role'] & string, times: 3 })
      await ask(at)
      assert.equal(rule.hit, 3, fault)
    }
  })

test('what lasts is told, with its host and in words', async () => {
  const at = await connectedSandbox()
  at.sandbox.faults.add({ fault: 'not-json', role: 'arm', times: 99 })
  await assert.rejects(at.clients.groups.list(), {
    service: 'network',
    code: 'EUNREADABLE',
    message: /^localhost:\d+ is unreachable: what answered was a web page/,
  })
})

test('a wish to be left alone for long is passed on, not slept through', async () => {
  const at = await connectedSandbox()
  const rule = at.sandbox.faults.add({ fault: '429', role: 'arm', retryAfter: 600, times: 9 })
  await assert.rejects(at.clients.groups.list(), { status: 429, retryAfterMs: 600_000 })
  assert.equal(rule.hit, 1)
})

test('a 409 is not sent again: that is for the engine, which says what is waited for', async () => {
  const at = await connectedSandbox()
  const rule = at.sandbox.faults.add({ fault: 'busy', role: 'arm', times: 9 })
  await assert.rejects(at.clients.groups.put('rg-a', group), { code: 'AnotherOperationInProgress' })
  assert.equal(rule.hit, 1)
})

test('a token that ran out before its time is renewed, once, for all that hold it', async () => {
  const at = await connectedSandbox()
  await at.clients.groups.put('rg-a', group)
  const signIns = () => at.sandbox.journal.filter(({ path }) => path.endsWith('/token')).length
  const before = signIns()
  at.sandbox.faults.add({ fault: 'expired-token', role: 'arm' })
  await Promise.all([at.clients.groups.get('rg-a'), at.clients.groups.get('rg-a')])
  assert.ok(await at.clients.groups.get('rg-a'))
  assert.equal(signIns(), before + 1)
})

test('a refusal that no new token mends comes through', async () => {
  const at = await connectedSandbox()
  at.sandbox.faults.add({ fault: 'expired-token', role: 'arm', times: 9 })
  await assert.rejects(at.clients.groups.list(), { status: 401, code: 'ExpiredAuthenticationToken' })
})
