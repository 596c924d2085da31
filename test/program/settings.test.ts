import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import type { SettingName, Source } from '../../src/settings/settings.ts'
import { flagOf, settingsTable, variableOf } from '../../src/settings/table.ts'
import { newEnvironment, type ProgramEnvironment, sandboxFlags } from '../support/environment.ts'

let environment: ProgramEnvironment
beforeEach(() => {
  environment = newEnvironment()
})
afterEach(() => environment.close())

const dryFlags = ['--sandbox', '--pace', '0'] as const

/** A valid value other than the default, for each setting. */
const given: Partial<Record<SettingName, string>> = {
  location: 'northeurope',
  resourceGroup: 'rg-given',
  cluster: 'aks-given',
  clusterResourceGroup: 'rg-platform',
  nodeSize: 'Standard_D4s_v5',
  nodeCount: '3',
  kubernetesVersion: '1.34',
  identityKind: 'managed',
  identity: 'wi-given',
  namespace: 'given',
  serviceAccount: 'given',
  audience: 'api://given',
  os: 'windows',
  webhook: 'none',
  chart: './given',
  chartVersion: '1.5.0',
  vault: 'kv-given',
  vaultResourceGroup: 'rg-secrets',
  vaultAccess: 'policy',
  secret: 'given',
  sampleImage: 'node:22',
}
const names = Object.keys(given) as SettingName[]

type Shown = Record<SettingName, { value: unknown; source: Source; from: string } | null>

async function explainSettings(args: readonly string[], env: Record<string, string> = {}): Promise<Shown> {
  const { code, stdout, stderr } = await environment.run(
    [...dryFlags, '--explain-settings', '--output', 'json', ...args],
    { env },
  )
  assert.equal(code, 0, stderr)
  assert.deepEqual(
    Object.keys(JSON.parse(stdout) as object),
    settingsTable.map(({ name }) => name),
  )
  return JSON.parse(stdout) as Shown
}

for (const args of [
  ['plan'],
  ['--dry-run'],
  ['--dry-run', '--yes'],
  ['vault', '--dry-run'],
  ['cluster', '--dry-run'],
])
  test(`${args.join(' ')} writes nothing to Azure or to wi-setup.yaml`, async () => {
    if (args[0] === 'vault')
      assert.equal((await environment.run(['identity', ...sandboxFlags, '-q'])).code, 0)
    const [writes, saved] = [environment.writes(), environment.savedSettings()]
    const text = await environment.run([...args, ...dryFlags])
    assert.equal(text.code, 0, text.stderr)
    assert.equal(text.stdout, '')
    assert.match(text.stderr, /to create.*\. Nothing is deleted\./)
    const { code, json } = await environment.run([...args, ...dryFlags, '--output', 'json'])
    assert.equal(code, 0)
    assert.ok(json.ok && json.steps.some(({ action, state }) => action === 'create' && state === 'absent'))
    assert.ok(environment.journal().length > 0)
    assert.equal(environment.writes(), writes)
    assert.equal(environment.savedSettings(), saved)
  })

test('a plan shows the current and the wanted value of a change', async () => {
  assert.equal((await environment.run([...sandboxFlags, '--no-sample', '-q'])).code, 0)
  const other = ['--webhook', 'none', '--audience', 'api://other']
  const { json } = await environment.run(['plan', ...dryFlags, ...other, '--output', 'json'])
  assert.deepEqual(json.steps.find(({ id }) => id === 'federated-credential')?.changes, [
    { field: 'audience', is: 'api://AzureADTokenExchange', want: 'api://other' },
  ])
  const { stderr } = await environment.run(['plan', ...dryFlags, ...other])
  assert.match(
    stderr,
    /change +federated credential[\s\S]*audience +api:\/\/AzureADTokenExchange → api:\/\/other/,
  )
})

test('precedence is flag, environment, file, value found in Azure, default', async () => {
  const flags = names.flatMap((name) => [flagOf(name), given[name]!])
  const env = Object.fromEntries(names.map((name) => [variableOf(name), given[name]!]))
  const file = names.map((name) => `${name}: ${name === 'nodeCount' ? 3 : JSON.stringify(given[name])}\n`)
  const sources = async (args: readonly string[], variables: Record<string, string>) => {
    const shown = await explainSettings(args, variables)
    for (const name of names) assert.equal(String(shown[name]?.value), given[name], name)
    return new Set(names.map((name) => shown[name]?.source))
  }
  assert.deepEqual(await sources([], env), new Set(['environment']))
  writeFileSync(join(environment.cwd, 'wi-setup.yaml'), file.join(''))
  assert.deepEqual(await sources([], {}), new Set(['file']))
  assert.deepEqual(await sources([], env), new Set(['environment']))
  assert.deepEqual(await sources(flags, { ...env, WI_SETUP_VAULT: 'kv-weaker' }), new Set(['flag']))

  writeFileSync(join(environment.cwd, 'wi-setup.yaml'), 'vault: kv-file\nsecret: file\nnamespace: file\n')
  const mixed = await explainSettings(['--vault', 'kv-flag'], {
    WI_SETUP_VAULT: 'kv-environment',
    WI_SETUP_SECRET: 'environment',
  })
  assert.deepEqual(mixed.vault, { value: 'kv-flag', source: 'flag', from: '--vault' })
  assert.deepEqual(mixed.secret, { value: 'environment', source: 'environment', from: 'WI_SETUP_SECRET' })
  assert.deepEqual(mixed.namespace, { value: 'file', source: 'file', from: 'wi-setup.yaml' })
  assert.equal(mixed.location?.source, 'found')
  assert.deepEqual(mixed.serviceAccount, { value: 'vault-reader', source: 'default', from: 'default' })
  assert.equal(mixed.nodeSize, null)
  assert.equal(environment.writes(), 0)
})

