import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ciHost, jobToken, startGitHubJob } from '../../../sandbox/index.ts'
import { type InProcessEnvironment, newInProcessEnvironment } from '../../support/in-process.ts'

let environment: InProcessEnvironment
const folder = (name: string) => join(environment.root, name)
before(async () => {
  environment = await newInProcessEnvironment()
  // Loads the SDKs, which blocks the sandbox in this process.
  await environment.run(['plan', '--sandbox', '--pace', '0'])
})
after(() => environment.close())

const sandbox = ['--sandbox', '--pace', '0']
const writes = () => environment.sandbox.journal.filter(({ write }) => write).length

/** Runs the program in a folder of the test's own. */
const runIn =
  (name: string) =>
  (args: readonly string[], env: Record<string, string> = {}) =>
    environment.run([...args, ...sandbox, ...(args.includes('--output') ? [] : ['--output', 'json'])], {
      cwd: folder(name),
      env,
    })

const statusOf = (checks: readonly { code: string; status: string }[], code: string) =>
  checks.find((each) => each.code === code)?.status

const production = { repository: 'acme/shop', context: 'environment:production' }
const github = ['federate', 'github', 'acme/shop', '--environment', 'production', '--yes']

test('a GitHub job: from nothing to proven in the job, to a second run without writes, to destroyed', async () => {
  const run = runIn('github')
  const first = await run(github)
  assert.equal(first.code, 0, first.stderr + first.stdout)
  assert.deepEqual(
    first.json.steps.map(({ id }) => id),
    [
      'providers',
      'resource-group',
      'issuer',
      'identity',
      'service-principal',
      'federated-credential',
      'vault',
      'vault-access',
      'operator-access',
      'secret',
    ],
  )
  const { snippet = '', clientId } = first.json.outputs as Record<string, string>
  for (const text of ['id-token: write', 'azure/login', `client-id: ${clientId}`, 'environment: production'])
    assert.ok(snippet.includes(text), text)
  assert.equal(Object.keys(environment.sandbox.state.clusters).length, 0, 'no cluster is created')

  const outside = await run(['verify'])
  assert.equal(outside.code, 0, outside.stdout)
  assert.equal(statusOf(outside.json.checks, 'WI501'), 'pass')
  assert.equal(statusOf(outside.json.checks, 'WI508'), 'skip')
  assert.match(outside.json.checks.find(({ code }) => code === 'WI122')!.detail, /inferred from roles/)

  const requests = environment.sandbox.journal.length
  const inside = await run(['verify'], startGitHubJob(environment.sandbox.simulator, production))
  assert.equal(inside.code, 0, inside.stdout)
  for (const code of ['WI120', 'WI122', 'WI123', 'WI508'])
    assert.equal(statusOf(inside.json.checks, code), 'pass')
  assert.ok(environment.sandbox.journal.length - requests <= 25)

  const before = writes()
  const again = await run(github)
  assert.equal(again.code, 0, again.stdout)
  assert.equal(writes(), before)
  for (const { action } of again.json.steps) assert.equal(action, 'keep')

  const destroyed = await run(['destroy', '--yes'])
  assert.equal(destroyed.code, 0, destroyed.stdout)
  const left = Object.values(environment.sandbox.state.directory.applications)
  assert.deepEqual(
    left.filter(({ uniqueName, deletedAt }) => uniqueName && !deletedAt),
    [],
  )
})

test('the screen says whether access was proven', async () => {
  const run = runIn('screen')
  assert.equal((await run(github)).code, 0)
  const outside = await run(['verify', '--output', 'text'])
  assert.match(outside.stderr, /Access is inferred from roles, not proven/)
  const env = startGitHubJob(environment.sandbox.simulator, production)
  const inside = await run(['verify', '--output', 'text'], env)
  assert.match(inside.stderr, /acme\/shop, environment production reads demo-secret from kv-/)
  assert.match(inside.stderr, /^ +issuer ─ credential ─ identity ─ access ─ vault$/m)
  for (const { stdout, stderr } of [outside, inside])
    assert.ok(!`${stdout}${stderr}`.includes(env.ACTIONS_ID_TOKEN_REQUEST_TOKEN!), 'the job token is secret')
})

