import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { commands } from '../../src/commands/index.ts'
import {
  newEnvironment,
  type ProgramEnvironment,
  parseCommandLine,
  sandboxFlags,
} from '../support/environment.ts'

let environment: ProgramEnvironment
beforeEach(() => {
  environment = newEnvironment()
})
afterEach(() => environment.close())

/** Returns the command that an error prints as its fix. */
const fixIn = (stderr: string) => /Fix: +(npx wi-setup .*)/.exec(stderr)?.[1]

const runPrinted = (line: string) => environment.run([...parseCommandLine(line), '--yes', '--pace', '0'])

test('the commands for the parts, in order, make a complete set-up', async () => {
  for (const name of ['cluster', 'identity', 'federate', 'webhook', 'vault', 'sample']) {
    const before = environment.writes()
    const { code, stdout, stderr } = await environment.run([name, ...sandboxFlags])
    assert.equal(code, 0, stderr)
    assert.equal(stdout, '')
    // The add-on came with the cluster.
    assert.equal(environment.writes() > before, name !== 'webhook', name)
  }
  const verified = await environment.run(['verify', '--sandbox', '--pace', '0', '--output', 'json'])
  assert.equal(verified.code, 0)
  assert.ok(verified.json.checks.every(({ status }) => status === 'pass'))
  // The complete set-up has nothing left to do.
  const writes = environment.writes()
  assert.equal((await environment.run(sandboxFlags)).code, 0)
  assert.equal(environment.writes(), writes)
})

test('a command creates only its own part', async () => {
  const createdBy = async (name: string) => {
    const { code, json } = await environment.run([name, ...sandboxFlags, '--output', 'json'])
    assert.equal(code, 0)
    return json.steps.filter(({ action }) => action === 'create').map(({ id }) => id)
  }
  assert.deepEqual(await createdBy('identity'), ['identity', 'service-principal'])
  assert.deepEqual(await createdBy('cluster'), ['providers', 'resource-group', 'cluster'])
  assert.deepEqual(await createdBy('federate'), ['federated-credential', 'namespace', 'service-account'])
  assert.deepEqual(await createdBy('vault'), ['vault', 'vault-access', 'operator-access', 'secret'])
  assert.deepEqual(await createdBy('sample'), ['sample'])
})

test('sample creates the sample app although --no-sample was saved', async () => {
  assert.equal((await environment.run([...sandboxFlags, '--no-sample'])).code, 0)
  const { code, stderr } = await environment.run(['sample', ...sandboxFlags])
  assert.equal(code, 0, stderr)
  assert.equal((await environment.run(sandboxFlags)).code, 0)
})

test('a command that is run too early names what creates the missing resource, and writes nothing', async () => {
  /** What each command is missing at each point, and the command that creates it. */
  const journey: [name: string, missing: RegExp, first: string][][] = [
    [
      ['federate', /cluster aks-demo does not exist yet/, 'cluster'],
      ['webhook', /cluster aks-demo does not exist yet/, 'cluster'],
      ['vault', /app registration wi-vault-reader-vault-reader does not exist yet/, 'identity'],
      ['sample', /cluster aks-demo does not exist yet/, 'cluster'],
    ],
    [
      ['federate', /app registration wi-\S+ does not exist yet/, 'identity'],
      ['sample', /app registration wi-\S+ does not exist yet/, 'identity'],
    ],
    [['sample', /namespace vault-reader does not exist yet/, 'federate']],
    [['sample', /vault kv-demo-\S+ does not exist yet/, 'vault']],
  ]
  for (const point of journey) {
    const [writes, saved] = [environment.writes(), environment.savedSettings()]
    let remedy = ''
    for (const [name, missing, first] of point) {
      const { code, stdout, stderr } = await environment.run([name, ...sandboxFlags])
      assert.equal(code, 1, name)
      assert.equal(stdout, '')
      assert.match(stderr, missing)
      remedy = fixIn(stderr) ?? ''
      assert.equal(parseCommandLine(remedy)[0], first)
    }
    assert.equal(environment.writes(), writes)
    assert.equal(environment.savedSettings(), saved)
    const { code, stderr } = await runPrinted(remedy)
    assert.equal(code, 0, stderr)
  }
  assert.equal((await environment.run(['sample', ...sandboxFlags])).code, 0)
  assert.equal((await environment.run(['verify', '--sandbox', '--pace', '0'])).code, 0)
})