test('--explain-settings prints one line per setting', async () => {
  writeFileSync(join(environment.cwd, 'wi-setup.yaml'), 'secret: from-file\n')
  const { code, stdout } = await environment.run(['--explain-settings', ...dryFlags, '--vault', 'kv-flag'], {
    env: { WI_SETUP_NAMESPACE: 'shop' },
  })
  assert.equal(code, 0)
  const line = (name: SettingName) =>
    stdout.split('\n').find((each) => each.startsWith(`  ${flagOf(name).slice(2)} `))
  for (const { name } of settingsTable) assert.ok(line(name), name)
  assert.match(line('vault')!, /kv-flag +command line$/)
  assert.match(line('namespace')!, /shop +WI_SETUP_NAMESPACE$/)
  assert.match(line('secret')!, /from-file +wi-setup\.yaml$/)
  assert.match(line('location')!, /westeurope +found in Azure$/)
  assert.match(line('os')!, /linux +default$/)
  assert.match(line('nodeSize')!, /not set$/)
  assert.equal(stdout.trimEnd().split('\n').length, settingsTable.length)
})

test("the default region is the existing resource group's", async () => {
  assert.equal(
    (await environment.run(['cluster', ...sandboxFlags, '--location', 'northeurope', '-q'])).code,
    0,
  )
  assert.equal(
    (await environment.run(['plan', ...dryFlags, '--file', 'other.yaml'])).code,
    2,
    'the file of --file must exist',
  )
  writeFileSync(join(environment.cwd, 'other.yaml'), 'resourceGroup: rg-demo\n')
  const other = ['--file', 'other.yaml']
  const { steps } = (await environment.run(['plan', ...dryFlags, ...other, '--output', 'json'])).json
  const unchanged = steps.filter(({ action }) => action === 'keep').map(({ id }) => id)
  assert.deepEqual(unchanged, ['providers', 'resource-group', 'cluster', 'webhook'])
  assert.equal((await environment.run(['identity', ...sandboxFlags, ...other, '-q'])).code, 0)
  assert.equal((await environment.run(['vault', ...sandboxFlags, ...other, '-q'])).code, 0)
  const vault = Object.values(environment.sandboxState().arm.resources).find(({ body }) =>
    body.type.endsWith('/vaults'),
  )
  assert.equal(vault?.body.location, 'northeurope')
})

test('--file and WI_SETUP_FILE set the path of the saved settings; comments and order are preserved', async () => {
  const text = '# ours\nvault: kv-saved # the vault\nnamespace: shop\n'
  writeFileSync(join(environment.cwd, 'saved.yaml'), text)
  assert.equal((await environment.run(['identity', ...sandboxFlags, '--file', 'saved.yaml', '-q'])).code, 0)
  assert.ok(!existsSync(join(environment.cwd, 'wi-setup.yaml')))
  const after = readFileSync(join(environment.cwd, 'saved.yaml'), 'utf8')
  assert.ok(after.startsWith(text), after)
  assert.match(after, /^identity: wi-shop-vault-reader$/m)
  const env = { WI_SETUP_FILE: 'saved.yaml' }
  assert.equal((await explainSettings([], env)).vault?.value, 'kv-saved')
  assert.equal((await explainSettings([], env)).vault?.from, 'saved.yaml')
})

test('WI_SETUP_SANDBOX, WI_SETUP_OUTPUT and WI_SETUP_PACE set the values of their flags', async () => {
  const env = { WI_SETUP_SANDBOX: 'true', WI_SETUP_OUTPUT: 'json', WI_SETUP_PACE: '0' }
  const { code, json } = await environment.run(['plan'], { env })
  assert.equal(code, 0)
  assert.equal(json.command, 'plan')
})

test('the flags of the settings are unique', () => {
  const flags = settingsTable.map(({ name }) => flagOf(name))
  assert.equal(new Set(flags).size, flags.length)
})
