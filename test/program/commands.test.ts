import assert from 'node:assert/strict'
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

/** The command line that a failure prints to mend it. */
const remedyFor = (stderr: string) => /Mend: +(npx wi-setup .*)/.exec(stderr)?.[1]

const paste = (line: string) => environment.run([...parseCommandLine(line), '--yes', '--pace', '0'])

test("each word alone, in a user's order", async () => {
  for (const word of ['cluster', 'identity', 'federate', 'webhook', 'vault', 'sample']) {
    const before = environment.writes()
    const { code, stdout, stderr } = await environment.run([word, ...sandboxFlags])
    assert.equal(code, 0, stderr)
    assert.equal(stdout, '')
    // The add-on came with the cluster: nothing is left to do for the webhook.
    assert.equal(environment.writes() > before, word !== 'webhook', word)
  }
  const verified = await environment.run(['verify', '--sandbox', '--pace', '0', '--output', 'json'])
  assert.equal(verified.code, 0)
  assert.ok(verified.json.checks.every(({ status }) => status === 'pass'))
  // The parts are the whole.
  const writes = environment.writes()
  assert.equal((await environment.run(sandboxFlags)).code, 0)
  assert.equal(environment.writes(), writes)
})

test('a word does only its own part', async () => {
  const made = async (word: string) => {
    const { code, json } = await environment.run([word, ...sandboxFlags, '--output', 'json'])
    assert.equal(code, 0)
    return json.steps.filter(({ action }) => action === 'create').map(({ id }) => id)
  }
  assert.deepEqual(await made('identity'), ['identity', 'service-principal'])
  assert.deepEqual(await made('cluster'), ['providers', 'resource-group', 'cluster'])
  assert.deepEqual(await made('federate'), ['federated-credential', 'namespace', 'service-account'])
  assert.deepEqual(await made('vault'), ['vault', 'vault-access', 'operator-access', 'secret'])
  assert.deepEqual(await made('sample'), ['sample'])
})

test('the sample is made by its own word in spite of --no-sample before', async () => {
  assert.equal((await environment.run([...sandboxFlags, '--no-sample'])).code, 0)
  const { code, stderr } = await environment.run(['sample', ...sandboxFlags])
  assert.equal(code, 0, stderr)
  assert.equal((await environment.run(sandboxFlags)).code, 0)
})

test('in a wrong order: what is missing, the word that makes it, and nothing is written; the mend works', async () => {
  /** What stands in the way of each word at each point, and the word that makes it. */
  const journey: [word: string, missing: RegExp, first: string][][] = [
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
    const [writes, answers] = [environment.writes(), environment.savedSettings()]
    let remedy = ''
    for (const [word, missing, first] of point) {
      const { code, stdout, stderr } = await environment.run([word, ...sandboxFlags])
      assert.equal(code, 1, word)
      assert.equal(stdout, '')
      assert.match(stderr, missing)
      remedy = remedyFor(stderr) ?? ''
      assert.equal(parseCommandLine(remedy)[0], first)
    }
    assert.equal(environment.writes(), writes)
    assert.equal(environment.savedSettings(), answers)
    const { code, stderr } = await paste(remedy)
    assert.equal(code, 0, stderr)
  }
  assert.equal((await environment.run(['sample', ...sandboxFlags])).code, 0)
  assert.equal((await environment.run(['verify', '--sandbox', '--pace', '0'])).code, 0)
})

test('following the mends from nothing ends in a proven workload; what was said is kept', async () => {
  const said = [
    '--namespace',
    'shop',
    '--service-account',
    'check.out',
    '--vault',
    'kv-followed',
    '--sandbox',
  ]
  const seen: string[] = []
  for (let turn = 0; turn < 12; turn++) {
    const { code, json } = await environment.run(['verify', ...said, '--pace', '0', '--output', 'json'])
    if (code === 0) break
    const failed = json.checks.find(({ status }) => status === 'fail')!
    let line: string | undefined = failed.remedy!
    assert.match(line, /^npx wi-setup /, failed.detail)
    // What stands in the way of a mend is mended first.
    for (let depth = 0; line && depth < 4; depth++) {
      seen.push(parseCommandLine(line)[0]!)
      const { code: mended, stderr } = await paste(line)
      line = mended === 0 ? undefined : remedyFor(stderr)
      assert.ok(mended === 0 || line?.startsWith('npx'), stderr)
    }
  }
  const { code, json } = await environment.run(['verify', ...said, '--pace', '0', '--output', 'json'])
  assert.equal(
    code,
    0,
    `${seen.join(', ')}: ${JSON.stringify(json.checks.filter((each) => each.status === 'fail'))}`,
  )
  assert.equal(json.settings.serviceAccount, 'check.out')
  assert.equal(json.settings.vault, 'kv-followed')
  assert.deepEqual(Object.keys(environment.sandboxState().vaults), ['kv-followed'])
  assert.equal(Object.keys(environment.sandboxState().clusters).length, 1)
})

test('the mend of a wrong order repeats what was said', async () => {
  const said = [
    '--resource-group',
    'rg-x',
    '--cluster',
    'aks-x',
    '--namespace',
    'shop',
    '--identity-kind',
    'managed',
  ]
  const { code, stderr } = await environment.run(['sample', ...said, ...sandboxFlags])
  assert.equal(code, 1)
  assert.deepEqual(parseCommandLine(remedyFor(stderr)!), [
    'cluster',
    '--resource-group',
    'rg-x',
    '--cluster',
    'aks-x',
    '--sandbox',
  ])
  assert.equal((await paste(remedyFor(stderr)!)).code, 0)
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
    for (const example of examples) {
      assert.ok(stdout.includes(`  npx wi-setup ${example}\n`))
      const args = parseCommandLine(`npx wi-setup ${example.replace(/ [<>|].*/, '')}`)
      const { code, stderr } = await environment.run([...args, ...fault], { env })
      assert.equal(code, 2)
      assert.match(stderr, /^wi-setup: (WI_SETUP_OS|--output) "none" is not one of .*\n$/, example)
    }
  })

test('what was said before the word counts for it too', async () => {
  const before = ['--sandbox', '--pace', '0', '--no-sample', '--output', 'json']
  const { code, json } = await environment.run([...before, 'plan', '--namespace', 'shop'])
  assert.equal(code, 0)
  assert.equal(json.settings.namespace, 'shop')
  assert.equal(json.settings.sample, false)
})

test('--version is one line', async () => {
  const { code, stdout } = await environment.run(['--version'])
  assert.equal(code, 0)
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
})