test("another job, and one without permission to request a token, are told what's wrong", async () => {
  const run = runIn('other-job')
  assert.equal((await run(github)).code, 0)
  const { simulator } = environment.sandbox
  const staging = await run(
    ['verify'],
    startGitHubJob(simulator, { ...production, context: 'environment:staging' }),
  )
  assert.equal(staging.code, 1)
  const found = staging.json.checks.find(({ code }) => code === 'WI122')!
  assert.match(found.is!, /repo:acme@90123456\/shop@1085034567:environment:staging$/)
  assert.match(found.should!, /:environment:production$/)
  const { json, code } = await run(['verify'], { GITHUB_ACTIONS: 'true' })
  assert.equal(code, 1)
  assert.match(json.checks.find((each) => each.code === 'WI122')!.remedy!, /id-token: write/)
})

test('the form of the subject: asked if GitHub does not tell, read with a token, and verified', async () => {
  const run = runIn('legacy')
  const legacy = ['federate', 'github', 'acme/legacy', '--environment', 'production', '--yes']
  const unknown = await run(legacy)
  assert.equal(unknown.code, 1)
  assert.match(unknown.json.error!.message, /which form it uses/)
  assert.match(unknown.json.error!.remedy, /--subject-form ids[\s\S]*--subject-form names/)
  const api = `https://${ciHost(environment.sandbox.simulator, 'github')}/api/v3`
  const env = { GITHUB_TOKEN: 'ghp_notasecret', GITHUB_API_URL: api }
  const read = await run(legacy, env)
  assert.equal(read.code, 0, read.stdout)
  assert.equal(read.json.settings.subjectForm, 'names')
  assert.ok(!`${read.stdout}${read.stderr}`.includes('ghp_notasecret'))

  // The repository opts in to immutable subjects.
  environment.sandbox.state.ci.repositories[1]!.subject.immutable = true
  const stale = await run(['verify'], env)
  assert.equal(statusOf(stale.json.checks, 'WI121'), 'fail')
  const both = await run([...legacy, '--subject-form', 'both'], env)
  assert.equal(both.code, 0, both.stdout)
  assert.deepEqual(
    both.json.steps
      .filter(({ id }) => id.startsWith('federated-credential'))
      .map(({ id, action }) => [id, action]),
    [
      ['federated-credential-ids', 'create'],
      ['federated-credential-names', 'keep'],
    ],
  )
  assert.equal(statusOf((await run(['verify'], env)).json.checks, 'WI121'), 'pass')
  environment.sandbox.state.ci.repositories[1]!.subject.immutable = false
})

test('a token of the environment is not sent to the host of a setting', async () => {
  const { journal } = environment.sandbox
  const from = journal.length
  const run = runIn('stolen')
  await run(['federate', 'github', 'acme/shop', '--branch', 'main', '--yes', '--dry-run'], {
    GITHUB_TOKEN: 'ghp_notasecret',
  })
  // Without the token, the customization looks absent.
  const read = journal.slice(from).find(({ path }) => path.endsWith('/customization/sub'))
  assert.equal(read?.status, 404)
})

for (const [name, args, message] of [
  ['repository', ['acme/nothing', '--branch', 'main'], /GitHub has no repository acme\/nothing/],
  [
    'environment',
    ['acme/shop', '--environment', 'Production'],
    /no environment "Production"; did you mean "production"/,
  ],
] as const)
  test(`an unknown ${name} is reported with what exists`, async () => {
    const before = writes()
    const { code, json } = await runIn('unknown')(['federate', 'github', ...args, '--yes'])
    assert.equal(code, 1)
    assert.match(json.error!.message, message)
    assert.equal(writes(), before)
  })

