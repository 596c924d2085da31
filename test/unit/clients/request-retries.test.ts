import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FaultName, FaultRule } from '../../../sandbox/index.ts'
import { connectedSandbox } from '../../support/sandbox.ts'

const group = { location: 'westeurope', tags: {} }
const transientFaults: FaultName[] = [
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

/** One request of each client. */
const requests = {
  arm: async ({ clients }: Awaited<ReturnType<typeof connectedSandbox>>) => clients.groups.put('rg-a', group),
  graph: async ({ clients }: Awaited<ReturnType<typeof connectedSandbox>>) =>
    clients.directory.applicationsNamed('nobody'),
  login: async ({ clients }: Awaited<ReturnType<typeof connectedSandbox>>) => clients.azureAccount.caller(),
}

for (const [role, send] of Object.entries(requests))
  test(`transient failures are retried silently: ${role}`, async () => {
    for (const fault of transientFaults) {
      const at = await connectedSandbox()
      const rule = at.sandbox.faults.add({ fault, role: role as FaultRule['role'] & string, times: 3 })
      await send(at)
      assert.equal(rule.hit, 3, fault)
    }
  })

test('a lasting failure is an error with the host and the reason', async () => {
  const at = await connectedSandbox()
  at.sandbox.faults.add({ fault: 'not-json', role: 'arm', times: 99 })
  await assert.rejects(at.clients.groups.list(), {
    service: 'network',
    code: 'EUNREADABLE',
    message: /^localhost:\d+ returned an incomplete response or a web page/,
  })
})

test('a long Retry-After is returned to the caller', async () => {
  const at = await connectedSandbox()
  const rule = at.sandbox.faults.add({ fault: '429', role: 'arm', retryAfter: 600, times: 9 })
  await assert.rejects(at.clients.groups.list(), { status: 429, retryAfterMs: 600_000 })
  assert.equal(rule.hit, 1)
})

test('a 409 is not retried, because the engine does that', async () => {
  const at = await connectedSandbox()
  const rule = at.sandbox.faults.add({ fault: 'busy', role: 'arm', times: 9 })
  await assert.rejects(at.clients.groups.put('rg-a', group), { code: 'AnotherOperationInProgress' })
  assert.equal(rule.hit, 1)
})

test('a rejected token is renewed once for all requests', async () => {
  const at = await connectedSandbox()
  await at.clients.groups.put('rg-a', group)
  const signIns = () => at.sandbox.journal.filter(({ path }) => path.endsWith('/token')).length
  const before = signIns()
  at.sandbox.faults.add({ fault: 'expired-token', role: 'arm' })
  await Promise.all([at.clients.groups.get('rg-a'), at.clients.groups.get('rg-a')])
  assert.ok(await at.clients.groups.get('rg-a'))
  assert.equal(signIns(), before + 1)
})

test('a 401 with a new token is an error', async () => {
  const at = await connectedSandbox()
  at.sandbox.faults.add({ fault: 'expired-token', role: 'arm', times: 9 })
  await assert.rejects(at.clients.groups.list(), { status: 401, code: 'ExpiredAuthenticationToken' })
})
