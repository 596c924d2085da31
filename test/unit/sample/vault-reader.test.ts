import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { clientId, sendRaw, startReader, tenantId } from './reader-process.ts'

let reader: Awaited<ReturnType<typeof startReader>>
before(async () => {
  reader = await startReader()
})

const get = async (path: string, options: RequestInit = {}) => {
  const response = await fetch(`${reader.url}${path}`, options)
  return { status: response.status, headers: response.headers, body: await response.text() }
}
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i

test('a configured secret is served, and no other one of the vault', async () => {
  const served = await get('/secrets/db-password')
  assert.equal(served.status, 200)
  assert.deepEqual(JSON.parse(served.body), { name: 'db-password', value: 'value-1', version: 'v1' })
  assert.equal((await get('/secrets/DB-Password')).status, 200, 'names are not case-sensitive')
  // The vault has the first, and not the second: the responses are the same.
  const [existing, missing] = [await get('/secrets/other'), await get('/secrets/no-such-secret')]
  assert.equal(existing.status, 404)
  assert.deepEqual([existing.status, existing.body], [missing.status, missing.body])
})

test('errors have a code, and their IDs are in the log of the pod only', async () => {
  const refused = await get('/secrets/forbidden')
  assert.equal(refused.status, 403)
  assert.equal(JSON.parse(refused.body).error.code, 'ForbiddenByRbac')
  assert.doesNotMatch(refused.body, uuid)
  assert.match(reader.log(), /ForbiddenByRbac.*appid=11111111/)
  const broken = await get('/secrets/broken')
  assert.equal(broken.status, 502)
  assert.doesNotMatch(reader.log(), /access-token|pod-token|value-1/)
})

test('every response has security headers', async () => {
  for (const path of ['/', '/healthz', '/openapi.json', '/secrets/db-password', '/secrets/forbidden', '/x']) {
    const { headers } = await get(path)
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/, path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
    assert.equal(headers.get('cache-control'), 'no-store', path)
  }
})

test('only GET without a body is allowed', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])
    assert.equal((await get('/secrets/db-password', { method })).status, 405, method)
  const body = 'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello'
  assert.match(await sendRaw(reader.port, Buffer.from(body)), /^HTTP\/1\.1 400 /)
})

/** Returns a pseudorandom number generator (mulberry32), so that a failure can be repeated. */
const random = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t ^= t + Math.imul(t ^ (t >>> 7), 61 | t)
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}
const next = random(12)
const pick = <T>(all: readonly T[]): T => all[Math.floor(next() * all.length)]!
const noise = () =>
  Array.from({ length: Math.floor(next() * 20) }, () => String.fromCharCode(Math.floor(next() * 256))).join(
    '',
  )

const methods = [
  'GET',
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'PRI',
  'get',
  'M-SEARCH',
]
const paths = [
  ...[
    '//',
    '///',
    '/\\',
    '/',
    '/healthz',
    '/openapi.json',
    '/secrets/db-password',
    '/secrets/other',
    '/secrets/',
  ],
  ...[
    '*',
    'http://',
    'http://[',
    'http://x:99999/',
    '//x:99999',
    '//[',
    '/?',
    '/#',
    '/%',
    '/%00',
    '/%ff',
    '/%2e%2e/',
  ],
  ...[
    '/secrets/..',
    '/secrets/../healthz',
    '/secrets//db-password',
    '/secrets/db-password/',
    '/secrets/db-password?x',
  ],
  ...[
    '/secrets/db-password%00',
    '/secrets/__proto__',
    '/secrets/constructor',
    '/constructor',
    '/toString',
    '/..;/',
  ],
  ...[
    '/secrets/db-password/v1',
    '/secrets/db_password',
    '/secrets/%64b-password',
    `/${'a'.repeat(20_000)}`,
    'healthz',
  ],
  `/secrets/${'a'.repeat(128)}`,
]
const headers = [
  ...[
    'host: x',
    'host:',
    'host: [',
    'host: a\r\nhost: b',
    'connection: close',
    'connection: upgrade\r\nupgrade: x',
  ],
  ...['upgrade: websocket', 'expect: 100-continue', 'expect: x', 'content-length: 5', 'content-length: -1'],
  ...[
    'content-length: 99999999999999999999',
    'transfer-encoding: chunked',
    'transfer-encoding: x',
    'cookie: a=b',
  ],
  ...[
    'transfer-encoding: chunked\r\ncontent-length: 3',
    'range: bytes=0-',
    'accept-encoding: gzip',
    ': x',
    'x',
  ],
  ...[
    `x: ${'a'.repeat(20_000)}`,
    'x: \u0000',
    'x:\ty',
    ' folded: x',
    'authorization: Bearer x',
    'trailer: x',
  ],
]

