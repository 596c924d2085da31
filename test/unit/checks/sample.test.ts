import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleReturnsSecret } from '../../../src/checks/sample.ts'
import { ServiceError } from '../../../src/clients/service-error.ts'

const status = (message: string) => JSON.stringify({ kind: 'Status', status: 'Failure', message })
const timeout = 'error trying to reach service: dial tcp 10.0.0.7:8080: i/o timeout'

/** Runs the check with this response of the API server's proxy; the sample has `ready` pods. */
const run = (proxyGet: () => Promise<{ status: number; body: string }>, ready = 1) => {
  const kube = { proxyGet, get: async () => ({ status: { availableReplicas: ready } }) }
  const settings = { namespace: 'shop', secret: 'db-password' }
  return sampleReturnsSecret.run({
    settings,
    api: { kube },
    read: { value: 'value' },
    command: (name: string) => `wi-setup ${name}`,
  } as never)
}

test("a ready pod that the API server's proxy doesn't reach is no failure: the check could not run", async () => {
  for (const code of [500, 503, 504]) {
    const verdict = await run(async () => ({ status: code, body: status(timeout) }))
    assert.ok(verdict.status === 'skip' && verdict.couldNotRun, `${code}`)
    assert.match(verdict.detail, /network policy or a firewall/)
  }
  const error = new ServiceError({ service: 'kubernetes', code: 'ETIMEDOUT', message: 'no response' })
  assert.equal((await run(() => Promise.reject(error))).status, 'skip')
})

test('other responses than the secret are failures', async () => {
  for (const [code, body, ready] of [
    [503, status(timeout), 0],
    [503, status('no endpoints available for service "vault-reader"'), 1],
    [503, status('error trying to reach service: dial tcp 10.0.0.7:8080: connect: connection refused'), 1],
    [504, JSON.stringify({ error: { code: 'Timeout', message: 'the vault did not respond in time' } }), 1],
    [403, JSON.stringify({ error: { code: 'ForbiddenByRbac', message: 'denied' } }), 1],
    [200, JSON.stringify({ value: 'another' }), 1],
  ] as const)
    assert.equal((await run(async () => ({ status: code, body }), ready)).status, 'fail', body)
  const served = { status: 200, body: JSON.stringify({ value: 'value' }) }
  assert.equal((await run(async () => served)).status, 'pass')
})

test("a proxy's page is not taken for the sample's response", async () => {
  for (const [code, body] of [
    [503, '<html><body>Service Unavailable</body></html>'],
    [502, 'upstream connect error or disconnect/reset before headers'],
    [504, ''],
  ] as const) {
    const verdict = await run(async () => ({ status: code, body }))
    assert.ok(verdict.status === 'skip' && verdict.couldNotRun, body)
    assert.match(verdict.detail, new RegExp(`such as a proxy, returned status ${code}`))
  }
})
