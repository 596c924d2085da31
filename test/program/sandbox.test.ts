import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { newEnvironment, type ProgramEnvironment, sandboxFlags } from '../support/environment.ts'
import type { Running } from '../support/process.ts'

interface Started {
  arm: string
  login: string
  graph: string
  vaultSuffix: string
  caFile: string
  tenantId: string
  subscriptionId: string
  clientId: string
  clientSecret: string
  kubeconfig: string
  control: string
  controlTokenFile: string
  proxy: string
}
const keys = [
  'arm',
  'login',
  'graph',
  'vaultSuffix',
  'caFile',
  'tenantId',
  'subscriptionId',
  'subscriptions',
  'clientId',
].concat('clientSecret', 'kubeconfig', 'control', 'controlTokenFile', 'proxy')

let environment: ProgramEnvironment
let serving: Running
let started: Started

const start = async (): Promise<[Running, Started]> => {
  const run = environment.start(['sandbox', 'start', '--output', 'json', '--pace', '0'])
  await run.until(() => run.stdout.endsWith('\n'))
  return [run, JSON.parse(run.stdout) as Started]
}

before(async () => {
  environment = newEnvironment()
  ;[serving, started] = await start()
})
after(() => {
  serving.child.kill('SIGKILL')
  environment.close()
})

/** Sends a request that trusts the printed certificate authority. */
const sendRequest = (path: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { port } = new URL(started.arm)
    const ca = readFileSync(started.caFile)
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        servername: 'localhost',
        ca,
        headers: { host: `localhost:${port}`, ...headers },
      },
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      },
    )
    sent.on('error', reject)
    sent.end()
  })

test('start prints one JSON line with everything that other programs need', () => {
  assert.match(serving.stdout, /^\{.*\}\n$/)
  assert.deepEqual(Object.keys(started), keys)
  for (const [key, value] of Object.entries(started))
    assert.ok(key === 'subscriptions' ? Array.isArray(value) : typeof value === 'string' && value, key)
  assert.match(started.arm, /^https:\/\/localhost:\d+$/)
  assert.match(started.proxy, /^http:\/\/127\.0\.0\.1:\d+$/)
  assert.ok(existsSync(started.caFile) && existsSync(started.kubeconfig))
  assert.equal(serving.stderr, '')
})

test('it serves the Azure endpoints', async () => {
  const metadata = await sendRequest('/metadata/endpoints?api-version=2015-01-01')
  assert.equal(metadata.status, 200)
  assert.match(metadata.body, /audiences/)
  assert.equal(
    (await sendRequest(`/subscriptions/${started.subscriptionId}?api-version=2022-12-01`)).status,
    401,
  )
})

test('another process uses the running sandbox', async () => {
  const { code, json } = await environment.run([...sandboxFlags, '--output', 'json'])
  assert.equal(code, 0)
  assert.equal(json.settings.subscription, started.subscriptionId)
  assert.ok(String(json.outputs.vaultUri).endsWith(`${started.vaultSuffix}/`))
  assert.equal(
    new Set(environment.journal().map(({ run }) => run)).size,
    1,
    'one process served all requests',
  )
  assert.equal((await environment.run(['verify', '--sandbox', '--output', 'json'])).json.ok, true)
})

test('status counts the resources, and --journal prints the requests', async () => {
  const json = JSON.parse(
    (await environment.run(['sandbox', 'status', '--output', 'json'])).stdout,
  ) as Record<string, unknown>
  assert.equal(json.running, true)
  assert.equal(json.arm, started.arm)
  assert.equal(json.vaults, 1)
  assert.equal(json.secrets, 1)
  assert.equal(json.applications, 2)
  const text = await environment.run(['sandbox', 'status'])
  assert.equal(text.code, 0)
  assert.ok(text.stdout.includes(`running at ${started.arm}`))
  assert.match(text.stdout, new RegExp(`${environment.writes()} writes`))
  const { stdout } = await environment.run(['sandbox', 'status', '--journal'])
  assert.equal(stdout, readFileSync(join(environment.sandboxFolder, 'journal.jsonl'), 'utf8'))
})

