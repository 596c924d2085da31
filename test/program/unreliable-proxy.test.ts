import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { newEnvironment } from '../support/environment.ts'
import { type ProxyFault, startFaultyProxy } from '../support/faulty-proxy.ts'
import { inventoryOf, without } from '../support/inventory.ts'
import { serveSandbox } from '../support/served-sandbox.ts'

// The network between the program and Azure drops, loses, delays and duplicates requests.

const flags = [
  ...['--location', 'westeurope', '--resource-group', 'rg-proxy', '--cluster', 'aks-proxy'],
  ...[
    '--vault',
    'kv-proxy',
    '--namespace',
    'shop',
    '--service-account',
    'checkout',
    '--secret',
    'db-password',
  ],
]

const cleanUps: (() => unknown)[] = []
after(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
})

/** Serves a sandbox below a domain, so that the program reaches it through a proxy only. */
async function newCloud() {
  const environment = newEnvironment()
  cleanUps.push(environment.close)
  const { addresses, env, stop } = await serveSandbox(environment, ['--pace', '0', '--domain', 'cloud.test'])
  cleanUps.push(stop)
  const args = ['--cloud', addresses.arm, '--subscription', addresses.subscriptionId, '--yes', ...flags]
  const setUp = (proxy: string, more: readonly string[] = []) =>
    environment.run([...args, ...more], { env: { ...env, HTTPS_PROXY: proxy } })
  return { environment, addresses, setUp }
}
type TestCloud = Awaited<ReturnType<typeof newCloud>>

/** Asserts that a second run succeeds and has nothing to do; returns the inventory. */
async function assertFinished({ environment, addresses, setUp }: TestCloud): Promise<string[]> {
  const { code, json } = await setUp(addresses.proxy, ['--output', 'json'])
  assert.equal(code, 0, JSON.stringify(json.error ?? json.checks))
  assert.ok(json.steps.every(({ action }) => action === 'keep'))
  // How often a resource was written may differ: Key Vault keeps every version, ARM every operation.
  return inventoryOf(environment.sandboxState())
    .filter((each) => !each.startsWith('operation '))
    .map((each) => each.replace(/^(secret \S+) \d+$/, '$1'))
}

let expected: string[]
const assertExpected = (inventory: string[]) =>
  assert.deepEqual(
    { duplicates: without(inventory, expected), missing: without(expected, inventory) },
    { duplicates: [], missing: [] },
  )

test('a set-up through a reliable proxy', async () => {
  const cloud = await newCloud()
  const { code, stderr } = await cloud.setUp(cloud.addresses.proxy)
  assert.equal(code, 0, stderr)
  expected = await assertFinished(cloud)
})

const mixed = ['none', 'drop', 'delay', 'none', 'lose', 'double', 'none', 'double'] as const
const proxies: Record<string, (n: number) => ProxyFault> = {
  'drops every fifth request': (n) => (n % 5 === 2 ? 'drop' : 'none'),
  'loses every fifth response': (n) => (n % 5 === 3 ? 'lose' : 'none'),
  'sends every third request twice at once': (n) => (n % 3 === 1 ? 'double' : 'none'),
  'drops, loses, delays and doubles requests': (n) => mixed[n % 8]!,
}

for (const [name, faultOf] of Object.entries(proxies))
  test(`a set-up through a proxy that ${name} creates the same resources`, async () => {
    const cloud = await newCloud()
    const { caFile, arm } = cloud.addresses
    const names = ['*.cloud.test', '*.vault.cloud.test']
    const proxy = await startFaultyProxy({ caFile, port: Number(new URL(arm).port), names }, faultOf)
    cleanUps.push(proxy.close)
    const { code, stderr } = await cloud.setUp(proxy.url)
    assert.equal(code, 0, stderr)
    assert.ok(Object.keys(proxy.counts).length > 1, JSON.stringify(proxy.counts))
    assertExpected(await assertFinished(cloud))
  })

test('two simultaneous set-ups with the same names create no duplicates', async () => {
  const cloud = await newCloud()
  const { addresses, environment, setUp } = cloud
  for (const { code, stderr } of await Promise.all([setUp(addresses.proxy), setUp(addresses.proxy)]))
    if (code !== 0) assert.match(stderr, /Run the same|again|goes on|continue|in progress|already/i, stderr)
  assertExpected(await assertFinished(cloud))
  assert.notEqual(environment.savedSettings(), undefined)
})
