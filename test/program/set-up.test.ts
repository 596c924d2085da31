import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { workloadChecks } from '../../src/checks/index.ts'
import { newEnvironment, type ProgramEnvironment, sandboxFlags } from '../support/environment.ts'

let environment: ProgramEnvironment
before(() => {
  environment = newEnvironment()
})
after(() => environment.close())

/** The number of checks that the README claims. */
const chainLength = Number(
  /(\d+) checks passed/.exec(readFileSync(new URL('../../README.md', import.meta.url), 'utf8'))![1],
)

const members = {
  document: ['schemaVersion', 'command', 'ok', 'settings', 'steps', 'outputs', 'checks', 'error'],
  step: ['id', 'title', 'state', 'action', 'changes', 'ms'],
  check: [
    ...['code', 'title', 'subject', 'link', 'level', 'status', 'detail', 'doc', 'is', 'should', 'remedy'],
    ...['commands', 'because', 'trace', 'service', 'transient', 'undetermined', 'ms'],
  ],
}

test('a set-up without a terminal creates everything and proves access', async () => {
  const { code, stdout, stderr } = await environment.run(sandboxFlags)
  assert.equal(code, 0, stderr)
  assert.equal(stdout, '', 'text mode prints no result')
  assert.match(stderr, /14 to create\. Nothing is deleted\./)
  const checks = stderr.match(/^(pass|fail|warn|skip) +WI\d+/gm) ?? []
  assert.equal(checks.length, chainLength)
  assert.deepEqual(
    checks.filter((line) => !line.startsWith('pass')),
    [],
  )
  assert.match(stderr, /vault-reader read demo-secret from kv-\S+ with its own token/)
  assert.match(stderr, /azure\.workload\.identity\/use: "true"/)
  assert.match(stderr, /serviceAccountName: vault-reader/)
  assert.ok(environment.writes() > 10)
  // No escape sequences, and no files of pods.
  assert.ok(!stderr.includes('\u001b') && !stderr.includes('\r'))
  assert.deepEqual(readdirSync(`${environment.root}/tmp`), [])
})

test('the settings are saved without secrets', async () => {
  const saved = environment.savedSettings() ?? ''
  assert.match(saved, /^sandbox: true$/m)
  assert.match(saved, /^vault: kv-/m)
  assert.match(saved, /^namespace: vault-reader$/m)
  const { operator, vaults } = environment.sandboxState()
  assert.ok(!saved.includes(operator.clientSecret))
  assert.equal(Object.keys(vaults).length, 1)
})

test('a second run writes nothing to Azure or to the saved settings', async () => {
  const [writes, requests, saved] = [
    environment.writes(),
    environment.journal().length,
    environment.savedSettings(),
  ]
  const { code, json } = await environment.run([...sandboxFlags, '--output', 'json'])
  assert.equal(code, 0)
  assert.equal(json.ok, true)
  assert.deepEqual(new Set(json.steps.map(({ action }) => action)), new Set(['keep']))
  assert.deepEqual(new Set(json.checks.map(({ status }) => status)), new Set(['pass']))
  assert.ok(environment.journal().length > requests)
  assert.equal(environment.writes(), writes)
  assert.equal(environment.savedSettings(), saved)
})

test('the JSON document has exactly its members, on one line, and is the only output', async () => {
  for (const [args, command] of [
    [[...sandboxFlags], 'setup'],
    [['plan', '--sandbox', '--pace', '0'], 'plan'],
    [['verify', '--sandbox', '--pace', '0'], 'verify'],
    [['vault', ...sandboxFlags], 'vault'],
  ] as const) {
    const { code, json, stderr } = await environment.run([...args, '--output', 'json'])
    assert.equal(code, 0)
    assert.equal(stderr, '', command)
    assert.deepEqual(Object.keys(json), members.document)
    assert.equal(json.schemaVersion, 1)
    assert.equal(json.command, command)
    assert.equal(json.error, null)
    for (const step of json.steps) {
      assert.deepEqual(Object.keys(step), members.step)
      assert.ok(Number.isInteger(step.ms) && Array.isArray(step.changes))
    }
    for (const check of json.checks) {
      assert.deepEqual(Object.keys(check), members.check)
      assert.match(check.code, /^WI\d{3}$/)
      assert.ok(check.status !== 'fail' || check.remedy)
    }
    assert.equal(json.settings.namespace, 'vault-reader')
    assert.ok(command === 'verify' ? json.steps.length === 0 : json.steps.length > 5)
    // verify checks the workloads, too.
    const expected =
      { setup: chainLength, verify: chainLength + workloadChecks.length }[command as string] ?? 0
    assert.equal(json.checks.length, expected)
  }
})

test('its outputs match the state of the sandbox', async () => {
  const { outputs } = (await environment.run([...sandboxFlags, '--output', 'json'])).json
  const { directory, tenant, clusters, vaults } = environment.sandboxState()
  const app = Object.values(directory.applications).find(({ uniqueName }) => uniqueName !== null)!
  const principal = Object.values(directory.servicePrincipals).find(({ appId }) => appId === app.appId)!
  const [vault, secrets] = Object.entries(vaults)[0]!
  assert.deepEqual(Object.keys(outputs).toSorted(), [
    'clientId',
    'credential',
    'issuer',
    'principalId',
    'secretId',
    'tenantId',
    'vaultUri',
  ])
  assert.equal(outputs.clientId, app.appId)
  assert.equal(outputs.principalId, principal.id)
  assert.equal(outputs.tenantId, tenant.id)
  assert.equal(outputs.issuer, Object.values(clusters)[0]!.issuer)
  assert.equal(outputs.credential, app.credentials[0]!.name)
  assert.ok(String(outputs.vaultUri).startsWith(`https://${vault}.`))
  const [version] = secrets.secrets['demo-secret']!.versions
  assert.equal(outputs.secretId, `${outputs.vaultUri}secrets/demo-secret/${version!.version}`)
})

test('verify on a healthy system exits with 0 and writes nothing', async () => {
  const writes = environment.writes()
  const text = await environment.run(['verify', '--sandbox', '--pace', '0'])
  assert.equal(text.code, 0)
  assert.equal(text.stdout, '')
  assert.match(text.stderr, /vault-reader reads demo-secret/)
  assert.equal(environment.writes(), writes)
})

test('verify reports a changed credential with the command that fixes it', async () => {
  const broken = newEnvironment(environment)
  try {
    const state = broken.sandboxState()
    const app = Object.values(state.directory.applications).find(({ uniqueName }) => uniqueName !== null)!
    app.credentials[0]!.subject = 'system:serviceaccount:vault-reader:somebody'
    writeFileSync(`${broken.sandboxFolder}/state.json`, JSON.stringify(state))
    const { code, json } = await broken.run(['verify', '--sandbox', '--pace', '0', '--output', 'json'])
    assert.equal(code, 1)
    assert.equal(json.ok, false)
    const failed = json.checks.filter(({ status }) => status === 'fail')
    assert.deepEqual(
      failed.map(({ code }) => code),
      ['WI104'],
    )
    assert.match(failed[0]!.remedy!, /^npx wi-setup federate .*--sandbox/)
    assert.ok(json.checks.some(({ status, detail }) => status === 'skip' && /because of WI104/.test(detail)))
    const text = await broken.run(['verify', '--sandbox', '--pace', '0'])
    assert.equal(text.code, 1)
    assert.match(text.stderr, /✗ WI104/)
    assert.match(text.stderr, /system:serviceaccount:vault-reader:somebody/)
  } finally {
    broken.close()
  }
})
