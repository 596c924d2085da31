import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { parseAllDocuments, stringify } from 'yaml'
import type { Output } from '../support/process.ts'
import { applySetUp, e2eEnvironment, kubeconfigFlags } from './environment.ts'

const environment = e2eEnvironment()
const system = 'azure-workload-identity-system'

interface Role {
  kind: string
  metadata: { name: string; namespace?: string }
  rules: { resources?: string[]; verbs: string[]; resourceNames?: string[] }[]
}
let roles: Role[] = []

/** Creates a service account with one of the printed roles and nothing else; returns its kubeconfig. */
function caller(name: string, rights: string): string {
  const who = ['--serviceaccount', `default:${name}`]
  environment.kubectl(['create', 'serviceaccount', name, '--namespace', 'default'])
  for (const namespace of ['lean', system])
    environment.kubectl(['create', 'rolebinding', name, '--role', rights, ...who, '--namespace', namespace])
  environment.kubectl(['create', 'clusterrolebinding', name, '--clusterrole', rights, ...who])
  const token = environment
    .kubectl(['create', 'token', name, '--namespace', 'default', '--duration', '1h'])
    .trim()
  const config = JSON.parse(environment.kubectl(['config', 'view', '--raw', '--flatten', '--output', 'json']))
  config.users[0].user = { token }
  const path = join(environment.root, `${name}.kubeconfig`)
  writeFileSync(path, JSON.stringify(config))
  return path
}
const flagsFor = (kubeconfig: string) => kubeconfigFlags(environment, 'lean', ['--kubeconfig', kubeconfig])
const verify = (kubeconfig: string, ...more: string[]) =>
  environment.run(['verify', ...flagsFor(kubeconfig), ...more, '--output', 'json'])

/** Runs `act` while a role lacks one of its rules. */
async function without(role: Role, index: number, act: () => Promise<void>): Promise<void> {
  const less = { ...role, rules: role.rules.filter((_, environment) => environment !== index) }
  environment.kubectl(['apply', '--filename', '-'], stringify(less))
  await delay(500)
  try {
    await act()
  } finally {
    environment.kubectl(['apply', '--filename', '-'], stringify(role))
    await delay(500)
  }
}
const roleOf = (name: string, namespace?: string) =>
  roles.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace)!
const failures = ({ json }: Output) => json.checks.filter(({ status }) => status === 'fail')
const waitForPodDeletion = () =>
  environment.kubectl(['wait', 'pod/wi-setup-inside', '--namespace', 'lean', '--for=delete', '--timeout=20s'])

let [operator, checker, prober, reader] = ['', '', '', '']

before(async () => {
  await applySetUp(environment)
  environment.kubectl(['create', 'namespace', 'lean'])
  const printed = await environment.run(['permissions', ...kubeconfigFlags(environment, 'lean')])
  assert.equal(printed.code, 0, printed.stderr)
  assert.match(printed.stdout, /^# .*Microsoft\.KeyVault\/vaults\/write on the resource group rg-e2e$/m)
  environment.kubectl(['apply', '--filename', '-'], printed.stdout)
  roles = parseAllDocuments(printed.stdout).flatMap((each) => each.toJS() ?? [])
  operator = caller('operator', 'wi-setup')
  checker = caller('checker', 'wi-setup-verify')
  prober = caller('prober', 'wi-setup-inside')
  const narrow = await environment.run([
    'permissions',
    ...kubeconfigFlags(environment, 'lean'),
    '--without-injection',
  ])
  const readerRoles = parseAllDocuments(narrow.stdout)
    .flatMap((each): Role[] => each.toJS() ?? [])
    .filter(({ metadata }) => metadata.name === 'wi-setup-verify')
    .map((role) => ({ ...role, metadata: { ...role.metadata, name: 'wi-setup-reader' } }))
  for (const role of readerRoles) environment.kubectl(['apply', '--filename', '-'], stringify(role))
  roles.push(...readerRoles)
  reader = caller('reader', 'wi-setup-reader')
})

test('the printed roles are sufficient for a set-up and for verify', async () => {
  const done = await environment.run([...flagsFor(operator), '--yes', '--output', 'json'])
  assert.equal(done.code, 0, done.stderr + done.stdout)
  assert.ok(done.json.steps.some(({ action }) => action === 'create'))
  const checked = await verify(checker)
  assert.deepEqual(failures(checked), [])
  assert.equal(checked.code, 0)
})

test('without the right to create pods, verify judges the injection by the configuration and says so', async () => {
  const as = ['--kubeconfig', reader, '--namespace', 'lean']
  assert.throws(() => environment.kubectl(['auth', 'can-i', 'create', 'pods', ...as]), { stdout: 'no\n' })
  const statusOf = ({ json }: Output, code: string) => json.checks.find((each) => each.code === code)!
  const [byReader, byChecker] = [await verify(reader), await verify(checker)]
  assert.deepEqual(failures(byReader), [])
  assert.equal(byReader.code, 0)
  for (const code of ['WI206', 'WI201']) {
    assert.match(statusOf(byReader, code).detail, /by the webhook's configuration/)
    assert.match(statusOf(byChecker, code).detail, /by a dry run/)
  }
})

test('every rule of the roles for verify is necessary: without it verify names verb, resource and namespace', async () => {
  for (const [name, namespace, kubeconfig] of [
    ['wi-setup-verify', 'lean', checker],
    ['wi-setup-verify', system, checker],
    ['wi-setup-verify', undefined, checker],
    ['wi-setup-reader', 'lean', reader],
    ['wi-setup-reader', system, reader],
  ] as const) {
    const role = roleOf(name, namespace)
    for (const [index, { resources, verbs }] of role.rules.entries()) {
      if (!resources) continue
      await without(role, index, async () => {
        const result = await verify(kubeconfig)
        assert.equal(result.code, 1, `${resources} ${verbs}`)
        const { detail, remedy } = failures(result)[0]!
        assert.match(detail, new RegExp(`${verbs[0]} ${resources[0]}`), detail)
        if (namespace) assert.match(detail, new RegExp(`in (the )?namespace ${namespace}`))
        assert.match(
          remedy ?? '',
          /^kubectl create (cluster)?role wi-setup --verb=|wi-setup permissions .*--user system:serviceaccount:default:(checker|reader)/,
        )
      })
    }
  }
})

test('a set-up without the right to patch names the missing right', async () => {
  const role = roleOf('wi-setup', 'lean')
  const patching = role.rules.findIndex(
    ({ resources, verbs }) => resources?.[0] === 'serviceaccounts' && verbs.includes('patch'),
  )
  const client = 'azure.workload.identity/client-id=00000000-0000-4000-8000-000000000000'
  environment.kubectl(['annotate', 'serviceaccount/checkout', '--namespace', 'lean', '--overwrite', client])
  await without(role, patching, async () => {
    const result = await environment.run([...flagsFor(operator), '--yes', '--output', 'json'])
    assert.equal(result.code, 1)
    assert.match(
      result.json.error?.message ?? '',
      /does not allow system:serviceaccount:default:operator to patch serviceaccounts in the namespace lean/,
    )
  })
  assert.equal((await environment.run([...flagsFor(operator), '--yes'])).code, 0)
})

test('the role for --in-cluster is sufficient: the pod runs, is reported and is deleted', async () => {
  const result = await verify(prober, '--in-cluster')
  assert.deepEqual(failures(result), [])
  assert.equal(result.json.checks.find(({ code }) => code === 'WI601')?.status, 'pass')
  waitForPodDeletion()
})
