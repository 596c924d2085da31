import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { newEnvironment, type ProgramEnvironment, sandboxFlags } from '../support/environment.ts'
import type { Running } from '../support/process.ts'
import { noTerminal, terminal } from '../support/terminal.ts'

// `verify` in a folder without saved settings, against the sandbox as if it were any other cloud.

let environment: ProgramEnvironment
let serving: Running
let env: Record<string, string>
const emptyFolder = () => join(environment.root, 'home')
const verify = (...args: string[]) =>
  environment.run(['verify', '--cloud', env.ARM_ENDPOINT!, '--no-sample', ...args], {
    cwd: emptyFolder(),
    env,
  })
const setUpWith = (vault: string, ...args: string[]) =>
  environment.run([
    ...sandboxFlags,
    '--resource-group',
    'rg-shop',
    '--cluster',
    'aks-shop',
    '--vault',
    vault,
    ...args,
  ])

before(async () => {
  environment = newEnvironment()
  serving = environment.start(['sandbox', 'start', '--output', 'json', '--pace', '0'])
  await serving.until(() => serving.stdout.endsWith('\n'))
  const { arm, caFile, tenantId, clientId, clientSecret } = JSON.parse(serving.stdout)
  env = {
    ARM_ENDPOINT: arm,
    NODE_EXTRA_CA_CERTS: caFile,
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: clientSecret,
  }
})
after(() => {
  serving.child.kill('SIGKILL')
  environment.close()
})

test('in an empty subscription the missing resources are reported with their flags', async () => {
  const { code, stderr } = await verify()
  assert.equal(code, 2)
  assert.match(stderr, /--cluster is not set, and the subscription has no AKS cluster/)
  assert.match(stderr, /--vault is not set, and the subscription has no Key Vault/)
})

test('the only cluster and the only vault are used', async () => {
  assert.equal((await setUpWith('kv-shop')).code, 0)
  const { code, stderr } = await verify()
  assert.equal(code, 0, stderr)
  assert.match(stderr, /vault-reader reads demo-secret from kv-shop/)
})

test('of two vaults none is chosen: both are listed as flags to copy', async () => {
  const { code, stderr } = await setUpWith('kv-other')
  assert.equal(code, 0, stderr)
  const ambiguous = await verify()
  assert.equal(ambiguous.code, 2)
  assert.match(ambiguous.stderr, /--vault is not set, and the subscription has 2 Key Vaults/)
  assert.match(ambiguous.stderr, /--vault kv-other {3}\(in rg-shop\)/)
  assert.match(ambiguous.stderr, /--vault kv-shop {3}\(in rg-shop\)/)
  const chosen = await verify('--vault', 'kv-shop', '--resource-group', 'rg-shop')
  assert.equal(chosen.code, 0, chosen.stderr)
})

test('on a terminal the user chooses one of them', { skip: noTerminal }, async () => {
  const screen = terminal(
    { ...environment, cwd: emptyFolder() },
    ['verify', '--cloud', env.ARM_ENDPOINT!, '--no-sample'],
    {
      env,
    },
  )
  try {
    await screen.shows(/kv-shop/)
    screen.press('Down', 'Enter')
    await screen.shows(/from kv-other with its own token/)
    assert.equal(await screen.exits(), 0)
  } finally {
    screen.close()
  }
})

test('an identity that is not the one the service account names is no failure while the workload gets in', async () => {
  const guid = 'aaaaaaaa-0000-4000-8000-000000000000'
  const names = ['--vault', 'kv-shop', '--resource-group', 'rg-shop', '--identity', guid, '--output', 'json']
  const { code, json } = await verify(...names)
  assert.equal(code, 0)
  const found = json.checks.find(({ code }) => code === 'WI110')
  assert.match(found?.detail ?? '', /^the application wi-vault-reader-vault-reader \(client ID /)
})

test('a missing service account, namespace or cluster is reported alone, with its fix', async () => {
  const cases: [string[], string, RegExp][] = [
    [['--service-account', 'nobody'], 'WI205', /The service account vault-reader\/nobody does not exist/],
    [['--namespace', 'nowhere'], 'WI205', /The service account nowhere\/vault-reader does not exist/],
    [['--cluster', 'aks-gone'], 'WI701', /The AKS cluster aks-gone does not exist/],
  ]
  for (const [args, cause, message] of cases) {
    const { json } = await verify(
      '--vault',
      'kv-shop',
      '--resource-group',
      'rg-shop',
      ...args,
      '--output',
      'json',
    )
    const failed = json.checks.filter(({ status }) => status === 'fail')
    assert.deepEqual(
      failed.map(({ code }) => code),
      [cause],
    )
    assert.match(failed[0]!.detail, message)
    assert.match(failed[0]!.remedy ?? '', /^npx wi-setup/)
  }
})
