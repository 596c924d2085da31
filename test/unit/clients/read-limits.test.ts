import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createGzip } from 'node:zlib'
import { sendHttpRequest } from '../../../src/clients/http-request.ts'
import { jsonExcess } from '../../../src/clients/json-size.ts'
import { readLimits, responseLimits } from '../../../src/clients/read-limits.ts'
import { ServiceError } from '../../../src/clients/service-error.ts'
import { type Answer, type Attacker, startAttacker } from '../../support/attacker.ts'
import { connectedSandbox } from '../../support/sandbox.ts'
import { sharedKeys } from '../../support/shared-keys.ts'

const mib = 1024 * 1024
const json = { 'content-type': 'application/json' }
const folder = mkdtempSync(join(tmpdir(), 'wi-limits-'))
after(() => rmSync(folder, { recursive: true }))
const { clients, http, signal } = await connectedSandbox()

/** Writes until `bytes` are sent or the client has closed the connection; counts what was taken. */
async function flood(
  response: ServerResponse,
  bytes: number,
  sent: { bytes: number },
  target: NodeJS.WritableStream = response,
) {
  const piece = Buffer.alloc(mib, ' ')
  const closed = once(response, 'close')
  for (; sent.bytes < bytes && !response.destroyed; sent.bytes += mib)
    if (!target.write(piece)) await Promise.race([once(target, 'drain'), closed])
  target.end()
}

/** Returns the memory in MB that the process needed at most while `act` ran. */
async function peakMemory(act: () => Promise<unknown>): Promise<number> {
  let peak = 0
  const sample = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 5)
  await act().finally(() => clearInterval(sample))
  return Math.max(peak, process.memoryUsage.rss()) / 1e6
}

const deep = '['.repeat(100_000) + ']'.repeat(100_000)
const wide = `[${'[],'.repeat(1_000_000)}[]]`
const respond =
  (body: string, status = 200): Answer =>
  (_, response) =>
    response.writeHead(status, json).end(body)

interface Excess {
  answer: (sent: { bytes: number }) => Answer
  message: RegExp
}

const excesses: Record<string, Excess> = {
  '560 MB': {
    answer: (sent) => (_, response) => void flood(response.writeHead(200, json), 560 * mib, sent),
    message: /^localhost:\d+ sent a response of more than \d+ MB, which is the limit$/,
  },
  '1.5 GB behind gzip': {
    answer: (sent) => (_, response) => {
      const gzip = createGzip({ level: 1 })
      gzip.pipe(response.writeHead(200, { ...json, 'content-encoding': 'gzip' }))
      void flood(response, 1536 * mib, sent, gzip)
    },
    message: /^localhost:\d+ sent a response of more than \d+ MB, which is the limit$/,
  },
  'an error of 560 MB': {
    answer: (sent) => (_, response) => void flood(response.writeHead(400, json), 560 * mib, sent),
    message: /more than \d+ MB/,
  },
  '100,000 levels': { answer: () => respond(deep), message: /sent JSON with more than 200 levels/ },
  'a million values': {
    answer: () => respond(wide),
    message: /sent (JSON with more than 500000 values|a response of more than 1 MB)/,
  },
  'huge headers': {
    answer: () => (_, response) =>
      response.writeHead(200, { ...json, 'x-large': 'x'.repeat(20_000) }).end('{}'),
    message: /sent response headers of more than 16 KB/,
  },
}

/** Returns the API of a cluster whose API server is the attacker. */
async function apiServer({ origin, port }: Attacker) {
  const { authority } = await sharedKeys()
  const path = join(folder, `kubeconfig-${port}`)
  writeFileSync(
    path,
    `current-context: c
clusters: [{name: c, cluster: {server: "${origin}", certificate-authority-data: ${Buffer.from(authority.cert).toString('base64')}}}]
users: [{name: c, user: {token: t}}]
contexts: [{name: c, context: {cluster: c, user: c}}]`,
  )
  return clients.kubernetes({ kind: 'kubeconfig', path, context: undefined })
}

for (const [name, { answer, message }] of Object.entries(excesses)) {
  const reads: Record<string, (attacker: Attacker) => Promise<unknown>> = {
    'an issuer': ({ origin }) => clients.issuers.documents(origin),
    'an API server': async (attacker) => (await apiServer(attacker)).list('Pod', 'shop'),
  }
  for (const [service, read] of Object.entries(reads))
    test(`${service} that sends ${name} is an error`, async () => {
      const sent = { bytes: 0 }
      const attacker = await startAttacker(answer(sent))
      const before = process.memoryUsage.rss() / 1e6
      const peak = await peakMemory(() =>
        assert.rejects(read(attacker), (error: ServiceError) => {
          assert.equal(error.code, 'ETOOLARGE')
          assert.match(error.message.replace(/^The discovery document \S+ can't be read: /, ''), message)
          return true
        }),
      )
      // What is compressed ahead is not sent. The sockets have buffers.
      if (!name.includes('gzip'))
        assert.ok(sent.bytes < responseLimits.response + 32 * mib, `${sent.bytes} bytes were read`)
      // The server runs in this process, too.
      assert.ok(peak - before < 200, `${before} MB, then ${peak} MB`)
      assert.equal(attacker.received.length, 1)
    })
}

test('a response that does not end is an error at the deadline', async () => {
  const timers: NodeJS.Timeout[] = []
  const attacker = await startAttacker((_, response) => {
    response.writeHead(200, json).write('{')
    timers.push(setInterval(() => response.write(' '), 50))
  })
  const request = { method: 'GET' as const, url: attacker.origin, signal }
  await assert.rejects(sendHttpRequest(http, { ...request, timeout: 300 }), {
    code: 'ETIMEDOUT',
    message: 'no complete response within 0.3 seconds',
  })
  for (const timer of timers) clearInterval(timer)
})

test('JSON is measured without being parsed', () => {
  const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth))
  assert.equal(jsonExcess(nested(readLimits.depth)), undefined)
  assert.match(jsonExcess(nested(readLimits.depth + 1)) ?? '', /levels/)
  assert.match(jsonExcess(Buffer.from('{"a":'.repeat(201))) ?? '', /levels/)
  const list = (length: number) => Buffer.from(`[${'1,'.repeat(length - 1)}1]`)
  assert.equal(jsonExcess(list(readLimits.values - 2)), undefined)
  assert.match(jsonExcess(list(readLimits.values + 1)) ?? '', /values/)
  // Brackets and commas in strings don't count, and an escaped quote does not end a string.
  for (const text of [
    `"${'[{,'.repeat(600_000)}"`,
    `"\\"${'['.repeat(300)}"`,
    `["\\\\", "${'['.repeat(300)}"]`,
    '["',
  ])
    assert.equal(jsonExcess(Buffer.from(text)), undefined, text.slice(0, 20))
})

test('a long error message is cut', async () => {
  const message = 'x '.repeat(30_000)
  const attacker = await startAttacker(
    respond(JSON.stringify({ kind: 'Status', reason: 'Invalid', message }), 422),
  )
  await assert.rejects((await apiServer(attacker)).version(), (error: ServiceError) => {
    assert.equal(error.message, `${'x '.repeat(readLimits.message / 2)}… (56000 more characters)`)
    return true
  })
  assert.equal(new ServiceError({ service: 'arm', code: 'X', message: 'short' }).message, 'short')
})