test('a request with a foreign Host or Origin header is rejected', async () => {
  for (const host of ['evil.example', 'localhost.evil.example', 'login.microsoftonline.com', '10.0.0.1'])
    for (const path of ['/metadata/endpoints', '/control/status'])
      assert.equal((await sendRequest(path, { host })).status, 421, host)
  assert.equal((await sendRequest('/control/status', { origin: 'https://evil.example' })).status, 403)
  assert.equal((await sendRequest('/control/status')).status, 401)
  const token = readFileSync(started.controlTokenFile, 'utf8')
  const own = await sendRequest('/control/status', { authorization: `Bearer ${token}` })
  assert.equal(own.status, 200)
  assert.ok(!own.body.includes(started.clientSecret))
})

test('it listens on loopback only', { skip: process.platform !== 'linux' }, () => {
  const hex = (address: string) => Number(new URL(address).port).toString(16).toUpperCase().padStart(4, '0')
  const ports = [started.arm, started.proxy].map(hex)
  const listening = ['tcp', 'tcp6'].flatMap((name) =>
    readFileSync(`/proc/net/${name}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => state === '0A' && ports.includes(local?.split(':')[1] ?? ''))
      .map(([, local]) => local!.split(':')[0]),
  )
  assert.deepEqual(listening, ['0100007F', '0100007F'])
})

test('a second start and a reset are rejected while it runs', async () => {
  const second = await environment.run(['sandbox', 'start'])
  assert.equal(second.code, 2)
  assert.ok(second.stderr.includes(`A sandbox is already running at ${started.arm}`))
  const reset = await environment.run(['sandbox', 'reset'])
  assert.equal(reset.code, 2)
  assert.match(reset.stderr, /The sandbox is running; stop it first/)
  assert.equal(Object.keys(environment.sandboxState().vaults).length, 1)
})

test('in text mode start prints variables for a shell', async () => {
  const other = newEnvironment()
  try {
    const run = other.start(['sandbox', 'start', '--pace', '0'])
    await run.until(() => run.stderr.includes('Ctrl-C'))
    const variables = execFileSync('sh', ['-c', `${run.stdout}\nenv`], { env: {}, encoding: 'utf8' })
    for (const name of [
      'ARM_ENDPOINT',
      'AZURE_TENANT_ID',
      'AZURE_CLIENT_SECRET',
      'SSL_CERT_FILE',
      'KUBECONFIG',
    ])
      assert.match(variables, new RegExp(`^${name}=.+$`, 'm'))
    run.child.kill('SIGTERM')
    assert.equal((await run.ended).code, 0)
  } finally {
    other.close()
  }
})

test('its state and port survive Ctrl-C and kill -9', async () => {
  serving.child.kill('SIGINT')
  assert.equal((await serving.ended).code, 0)
  assert.ok(!existsSync(join(environment.sandboxFolder, 'running.json')))
  const status = await environment.run(['sandbox', 'status', '--output', 'json'])
  assert.equal((JSON.parse(status.stdout) as { running: boolean }).running, false)
  const before = started
  ;[serving, started] = await start()
  assert.deepEqual({ ...started, proxy: '' }, { ...before, proxy: '' })
  serving.child.kill('SIGKILL')
  await serving.ended
  // The marker file still exists, but nothing responds.
  assert.ok(existsSync(join(environment.sandboxFolder, 'running.json')))
  assert.equal((await environment.run(['verify', '--sandbox', '--pace', '0', '-q'])).code, 0)
  assert.ok(!existsSync(join(environment.sandboxFolder, 'running.json')))
})

test('a port in use by another program is reported', async () => {
  const { port } = new URL(started.arm)
  const other = createServer().listen(Number(port), '127.0.0.1')
  try {
    const { code, stderr } = await environment.run(['verify', '--sandbox', '--pace', '0'])
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`port ${port} `))
    assert.doesNotMatch(stderr, /^ +at /m)
  } finally {
    other.close()
  }
})

test('reset deletes all state; the next sandbox is a new one', async () => {
  assert.equal((await environment.run(['sandbox', 'reset'])).code, 0)
  assert.ok(
    !existsSync(join(environment.sandboxFolder, 'state.json')) &&
      !existsSync(join(environment.sandboxFolder, 'journal.jsonl')),
  )
  // Settings saved for the old sandbox cause no error.
  const { code, json } = await environment.run([...sandboxFlags, '--output', 'json'])
  assert.equal(code, 0)
  assert.notEqual(json.settings.subscription, started.subscriptionId)
})
