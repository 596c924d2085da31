import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createServer as createPlainServer } from 'node:http'
import { Agent, createServer, request } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { issueServerCertificate } from '../../sandbox/index.ts'
import { newEnvironment, type ProgramEnvironment } from '../support/environment.ts'
import { inventoryOf, without } from '../support/inventory.ts'
import type { Running } from '../support/process.ts'

const names = [
  ...['--location', 'westeurope', '--resource-group', 'rg-between', '--cluster', 'aks-between'],
  ...[
    '--vault',
    'kv-between',
    '--namespace',
    'shop',
    '--service-account',
    'checkout',
    '--secret',
    'db-password',
  ],
]

const places: ProgramEnvironment[] = []
const servers: Running[] = []
const closers: (() => void)[] = []
after(async () => {
  for (const close of closers) close()
  for (const { child } of servers) child.kill('SIGINT')
  await Promise.all(servers.map(({ ended }) => ended.catch(() => {})))
  for (const each of places) each.close()
})

/** A sandbox at names of its own, so that a proxy leads to it, and what a program needs to use it as a cloud. */
async function served() {
  const environment = newEnvironment()
  places.push(environment)
  const server = environment.start([
    'sandbox',
    'start',
    '--pace',
    '0',
    '--domain',
    'cloud.test',
    '--output',
    'json',
  ])
  servers.push(server)
  await server.until(() => server.stdout.includes('\n'))
  const told = JSON.parse(server.stdout) as Record<
    'arm' | 'caFile' | 'tenantId' | 'subscriptionId' | 'clientId' | 'clientSecret' | 'proxy',
    string
  >
  const env = (proxy: string) => ({
    AZURE_TENANT_ID: told.tenantId,
    AZURE_CLIENT_ID: told.clientId,
    AZURE_CLIENT_SECRET: told.clientSecret,
    NODE_EXTRA_CA_CERTS: told.caFile,
    HTTPS_PROXY: proxy,
  })
  const args = ['--cloud', told.arm, '--subscription', told.subscriptionId, '--yes', ...names]
  return { at: environment, told, env, args }
}

/** What the machine in between does to the n-th request. */
type Does = (n: number) => 'passes' | 'drops' | 'loses' | 'delays' | 'doubles'

/** A proxy that ends TLS with a certificate of the sandbox's own authority and sends on what it gets: late, twice, or not. */
async function between(caFile: string, port: number, does: Does) {
  const done: Record<string, number> = {}
  const cert = readFileSync(caFile, 'utf8')
  const authority = { cert, key: readFileSync(caFile.replace('ca.pem', 'ca-key.pem'), 'utf8') }
  const dns = ['*.cloud.test', '*.vault.cloud.test']
  const leaf = await issueServerCertificate(authority, { dns, ip: ['127.0.0.1'] })
  const agent = new Agent({ keepAlive: true, ca: cert, host: '127.0.0.1', port })
  let count = 0
  const inner = createServer(leaf, async (incoming, outgoing) => {
    const parts: Buffer[] = []
    for await (const part of incoming) parts.push(part as Buffer)
    const what = does(++count)
    done[what] = (done[what] ?? 0) + 1
    const host = incoming.headers.host!
    const send = () =>
      new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }>(
        (resolve, reject) => {
          const options = { agent, method: incoming.method, path: incoming.url, headers: incoming.headers }
          const sent = request(
            { ...options, host: '127.0.0.1', port, servername: host.replace(/:\d+$/, '') },
            async (answer) => {
              const body: Buffer[] = []
              for await (const part of answer) body.push(part as Buffer)
              resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(body) })
            },
          )
          sent.on('error', reject)
          sent.end(Buffer.concat(parts))
        },
      )
    try {
      if (what === 'drops') return void outgoing.destroy()
      if (what === 'delays') await delay(60)
      const [first, second] = what === 'doubles' ? await Promise.all([send(), send()]) : [await send()]
      if (what === 'loses') return void outgoing.destroy()
      const { status, headers, body } = second ?? first!
      delete headers['transfer-encoding']
      outgoing.writeHead(status, headers).end(body)
    } catch {
      outgoing.destroy()
    }
  })
  const open = (server: typeof inner | ReturnType<typeof createPlainServer>) =>
    new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
    )
  const innerPort = await open(inner)
  const outer = createPlainServer()
  outer.on('connect', (_, socket, head) => {
    const up = connect(innerPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      up.write(head)
      up.pipe(socket).pipe(up)
    })
    for (const each of [up, socket]) each.on('error', () => [up, socket].map((end) => end.destroy()))
  })
  const proxy = `http://127.0.0.1:${await open(outer)}`
  closers.push(() => {
    agent.destroy()
    for (const server of [outer, inner]) {
      server.closeAllConnections()
      server.close()
    }
  })
  return { proxy, done }
}

/** Proven, and a second run finds nothing to do. */
async function finishes({ at: environment, env, args, told }: Awaited<ReturnType<typeof served>>) {
  const { code, json } = await environment.run([...args, '--output', 'json'], { env: env(told.proxy) })
  assert.equal(code, 0, JSON.stringify(json.error ?? json.checks))
  assert.ok(json.steps.every(({ action }) => action === 'keep'))
  // How often a thing was written is history: Key Vault keeps each version, ARM each operation.
  return inventoryOf(environment.sandboxState())
    .filter((each) => !each.startsWith('operation '))
    .map((each) => each.replace(/^(secret \S+) \d+$/, '$1'))
}

let whole: string[]
test('through the plain proxy: what there is at the end', async () => {
  const cloud = await served()
  const { code, stderr } = await cloud.at.run(cloud.args, { env: cloud.env(cloud.told.proxy) })
  assert.equal(code, 0, stderr)
  whole = await finishes(cloud)
})

const ways: Record<string, Does> = {
  'drops each fifth request': (n) => (n % 5 === 2 ? 'drops' : 'passes'),
  'loses each fifth answer': (n) => (n % 5 === 3 ? 'loses' : 'passes'),
  'sends each third request twice, at once': (n) => (n % 3 === 1 ? 'doubles' : 'passes'),
  'drops, loses, delays and doubles': (n) =>
    (['passes', 'drops', 'delays', 'passes', 'loses', 'doubles', 'passes', 'doubles'] as const)[n % 8]!,
}

for (const [name, does] of Object.entries(ways))
  test(`a proxy that ${name}: the same end`, async () => {
    const cloud = await served()
    const { proxy, done } = await between(cloud.told.caFile, Number(new URL(cloud.told.arm).port), does)
    const { code, stderr } = await cloud.at.run(cloud.args, { env: cloud.env(proxy) })
    assert.equal(code, 0, stderr)
    assert.ok(Object.keys(done).length > 1, JSON.stringify(done))
    const made = await finishes(cloud)
    assert.deepEqual({ twice: without(made, whole), lost: without(whole, made) }, { twice: [], lost: [] })
  })

test('two processes at once on the same names: no twin, and run again all is proven', async () => {
  const cloud = await served()
  const { at: environment, args, env, told } = cloud
  const runs = [1, 2].map(() => environment.run(args, { env: env(told.proxy) }))
  for (const { code, stderr } of await Promise.all(runs))
    if (code !== 0) assert.match(stderr, /Run the same|again|goes on|in progress|already/i, stderr)
  const made = await finishes(cloud)
  assert.deepEqual({ twice: without(made, whole), lost: without(whole, made) }, { twice: [], lost: [] })
  assert.ok(existsSync(join(environment.cwd, 'wi-setup.yaml')))
})
