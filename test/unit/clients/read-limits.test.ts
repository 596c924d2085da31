import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { createGzip } from 'node:zlib'
import { readLimits, responseLimits } from '../../../src/base/read-limits.ts'
import { collect } from '../../../src/clients/azure/arm-context.ts'
import { sendHttpRequest } from '../../../src/clients/http-request.ts'
import { jsonExcess } from '../../../src/clients/json-size.ts'
import { runProgram } from '../../../src/clients/run-program.ts'
import { ServiceError } from '../../../src/clients/service-error.ts'
import { readManifestFiles } from '../../../src/commands/run/manifest-files.ts'
import { readSecretValue } from '../../../src/commands/secret-value.ts'
import { type Answer, type Attacker, startAttacker } from '../../support/attacker.ts'
import { connectedSandbox } from '../../support/sandbox.ts'
import { sharedKeys } from '../../support/shared-keys.ts'

const mib = 1024 * 1024
const json = { 'content-type': 'application/json' }
const folder = mkdtempSync(join(tmpdir(), 'wi-limits-'))
after(() => rmSync(folder, { recursive: true }))
const { clients, http, signal } = await connectedSandbox({ env: { PATH: process.env.PATH } })

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

test('a program that prints 150 MB is an error', async () => {
  const { PATH } = process.env
  const errors = { service: 'entra', missing: 'AzNotFound', failed: 'AzFailed' } as const
  const options = { env: { PATH }, signal, errors }
  await assert.rejects(runProgram('head', ['-c', String(150 * mib), '/dev/zero'], options), {
    service: 'entra',
    code: 'OutputTooLarge',
    message: 'The program head printed more than 16 MB, which is the limit',
  })
})

/** Returns the error of connecting with this kubeconfig, without a request. */
async function kubeconfigError(text: string, name: string) {
  const path = join(folder, name)
  writeFileSync(path, text)
  const connection = { kind: 'kubeconfig' as const, path, context: undefined }
  const error = await clients
    .kubernetes(connection)
    .version()
    .then(assert.fail, (thrown: ServiceError) => thrown)
  return `${error.code}: ${error.message.replaceAll(folder, '')}`
}
const kubeconfig = (user: string, cluster = '') => `current-context: c
clusters: [{name: c, cluster: {server: "https://localhost:1"${cluster}}}]
users: [{name: c, user: ${user}}]
contexts: [{name: c, context: {cluster: c, user: c}}]`
const plugin = (command: string, ...args: string[]) =>
  kubeconfig(JSON.stringify({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args } }))

test("a kubeconfig's files and programs have a limit", async () => {
  const large = join(folder, 'large')
  writeFileSync(large, Buffer.alloc(5 * mib))
  const results = {
    file: await kubeconfigError(' '.repeat(5 * mib), 'a'),
    authority: await kubeconfigError(kubeconfig('{token: t}', `, certificate-authority: "${large}"`), 'b'),
    device: await kubeconfigError(kubeconfig('{client-certificate: /dev/zero}'), 'c'),
    token: await kubeconfigError(
      kubeconfig(`{auth-provider: {name: x, config: {tokenFile: "${large}"}}}`),
      'd',
    ),
    output: await kubeconfigError(plugin('head', '-c', '150000000', '/dev/zero'), 'e'),
    missing: await kubeconfigError(plugin('no-such-plugin'), 'f'),
    failing: await kubeconfigError(plugin('sh', '-c', 'echo one >&2; echo two >&2; exit 3'), 'g'),
    silent: await kubeconfigError(plugin('true'), 'h'),
    advised: await kubeconfigError(
      plugin(
        'sh',
        '-c',
        'echo "ERROR: token=abcdefghijkl expired" >&2; echo "Please run:" >&2; echo "  az login" >&2; exit 1',
      ),
      'i',
    ),
  }
  const failed = "ExecPluginFailed: The kubeconfig's sign-in program"
  assert.deepEqual(results, {
    file: 'KubeconfigInvalid: /a is larger than 4 MB, which is the limit',
    authority:
      'KubeconfigInvalid: /large, which the kubeconfig names, is larger than 4 MB, which is the limit',
    device: 'KubeconfigInvalid: /dev/zero, which the kubeconfig names, is not a file',
    token: 'KubeconfigInvalid: /large, which the kubeconfig names, is larger than 4 MB, which is the limit',
    output: `${failed} "head" failed: The program head printed more than 16 MB, which is the limit`,
    missing:
      'ExecPluginNotFound: The kubeconfig\'s sign-in program "no-such-plugin" is not installed, or not on the PATH',
    failing: `${failed} "sh" failed: two`,
    silent: `${failed} "true" failed: it printed no credential`,
    advised: `${failed} "sh" failed: ERROR: token=(secret) expired`,
  })
})