for (const [args, message] of [
  [['federate', 'github', 'acme/shop'], /one of --branch, --tag, --environment, --pull-request/],
  [['federate', 'bitbucket', 'acme/shop'], /each step of a Bitbucket pipeline has a different subject/],
  [['federate', '--issuer', 'http://oidc.example.com', '--subject', 'x'], /an https:\/\/ URL/],
  [['federate', '--issuer', 'github', '--namespace', 'shop'], /can't be combined: a job outside a cluster/],
  [['federate', 'github', 'a/b', 'c', '--branch', 'm'], /Unexpected argument "c"/],
  [
    ['verify', '--issuer', 'github', '--project', 'a/b', '--branch', 'm', '--in-cluster'],
    /--in-cluster does not apply/,
  ],
] as const)
  test(`wi-setup ${args.join(' ')} is a usage error`, async () => {
    const { code, stderr } = await runIn('usage')(args)
    assert.equal(code, 2, stderr)
    assert.match(stderr, message)
  })

test("a cluster's settings file is not changed to a job's", async () => {
  const run = runIn('mixed')
  await run(['plan'])
  writeFileSync(join(folder('mixed'), 'wi-setup.yaml'), 'sandbox: true\nnamespace: shop\n')
  const { code, stderr } = await run(github)
  assert.equal(code, 2)
  assert.match(stderr, /wi-setup\.yaml \(namespace\) can't be combined[\s\S]*--file/)
})

test('an issuer with another spelling than its own, and one that does not respond, are rejected', async () => {
  const issuer = `https://${ciHost(environment.sandbox.simulator, 'oidc')}`
  const run = runIn('spelling')
  const slash = await run(['federate', '--issuer', `${issuer}/`, '--subject', 'x', '--yes'])
  assert.equal(slash.code, 1)
  assert.match(slash.json.error!.message, /differ only in the trailing slash/)
  const unreachable = await run([
    'federate',
    '--issuer',
    'https://nobody.ci.localhost:1',
    '--subject',
    'x',
    '--yes',
  ])
  assert.equal(unreachable.code, 3)
  assert.match(unreachable.json.error!.message, /can't be used/)
})

const token = (system: 'gitlab' | 'terraform' | 'oidc', subject: string) =>
  jobToken(environment.sandbox.simulator, system, subject)

test('GitLab, HCP Terraform and any other issuer are proven with the token of the job', async () => {
  const run = runIn('gitlab')
  assert.equal((await run(['federate', 'gitlab', 'acme/shop', '--branch', 'main', '--yes'])).code, 0)
  const AZURE_ID_TOKEN = await token('gitlab', 'project_path:acme/shop:ref_type:branch:ref:main')
  assert.equal(statusOf((await run(['verify'], { AZURE_ID_TOKEN })).json.checks, 'WI508'), 'pass')

  const terraform = runIn('terraform')
  const { json } = await terraform(['federate', 'terraform', 'acme/shop/prod', '--yes'])
  assert.deepEqual(
    json.steps.map(({ id }) => id).filter((id) => id.startsWith('federated-credential')),
    ['federated-credential-plan', 'federated-credential-apply'],
  )
  for (const phase of ['plan', 'apply']) {
    const subject = `organization:acme:project:shop:workspace:prod:run_phase:${phase}`
    const TFC_WORKLOAD_IDENTITY_TOKEN = await token('terraform', subject)
    const { checks } = (await terraform(['verify'], { TFC_WORKLOAD_IDENTITY_TOKEN })).json
    assert.equal(statusOf(checks, 'WI508'), 'pass', phase)
  }
  const destroyed = await terraform(['destroy', '--yes'])
  assert.equal(destroyed.code, 0, destroyed.stdout)

  const other = runIn('other')
  const issuer = `https://${ciHost(environment.sandbox.simulator, 'oidc')}`
  const set = await other([
    'federate',
    '--issuer',
    issuer,
    '--subject',
    'ci:acme/shop',
    '--identity-kind',
    'managed',
    '--yes',
  ])
  assert.equal(set.code, 0, set.stdout)
  const AZURE_FEDERATED_TOKEN_FILE = join(environment.root, 'token')
  writeFileSync(AZURE_FEDERATED_TOKEN_FILE, await token('oidc', 'ci:acme/shop'))
  assert.equal(
    statusOf((await other(['verify'], { AZURE_FEDERATED_TOKEN_FILE })).json.checks, 'WI508'),
    'pass',
  )
  rmSync(AZURE_FEDERATED_TOKEN_FILE)
  assert.equal((await other(['verify'], { AZURE_FEDERATED_TOKEN_FILE })).code, 1)
})

const page = readFileSync(new URL('../../../docs/other-issuers.md', import.meta.url), 'utf8')
const documented = [...page.matchAll(/^npx wi-setup (federate .*)$/gm)].map(([, line]) => line!)
assert.ok(documented.length >= 6)

for (const [index, line] of documented.entries())
  test(`the documented command works: ${line}`, async () => {
    const issuer = `https://${ciHost(environment.sandbox.simulator, 'oidc')}`
    const args = [...line.replace('https://oidc.example.com', issuer).matchAll(/"([^"]*)"|(\S+)/g)].map(
      ([, quoted, word]) => quoted ?? word!,
    )
    const { code, stdout } = await runIn(`documented-${index}`)([...args, '--yes'])
    assert.equal(code, 0, stdout)
  })