function hostileRequest(): Buffer {
  const path = next() < 0.2 ? `/${noise()}` : pick(paths)
  // Half of them reach the handler: the parser rejects most others.
  if (next() < 0.5) return Buffer.from(`${pick(methods)} ${path} HTTP/1.1\r\nhost: x\r\n\r\n`, 'latin1')
  const version = pick(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', 'X', ''])
  const lines = Array.from({ length: Math.floor(next() * 4) }, () => (next() < 0.1 ? noise() : pick(headers)))
  const end = pick(['\r\n\r\n', '\r\n\r\n', '\r\n\r\n', '\n\n', '\r\n', ''])
  const body = pick(['', '', 'hello', '5\r\nhello\r\n0\r\n\r\n', 'zz\r\n', '-1\r\n\r\n', noise()])
  const bytes = Buffer.from(
    [`${pick(methods)} ${path} ${version}`, ...lines].join('\r\n') + end + body,
    'latin1',
  )
  return next() < 0.2 ? bytes.subarray(0, Math.floor(next() * bytes.length)) : bytes
}

test('5000 hostile requests leave the process running, and get documented responses without IDs', async () => {
  const documented = new Set(
    Object.values(
      JSON.parse((await get('/openapi.json')).body).paths as Record<string, { get: { responses: object } }>,
    ).flatMap(({ get: { responses } }) => Object.keys(responses)),
  )
  const statuses = new Map<string, number>()
  let remaining = 5000
  const worker = async () => {
    while (remaining-- > 0) {
      const bytes = hostileRequest()
      const reset = next() < 0.1
      const answer = await sendRaw(reader.port, bytes, { reset })
      const shown = JSON.stringify(bytes.toString('latin1').slice(0, 300))
      assert.ok(reader.isRunning(), shown)
      const status = answer.slice(9, 12)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      for (const [, each] of answer.matchAll(/^HTTP\/1\.1 (\d+)/gm))
        assert.ok(each === '100' || documented.has(each!), `${each}: ${shown}`)
      assert.doesNotMatch(answer, /HTTP\/1\.1 500/, shown)
      assert.doesNotMatch(answer, uuid, shown)
      if (/value-2/.test(answer)) assert.fail(`the other secret: ${shown}`)
    }
  }
  await Promise.all(Array.from({ length: 20 }, worker))
  assert.ok(
    (statuses.get('200') ?? 0) > 100 && (statuses.get('404') ?? 0) > 100,
    JSON.stringify([...statuses]),
  )
  assert.deepEqual(JSON.parse((await get('/healthz')).body), { ok: true })
})

test('a request that is never completed is ended, and others are served meanwhile', async () => {
  const slow = [
    '',
    'GET',
    'GET / HTTP/1.1\r\nhost: x\r\nx',
    'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nab',
  ]
  const { connect } = await import('node:net')
  const closed = slow.map(
    (text) =>
      new Promise<number>((resolve) => {
        const since = Date.now()
        const socket = connect(reader.port, '127.0.0.1', () => socket.write(text))
        socket
          .resume()
          .on('error', () => {})
          .on('close', () => resolve(Date.now() - since))
      }),
  )
  await delay(100)
  assert.equal((await get('/healthz')).status, 200)
  for (const ms of await Promise.all(closed)) assert.ok(ms < 15_000, `${ms} ms`)
})

test('the OpenAPI document describes every path and refers to schemas that exist', async () => {
  const { body } = await get('/openapi.json')
  const { paths, components } = JSON.parse(body)
  assert.deepEqual(Object.keys(paths), ['/', '/healthz', '/openapi.json', '/secrets/{name}'])
  for (const [, name] of body.matchAll(/#\/components\/schemas\/(\w+)/g))
    assert.ok(components.schemas[name!], name)
  assert.deepEqual(paths['/secrets/{name}'].get.parameters[0].schema.enum, [
    'db-password',
    'forbidden',
    'broken',
  ])
  for (const path of Object.values(paths) as { get: { responses: object } }[])
    for (const status of ['200', '400', '405', '408', '417', '431', '500'])
      assert.ok(Object.hasOwn(path.get.responses, status), status)
})

after(async () => {
  assert.equal(await reader.stop(), 0, 'exit code after SIGTERM')
  assert.match(reader.log(), new RegExp(clientId), 'the log names the identity')
  assert.doesNotMatch(reader.log(), new RegExp(`value-1|access-token|${tenantId}`))
})
