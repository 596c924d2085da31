import assert from 'node:assert/strict'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, mock, test } from 'node:test'
import { issueServerCertificate } from '../../../sandbox/index.ts'
import { clockText, durationText } from '../../../src/clients/clock-error.ts'
import { makeCredential } from '../../../src/clients/credential.ts'
import type { ServiceError } from '../../../src/clients/service-error.ts'
import { explain } from '../../../src/explain/index.ts'
import { textOf } from '../../support/remedies.ts'
import { connectedSandbox } from '../../support/sandbox.ts'
import { sharedKeys } from '../../support/shared-keys.ts'

const hour = 3_600_000
const day = 24 * hour

/** Starts a server whose clock differs from this machine's: its certificate is valid from 1 hour ago, by its clock. */
async function serverWithClock(ahead: number): Promise<string> {
  const { authority } = await sharedKeys()
  mock.timers.enable({ apis: ['Date'], now: Date.now() + ahead })
  const certificate = await issueServerCertificate(authority, { dns: ['localhost'], ip: [] })
  mock.timers.reset()
  const server = createServer(certificate, (_, response) => response.end('{}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `https://localhost:${(server.address() as AddressInfo).port}`
}

const { clients, cloud, http, signal, state } = await connectedSandbox()

for (const [name, ahead, code, difference] of [
  ['2 hours behind', 2 * hour, 'CERT_NOT_YET_VALID', /at least (59|60) minutes behind$/],
  ['400 days behind', 400 * day, 'CERT_NOT_YET_VALID', /at least 399 days behind$/],
  ['400 days ahead', -400 * day, 'CERT_HAS_EXPIRED', /at least [23] days ahead$/],
] as const)
  test(`a clock that is ${name} is named, with by how much and the fix`, async () => {
    const origin = await serverWithClock(ahead)
    await assert.rejects(clients.issuers.documents(origin), (error: ServiceError) => {
      assert.equal(error.code, code)
      assert.match(
        error.message,
        /its certificate (is valid only from|was valid only until) \d{4}-\d\d-\d\d \d\d:\d\d UTC/,
      )
      assert.match(error.message, difference)
      return true
    })
    // Signing in reports the same as a request.
    const explicit = { ...state.operator, tenantId: state.tenant.id }
    const credential = makeCredential({ cloud: { ...cloud, login: origin }, http, signal, env: {}, explicit })
    await assert.rejects(credential.getToken(cloud.armScope) as Promise<unknown>, (error: ServiceError) => {
      assert.equal(error.code, code)
      assert.match(error.message, difference)
      const explained = explain(error)
      assert.match(explained?.what ?? '', /^This machine's clock is probably at least \d+ \w+ (behind|ahead)/)
      assert.equal(explained && textOf(explained.remedy), 'sudo timedatectl set-ntp true')
      return true
    })
  })

test('a certificate that is valid says nothing about the clock', () => {
  assert.equal(clockText({ from: 0, to: 2 * day }, day), undefined)
  assert.deepEqual([59_000, 60_000, 119 * 60_000, 2 * hour, 47 * hour, 2 * day].map(durationText), [
    '0 minutes',
    '1 minute',
    '119 minutes',
    '2 hours',
    '47 hours',
    '2 days',
  ])
})

test("an assertion that Entra rejects for its time is the clock's fault if the clock is wrong", async () => {
  const { credential, cloud: other } = await connectedSandbox({
    intercept: async (call, act) =>
      call.path.endsWith('/token')
        ? {
            status: 401,
            headers: { date: new Date(Date.now() + 2 * hour).toUTCString() },
            body: {
              error: 'invalid_client',
              error_description:
                'AADSTS700024: Client assertion is not within its valid time range. Trace ID: 1 Correlation ID: 2',
            },
          }
        : act(),
  })
  await assert.rejects(credential.getToken(other.armScope) as Promise<unknown>, (error: ServiceError) => {
    assert.equal(error.code, 'AADSTS700024')
    assert.match(
      error.message,
      /^This machine's clock is (119 minutes|2 hours) behind; .* Entra: Client assertion/,
    )
    assert.match(
      explain(error)?.what ?? '',
      /^This machine's clock is (119 minutes|2 hours) behind, so Entra/,
    )
    return true
  })
})
