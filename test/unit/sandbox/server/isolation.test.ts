import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { request as plain } from 'node:http'
import { connect as connectPlain } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { openSandbox, type Sandbox } from '../../../../sandbox/index.ts'
import { sandboxProcesses } from '../../../../src/session/open-sandbox.ts'
import { operatorToken, request } from '../../../support/request.ts'
import { newSandbox } from '../../../support/sandbox.ts'

// What the sandbox rejects: other machines, web pages, foreign paths, huge bodies and slow clients.

let sandbox: Sandbox
const port = () => sandbox.state.port
const folder = mkdtempSync(join(tmpdir(), 'wi-closed-'))

before(async () => {
  sandbox = await newSandbox({ patience: 300 })
})
after(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Sends raw bytes over TLS. Returns what comes back until the connection closes, or until it matches `enough`. */
const raw = (text: string | Buffer, enough: RegExp = /$^/) =>
  new Promise<string>((resolve) => {
    let answer = ''
    const socket = connect({
      host: '127.0.0.1',
      port: port(),
      ca: sandbox.simulator.caPem,
      servername: 'localhost',
    })
    socket.on('secureConnect', () => socket.write(text))
    socket.on('data', (part) => {
      answer += part
      if (enough.test(answer)) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
  })
const get = (target: string, ...headers: string[]) =>
  raw(`GET ${target} HTTP/1.1\r\n${headers.map((each) => `${each}\r\n`).join('')}Connection: close\r\n\r\n`)
/** A sandbox that starts although it should not must not keep the test running. */
const openAndClose = async (dir: string) => (await openSandbox(dir, sandboxProcesses(), { pace: 0 })).close()
const authorization = () => `Authorization: Bearer ${sandbox.controlToken}`
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])

test('the sandbox listens on loopback only', async (t) => {
  const outside = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)
  if (!outside) return t.skip('this machine has no other address')
  for (const at of [port(), Number(new URL(sandbox.proxy).port)]) {
    const code = await new Promise((resolve) => {
      const socket = connectPlain(at, outside.address, () => resolve('connected'))
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    })
    assert.equal(code, 'ECONNREFUSED')
  }
})

test('no service answers a foreign Host header', async () => {
  const paths = [
    '/metadata/endpoints?api-version=2022-09-01',
    '/common/v2.0/.well-known/openid-configuration',
    '/graph/v1.0/applications',
    '/oic/x',
    '/kube/x/version',
    '/control/status',
  ]
  for (const path of paths)
    for (const host of [
      'evil.example',
      `evil.example:${port()}`,
      'localhost.evil.example',
      'kv.vault.evil.example',
      'localhost.',
      '127.0.0.1.nip.example',
      '',
    ])
      assert.equal(statusOf(await get(path, `Host: ${host}`)), 421, `${host} ${path}`)
  assert.equal(statusOf(await get('/control/status', `Host: localhost:${port()}`, authorization())), 200)
  // A complete URL in the request line doesn't bypass the check of the Host header.
  assert.doesNotMatch(
    await get('https://evil.example/metadata/endpoints?api-version=2022-09-01', 'Host: localhost'),
    /200 OK/,
  )
  assert.match(await get('/metadata/endpoints?api-version=2022-09-01'), /^HTTP\/1\.1 400/)
})

test('no path leads to a file', async () => {
  const ways = [
    '/../../../../../../etc/passwd',
    '/kube/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/oic/..%2f..%2f..%2fetc%2fpasswd',
    '/control/..%5c..%5cca-key.pem',
    '/control/ca-key.pem',
    '/graph/v1.0/%00',
    '//etc/passwd',
  ]
  for (const way of ways) {
    const answer = await get(way, `Host: localhost:${port()}`)
    assert.doesNotMatch(answer, /root:|PRIVATE KEY/, way)
    assert.ok(statusOf(answer) >= 400 && statusOf(answer) < 500, `${way} ${answer.slice(0, 200)}`)
  }
})

test('the size of a body is limited, compressed or not, and the sandbox keeps running', async () => {
  const { arm } = sandbox.simulator.addresses
  const url = `${arm}/subscriptions/${sandbox.state.subscription.id}/resourceGroups/rg?api-version=2025-04-01`
  const token = await operatorToken(sandbox, arm)
  const before = process.memoryUsage().rss
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
  const answer = await request(sandbox, url, {
    method: 'PUT',
    token,
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: bomb as never,
  })
  assert.ok([413, 415].includes(answer.status), String(answer.status))
  assert.ok(process.memoryUsage().rss - before < 60 * 1024 * 1024)
  const big = `PUT /subscriptions HTTP/1.1\r\nHost: localhost:${port()}\r\nContent-Length: ${5 * 1024 * 1024}\r\n\r\n`
  const refused = await raw(Buffer.concat([Buffer.from(big), Buffer.alloc(5 * 1024 * 1024, 0x20)]))
  assert.doesNotMatch(refused, /200 OK/)
  const headers = Array.from({ length: 400 }, (_, index) => `X-${index}: ${'a'.repeat(100)}`)
  assert.equal(statusOf(await get('/control/status', `Host: localhost:${port()}`, ...headers)), 431)
  assert.equal(statusOf(await get('/control/status', `Host: localhost:${port()}`, authorization())), 200)
})

test('slow and silent clients are disconnected', async () => {
  const slow = (begin: (host: string) => string) => raw(begin(`localhost:${port()}`))
  const ends = await Promise.all([
    slow((host) => `GET /control/status HTTP/1.1\r\nHost: ${host}\r\nX-`),
    slow((host) => `PUT /subscriptions HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\n{`),
    new Promise<string>((resolve) => {
      // A connection that never starts its handshake.
      const socket = connectPlain(port(), '127.0.0.1')
      socket.on('error', () => {})
      socket.on('close', () => resolve('closed'))
    }),
  ])
  assert.match(ends[0]!, /^(HTTP\/1\.1 408|$)/)
  assert.match(ends[1]!, /^(HTTP\/1\.1 408|$)/)
  assert.equal(ends[2], 'closed')
})

