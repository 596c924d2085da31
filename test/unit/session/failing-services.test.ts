import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import type { FaultRule } from '../../../sandbox/index.ts'
import { type InProcessEnvironment, newInProcessEnvironment } from '../../support/in-process.ts'
import type { Output } from '../../support/process.ts'

let environment: InProcessEnvironment
const flags = ['--sandbox', '--pace', '0']
const add = (rule: FaultRule) =>
  environment.sandbox.simulator.faults.add({ times: 1_000_000, ...rule } as FaultRule)
const run = (...args: string[]) => environment.run([...args, ...flags])

before(async () => {
  environment = await newInProcessEnvironment()
  const output = await run('--yes', '--namespace', 'shop', '--service-account', 'checkout')
  assert.equal(output.code, 0, output.stderr)
})
beforeEach(() => environment.sandbox.simulator.faults.clear())
after(() => environment.close())

/** The text of a screen in one line. */
const textOf = ({ stderr }: Output) => stderr.replace(/\s+/g, ' ')

/** What the screen says of a service that returns 503. */
const services: Record<string, RegExp> = {
  arm: /Azure Resource Manager returned 503 \(Service Unavailable\) \d+ times while reading the cloud's endpoints/,
  login:
    /Microsoft Entra ID returned 503 \(Service Unavailable\) \d+ times while reading the sign-in endpoints/,
  graph:
    /Microsoft Graph returned 503 \(Service Unavailable\) \d+ times while reading application wi-shop-checkout/,
  vault:
    /Key Vault returned 503 \(Service Unavailable\) \d+ times while reading secret demo-secret of vault kv-shop-\w+/,
  kube: /The Kubernetes API server returned 503 \(Service Unavailable\) \d+ times while checking permissions/,
}

for (const [role, expected] of Object.entries(services))
  test(`verify names the failing service, and could not tell: ${role}`, async () => {
    add({ fault: '503', role })
    const output = await run('verify')
    assert.equal(output.code, 3)
    assert.match(textOf(output), expected)
    for (const line of output.stderr.split('\n').filter((each) => !/^(pass|skip|fail) /.test(each)))
      assert.ok(line.length <= 80, line)
  })

// While planning, other failures are retried for minutes.
const throttled: Record<string, RegExp> = {
  arm: /Azure Resource Manager returned 429 \(Too Many Requests\)/,
  login: /Microsoft Entra ID returned 429 \(Too Many Requests\)/,
  graph: /Microsoft Graph returned 429 \(Too Many Requests\)/,
  kube: /he Kubernetes API server returned 429 \(Too Many Requests\)/,
}

for (const [role, expected] of Object.entries(throttled))
  for (const command of ['plan', 'destroy --dry-run', 'destroy --yes'])
    test(`${command} names the failing service, and exits with 3: ${role}`, async () => {
      add({ fault: '429', role, retryAfter: 3600 })
      const output = await run(...command.split(' '))
      assert.equal(output.code, 3, output.stderr)
      assert.match(textOf(output), expected)
      assert.match(textOf(output), /Fix: Wait 60 minutes, then run the same command again/)
    })

test('a set-up whose proof a failing service prevents exits with 3', async () => {
  add({ fault: '429', role: 'vault', path: '/secrets/*', method: 'GET', nth: 2, retryAfter: 3600 })
  const output = await run('--yes', '--timeout', '20s')
  assert.equal(output.code, 3, output.stderr)
})

test('Retry-After and the number of attempts are on the screen and in the document', async () => {
  add({ fault: '429', role: 'arm', retryAfter: 30 })
  assert.match(textOf(await run('plan')), /Fix: Wait 30 seconds, then run the same command again/)
  const { json } = await run('plan', '--output', 'json')
  assert.deepEqual(
    { ...json.error?.service, resource: '' },
    {
      name: 'Azure Resource Manager',
      status: 429,
      operation: "read the cloud's endpoints",
      resource: '',
      attempts: json.error?.service?.attempts,
      retryAfter: 30,
    },
  )
  assert.match(json.error?.service?.resource ?? '', /\/metadata\/endpoints$/)
})

test('a closed connection is reported as one, with the service and the attempts', async () => {
  add({ fault: 'cut-before', role: 'vault' })
  const output = await run('verify')
  assert.equal(output.code, 3)
  assert.match(
    textOf(output),
    /Key Vault can't be reached to read secret demo-secret of vault kv-shop-\w+: the connection to \S+ was interrupted \(\d+ attempts\)/,
  )
})

for (const [name, rule] of Object.entries({
  'Azure Resource Manager, while the session opens': { fault: '503', role: 'arm', times: 9 },
  'Microsoft Entra ID, while signing in': { fault: '503', role: 'login', times: 30 },
  'Microsoft Graph': { fault: '503', role: 'graph', times: 30 },
  'the Kubernetes API server': { fault: '503', role: 'kube', times: 9 },
} satisfies Record<string, FaultRule>))
  test(`verify --wait waits for ${name}, and says so`, async () => {
    add(rule)
    const output = await run('verify', '--wait', '1m')
    assert.equal(output.code, 0, output.stderr)
    assert.match(output.stderr, /^wait {5}waiting for .+, which returned 503 \(Service Unavailable\) while /m)
  })

test('verify --wait ends at its limit, and still could not tell', async () => {
  add({ fault: '503', role: 'arm' })
  const output = await run('verify', '--wait', '2s')
  assert.equal(output.code, 3)
  assert.match(textOf(output), /waiting for Azure Resource Manager, .+ \(up to 2 s\)/)
})

test('reports show what could not be checked, with the error of the service', async () => {
  add({ fault: '503', role: 'graph' })
  for (const name of ['verify.md', 'verify.html', 'verify.json']) {
    assert.equal((await run('verify', '--report', name)).code, 3)
    const text = readFileSync(join(environment.cwd, name), 'utf8')
    assert.match(text, /could not tell|"health": "unknown"/)
    assert.match(
      text,
      /Microsoft Graph returned 503 \(Service Unavailable\) 4 times while reading application/,
    )
    if (name !== 'verify.json') assert.match(text, /could not be checked/)
  }
  const { stdout } = await run('verify', '--output', 'junit')
  assert.match(stdout, /<error type="WI116" message="[^"]*Microsoft Graph returned 503/)
  const { json } = await run('verify', '--output', 'json')
  const open = json.checks.filter(({ undetermined, because }) => undetermined && !because)
  assert.ok(open.length > 0)
  for (const { service } of open) assert.equal(service?.name, 'Microsoft Graph')
})