test('following the printed fixes in an empty subscription leads to a proven workload with the given settings', async () => {
  const flags = [
    '--namespace',
    'shop',
    '--service-account',
    'check.out',
    '--vault',
    'kv-followed',
    '--sandbox',
  ]
  const followed: string[] = []
  for (let turn = 0; turn < 12; turn++) {
    const { code, json } = await environment.run(['verify', ...flags, '--pace', '0', '--output', 'json'])
    if (code === 0) break
    const failed = json.checks.find(({ status }) => status === 'fail')!
    let line: string | undefined = failed.remedy!
    assert.match(line, /^npx wi-setup /, failed.detail)
    // If a fix needs another fix, that one is run first.
    for (let depth = 0; line && depth < 4; depth++) {
      followed.push(parseCommandLine(line)[0]!)
      const { code: fixed, stderr } = await runPrinted(line)
      line = fixed === 0 ? undefined : fixIn(stderr)
      assert.ok(fixed === 0 || line?.startsWith('npx'), stderr)
    }
  }
  const { code, json } = await environment.run(['verify', ...flags, '--pace', '0', '--output', 'json'])
  assert.equal(
    code,
    0,
    `${followed.join(', ')}: ${JSON.stringify(json.checks.filter((each) => each.status === 'fail'))}`,
  )
  assert.equal(json.settings.serviceAccount, 'check.out')
  assert.equal(json.settings.vault, 'kv-followed')
  assert.deepEqual(Object.keys(environment.sandboxState().vaults), ['kv-followed'])
  assert.equal(Object.keys(environment.sandboxState().clusters).length, 1)
})

test('a printed fix repeats the given flags', async () => {
  const flags = [
    '--resource-group',
    'rg-x',
    '--cluster',
    'aks-x',
    '--namespace',
    'shop',
    '--identity-kind',
    'managed',
  ]
  const { code, stderr } = await environment.run(['sample', ...flags, ...sandboxFlags])
  assert.equal(code, 1)
  assert.deepEqual(parseCommandLine(fixIn(stderr)!), [
    'cluster',
    '--resource-group',
    'rg-x',
    '--cluster',
    'aks-x',
    '--sandbox',
  ])
  assert.equal((await runPrinted(fixIn(stderr)!)).code, 0)
  assert.ok(
    Object.keys(environment.sandboxState().arm.resources).some((id) =>
      id.endsWith('/rg-x/providers/microsoft.containerservice/managedclusters/aks-x'),
    ),
  )
})

for (const { name, examples, settings } of commands)
  test(`the examples in the help of ${name || 'the program'} are valid command lines`, async () => {
    const { code, stdout, stderr } = await environment.run([...(name ? name.split(' ') : []), '--help'])
    assert.equal(code, 0)
    assert.equal(stderr, '')
    assert.ok(examples.length >= 2)
    // Stops each example before it does anything.
    const fault = settings.length ? [] : ['--output', 'none']
    const env = settings.length ? { WI_SETUP_OS: 'none' } : {}
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    writeFileSync(join(environment.cwd, 'sa-new.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
    for (const example of examples) {
      assert.ok(stdout.includes(`  npx wi-setup ${example}\n`))
      const args = parseCommandLine(`npx wi-setup ${example.replace(/ [<>|].*/, '')}`)
      const { code, stderr } = await environment.run([...args, ...fault], { env })
      assert.equal(code, 2)
      assert.match(stderr, /^wi-setup: (WI_SETUP_OS|--output) "none" is not one of .*\n$/, example)
    }
  })

test('flags before the command are applied, too', async () => {
  const before = ['--sandbox', '--pace', '0', '--no-sample', '--output', 'json']
  const { code, json } = await environment.run([...before, 'plan', '--namespace', 'shop'])
  assert.equal(code, 0)
  assert.equal(json.settings.namespace, 'shop')
  assert.equal(json.settings.sample, false)
})

test('--version prints one line', async () => {
  const { code, stdout } = await environment.run(['--version'])
  assert.equal(code, 0)
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
})