test("a sign-in program's token is used until it expires, and goes to its API server", async () => {
  const attacker = await startAttacker(respond('{"gitVersion":"v1"}'))
  const { authority } = await sharedKeys()
  const program = join(folder, 'plugin')
  const log = join(folder, 'runs')
  const status = (seconds: number) => ({
    token: `t-${seconds}`,
    expirationTimestamp: new Date(Date.now() + seconds * 1000).toISOString(),
  })
  for (const [seconds, runs] of [
    [3600, 1],
    [-5, 2],
  ] as const) {
    writeFileSync(log, '')
    writeFileSync(
      program,
      `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO $FROM_CONFIG" >> ${log}\necho '${JSON.stringify({ status: status(seconds) })}'\n`,
      { mode: 0o755 },
    )
    const path = join(folder, `plugin-${seconds}`)
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: program,
      env: [{ name: 'FROM_CONFIG', value: 'x' }],
    }
    writeFileSync(
      path,
      kubeconfig(
        JSON.stringify({ exec }),
        `, certificate-authority-data: ${Buffer.from(authority.cert).toString('base64')}`,
      ).replace('https://localhost:1', attacker.origin),
    )
    const cluster = clients.kubernetes({ kind: 'kubeconfig', path, context: undefined })
    await cluster.version()
    await cluster.version()
    const lines = readFileSync(log, 'utf8').trim().split('\n')
    assert.equal(lines.length, runs)
    assert.match(lines[0]!, /"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io\/v1".* x$/)
    assert.equal(attacker.received.at(-1)?.authorization, `Bearer t-${seconds}`)
  }
})

test('standard input and files have a limit', async () => {
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(mib, ' ')
    })(),
  ) as never
  await assert.rejects(readManifestFiles({ stdin: endless, cwd: folder }, ['-']), {
    message: '--manifest "-" is larger than 16 MB, which is the limit',
  })
  await assert.rejects(readManifestFiles({ stdin: endless, cwd: '/dev' }, ['zero']), {
    message: '--manifest "zero" is larger than 16 MB, which is the limit',
  })
  await assert.rejects(
    readSecretValue({ stdin: endless, cwd: '/dev' }, { secretFromFile: 'zero' } as never),
    {
      message: '--secret-from-file "zero" is larger than 1 MB, which is the limit',
    },
  )
})

test('an address with bytes that are not UTF-8 is traced and shown', async () => {
  const attacker = await startAttacker(respond('{}'))
  const traced: string[] = []
  http.trace = ({ url }) => traced.push(url)
  const url = `${attacker.origin}/a%20b/%ff%fe?q=%ff&code=geheim123&%ff=1`
  assert.equal((await sendHttpRequest(http, { method: 'GET', url, signal })).status, 200)
  http.trace = undefined
  assert.equal(traced.length, 1)
  assert.match(traced[0]!, /%ff/i)
  assert.doesNotMatch(traced[0]!, /geheim/)
})

test('a list without an end is an error', async () => {
  let pages = 0
  const endless = (page: number[]) => ({
    async *byPage() {
      for (;;) {
        pages++
        yield page
      }
    },
  })
  await assert.rejects(collect(endless([]), String), { code: 'ListTooLong', message: /more than 1000 pages/ })
  assert.equal(pages, readLimits.pages + 1)
  await assert.rejects(collect(endless(Array(500).fill(1)), String), { message: /more than 100000 items/ })
  const attacker = await startAttacker((_, response) =>
    response.writeHead(200, json).end('{"items":[],"metadata":{"continue":"x"}}'),
  )
  await assert.rejects((await apiServer(attacker)).list('Pod', 'shop'), {
    code: 'ListTooLong',
    message: 'The list /api/v1/namespaces/shop/pods has more than 1000 pages, which is the limit',
  })
})