test('the control endpoint rejects web pages', async () => {
  const host = `Host: localhost:${port()}`
  for (const header of [
    'Origin: https://evil.example',
    'Origin: null',
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Site: same-site',
  ])
    for (const path of ['/control/status', '/control/journal', '/control/faults'])
      assert.equal(statusOf(await get(path, host, header)), 403, `${header} ${path}`)
  const answer = await get('/control/status', host, authorization())
  assert.equal(statusOf(answer), 200)
  assert.doesNotMatch(answer, /access-control-allow/i)
  assert.ok(!answer.includes(sandbox.state.operator.clientSecret))
})

test('the control endpoint asks for its token, which no other token replaces', async () => {
  const host = `Host: localhost:${port()}`
  const operator = await operatorToken(sandbox, sandbox.simulator.addresses.arm)
  const wrong = [
    '',
    `Bearer ${operator}`,
    `Basic ${sandbox.controlToken}`,
    `Bearer ${sandbox.controlToken}x`,
    'Bearer ',
  ]
  for (const path of ['/control/status', '/control/journal', '/control/faults', '/control/nothing'])
    for (const value of wrong) {
      const answer = await get(path, host, `Authorization: ${value}`)
      assert.equal(statusOf(answer), 401, `${path} ${value}`)
      assert.match(answer, /www-authenticate: Bearer/i)
      assert.match(answer, /The control endpoint asks for the token/)
      assert.ok(!answer.includes(sandbox.controlToken))
    }
  const order = raw(`DELETE /control/faults HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`)
  assert.equal(statusOf(await order), 401)
})

test('the proxy connects to the sandbox only', async () => {
  const connecting = (target: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const tunnel = plain(sandbox.proxy, { method: 'CONNECT', path: target })
      tunnel.on('connect', (response, socket) => {
        socket.destroy()
        resolve(response.statusCode)
      })
      tunnel.on('error', reject)
      tunnel.end()
    })
  assert.equal(await connecting(`kv.vault.localhost:${port()}`), 200)
  for (const target of [
    'example.com:443',
    `evil.example:${port()}`,
    'localhost:22',
    'localhost',
    `localhost:${port()}:22`,
    `169.254.169.254:${port()}`,
    `user@localhost:${port()}`,
  ])
    assert.equal(await connecting(target), 403, target)
  const status = await new Promise((resolve) =>
    plain(sandbox.proxy, { path: 'http://example.com/' }, (response) => resolve(response.statusCode)).end(),
  )
  assert.equal(status, 405)
})

test('only the owner can read the files of the sandbox', async () => {
  const dir = join(folder, 'state')
  mkdirSync(dir)
  chmodSync(dir, 0o755)
  const session = await openSandbox(dir, sandboxProcesses(), { pace: 0 })
  try {
    assert.equal(statSync(dir).mode & 0o777, 0o700)
    const open = readdirSync(dir).filter((name) => statSync(join(dir, name)).mode & 0o077)
    assert.deepEqual(open, [])
    for (const name of ['ca.pem', 'ca-key.pem', 'key', 'state.json', 'kubeconfig', 'control-token'])
      assert.ok(readdirSync(dir).includes(name), name)
  } finally {
    await session.close()
  }
})

test('files that others can read are restricted at the start, whatever the umask; what others put there is refused', async () => {
  const dir = join(folder, 'modes')
  const umask = process.umask(0)
  try {
    await openAndClose(dir)
    for (const name of readdirSync(dir)) chmodSync(join(dir, name), 0o777)
    process.umask(0o777)
    const session = await openSandbox(dir, sandboxProcesses(), { pace: 0 })
    try {
      const modes = readdirSync(dir).map((name) => [name, statSync(join(dir, name)).mode & 0o077])
      assert.deepEqual(
        modes.filter(([, mode]) => mode),
        [],
      )
    } finally {
      await session.close()
    }
  } finally {
    process.umask(umask)
  }
  symlinkSync('/etc/passwd', join(dir, 'link'))
  await assert.rejects(openAndClose(dir), {
    message: /modes\/link is a symbolic link/,
  })
})

test('a state folder that is a link or writable by others is rejected', async () => {
  const [dir, link, shared] = ['real', 'link', 'shared'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  mkdirSync(dir, { mode: 0o700 })
  symlinkSync(dir, link)
  await assert.rejects(openAndClose(link), {
    message: /is a symbolic link/,
    remedy: /XDG_STATE_HOME/,
  })
  assert.deepEqual(readdirSync(dir), [])
  mkdirSync(shared)
  chmodSync(shared, 0o777)
  await assert.rejects(openAndClose(shared), { message: /is writable by other users/ })
  assert.deepEqual(readdirSync(shared), [])
})

test('names of JavaScript object members are valid names', async () => {
  const { arm } = sandbox.simulator.addresses
  const token = await operatorToken(sandbox, arm)
  const at = `${arm}/subscriptions/${sandbox.state.subscription.id}/resourceGroups`
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    assert.equal(
      (await request(sandbox, `${at}/${name}?api-version=2025-04-01`, { token })).status,
      404,
      name,
    )
    const vault = `${at}/rg/providers/Microsoft.KeyVault/vaults/${name}?api-version=2026-02-01`
    assert.equal((await request(sandbox, vault, { token })).status, 404, name)
  }
  assert.deepEqual(Object.keys(Object.prototype), [])
})
