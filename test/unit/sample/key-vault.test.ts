import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, mock, test } from 'node:test'

// A script of pods, without types.
const { makeSecretReader } = (await import(
  new URL('../../../src/sample/key-vault.mjs', import.meta.url).href
)) as {
  makeSecretReader(options: Record<string, string>): (name: string) => Promise<{ value: string }>
}

const folder = mkdtempSync(join(tmpdir(), 'wi-key-vault-'))
const tokenFile = join(folder, 'token')
writeFileSync(tokenFile, 'pod-token')
after(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => mock.reset())

const challenge = 'Bearer authorization="https://login.test/tenant", resource="https://vault.test"'

/** Replaces Entra, which issues token-1, token-2, …, and a vault that answers `respond(token)`. */
function fakeServices(respond: (token: string) => Response | Promise<Response>) {
  const exchanges: string[] = []
  mock.method(globalThis, 'fetch', async (address: string | URL, options: RequestInit = {}) => {
    assert.equal(options.redirect, 'error', 'a redirect would take the token to another host')
    const url = new URL(address)
    if (url.hostname === 'login.test') {
      exchanges.push(url.pathname)
      return Response.json({ access_token: `token-${exchanges.length}`, expires_in: 3600 })
    }
    const token = (options.headers as { authorization?: string } | undefined)?.authorization
    return token
      ? respond(token.replace('Bearer ', ''))
      : new Response('{}', { status: 401, headers: { 'www-authenticate': challenge } })
  })
  return exchanges
}

const newReader = (vaultUrl = 'https://kv.vault.test/') =>
  makeSecretReader({
    clientId: 'client',
    tenantId: 't',
    tokenFile,
    authorityHost: 'https://login.test/',
    vaultUrl,
  })

const found = () => Response.json({ value: 'value', id: 'https://kv.vault.test/secrets/x/v1' })
const denied = (status: number) => Response.json({ error: { code: 'Forbidden', message: 'no' } }, { status })

for (const status of [401, 403])
  test(`a cached token that the vault rejects with ${status} is replaced, at most every 30 s`, async () => {
    mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
    let valid = 'token-1'
    const exchanges = fakeServices((token) => (token === valid ? found() : denied(status)))
    const read = newReader()
    await read('x')
    mock.timers.tick(600_000)
    // The service principal was recreated: tokens of the old one are rejected.
    valid = 'token-2'
    assert.equal((await read('x')).value, 'value')
    assert.equal(exchanges.length, 2)

    valid = 'none'
    for (let n = 0; n < 10; n++) await assert.rejects(read('x'))
    assert.equal(exchanges.length, 2, 'a new token is not replaced at once')
    mock.timers.tick(31_000)
    for (let n = 0; n < 10; n++) await assert.rejects(read('x'))
    assert.equal(exchanges.length, 3)
  })

test('a token is sent only to a vault within the domain that the challenge names', async () => {
  const exchanges = fakeServices(found)
  for (const vault of ['https://kv.evil.test/', 'https://vault.test.evil.test/', 'https://evilvault.test/'])
    await assert.rejects(newReader(vault)('x'), { code: 'BadChallenge' })
  assert.deepEqual(exchanges, [])
})

test('a response that is too long or is not JSON is an error', async () => {
  fakeServices(() => new Response('x'.repeat(300_000)))
  await assert.rejects(newReader()('x'), { status: 502, code: 'ResponseTooLarge' })
  mock.reset()
  fakeServices(() => new Response('<html>'))
  await assert.rejects(newReader()('x'), { status: 502, code: 'InvalidResponse' })
})

test('codes of services are passed on, unless they could be something else', async () => {
  const body = { error: { code: 'appid=1 & oid=2', message: 'm' } }
  fakeServices(() => Response.json(body, { status: 403 }))
  await assert.rejects(newReader()('x'), { status: 403, code: 'Unknown' })
  mock.reset()
  fakeServices(() => Response.json({}, { status: 429, headers: { 'retry-after': '7' } }))
  await assert.rejects(newReader()('x'), { status: 503, retryAfter: '7' })
})
