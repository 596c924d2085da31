import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { type InProcessEnvironment, newInProcessEnvironment } from '../../support/in-process.ts'
import { grantOperator, putAccount, setSite } from '../../support/issuer-site.ts'

let environment: InProcessEnvironment
let cluster: string[]
const sandbox = ['--sandbox', '--pace', '0']
const inCluster = 'https://kubernetes.default.svc.cluster.local'
const writes = () => environment.sandbox.journal.filter(({ write }) => write).length
const theCluster = () => Object.values(environment.sandbox.state.clusters)[0]!

before(async () => {
  environment = await newInProcessEnvironment()
  const created = await environment.run(['cluster', ...sandbox, '--yes'])
  assert.equal(created.code, 0, created.stderr)
  // The simulated cluster becomes one of k3s with the issuer that k3s has by default.
  Object.assign(theCluster(), { version: '1.33.1+k3s1', issuer: inCluster })
  cluster = ['--kubeconfig', environment.kubeconfig]
})
after(() => environment.close())

async function issuer(command: string, ...args: string[]) {
  const options = ['issuer', command, ...cluster, ...sandbox, '--yes', ...args]
  const result = await environment.run(options, { cwd: environment.root })
  return { code: result.code, stdout: result.stdout, stderr: result.stderr.replace(/\s+/g, ' ') }
}
const asJson = async (command: string, ...args: string[]) => {
  const result = await issuer(command, '--output', 'json', ...args)
  return { code: result.code, stderr: result.stderr, json: JSON.parse(result.stdout) }
}

test('documents in a folder: written once, with the flags of the recognized distribution', async () => {
  const to = ['--to', 'public', '--url', 'https://oidc.example.com/shop']
  const first = await issuer('publish', ...to)
  assert.equal(first.code, 0, first.stderr)
  assert.match(first.stderr, /cluster k3s: its default issuer is only reachable inside the cluster/)
  assert.deepEqual(parse(first.stdout.split('# Then')[0]!)['kube-apiserver-arg'], [
    'service-account-issuer=https://oidc.example.com/shop',
    `service-account-issuer=${inCluster}`,
    'service-account-jwks-uri=https://oidc.example.com/shop/openid/v1/jwks',
  ])
  const read = (path: string) => JSON.parse(readFileSync(join(environment.root, 'public', path), 'utf8'))
  assert.deepEqual(read('.well-known/openid-configuration'), {
    issuer: 'https://oidc.example.com/shop',
    jwks_uri: 'https://oidc.example.com/shop/openid/v1/jwks',
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  })
  assert.deepEqual(
    read('openid/v1/jwks').keys.map(({ kid }: { kid: string }) => kid),
    theCluster()
      .signingKeys.map(({ kid }) => kid)
      .sort(),
  )
  assert.doesNotMatch(readFileSync(join(environment.root, 'public/openid/v1/jwks'), 'utf8'), /"[dpq]"/)
  const { mtimeMs } = statSync(join(environment.root, 'public/openid/v1/jwks'))
  const again = await asJson('publish', ...to)
  assert.equal(again.json.writes, 0)
  assert.equal(statSync(join(environment.root, 'public/openid/v1/jwks')).mtimeMs, mtimeMs)
})

test('the folder needs no subscription and no sign-in, and --dry-run writes nothing', async () => {
  const before = environment.sandbox.journal.length
  const result = await issuer('publish', '--to', 'dry', '--url', 'https://oidc.example.com', '--dry-run')
  assert.equal(result.code, 0, result.stderr)
  assert.equal(existsSync(join(environment.root, 'dry')), false)
  const paths = environment.sandbox.journal.slice(before).map(({ path }) => path)
  assert.deepEqual(
    paths.filter((path) => /subscriptions|oauth2/.test(path)),
    [],
  )
})

test('a missing account is created with its website on request; a path of the site takes another cluster', async () => {
  const missing = await issuer('publish', '--storage-account', 'stnone')
  assert.match(missing.stderr, /There is no storage account stnone in the subscription/)
  const create = ['--storage-account', 'stnew', '--create', '--resource-group', 'rg-demo']
  const refused = await issuer('publish', ...create)
  assert.match(refused.stderr, /lack the role Storage Blob Data Contributor/)
  await grantOperator(environment, { account: 'stnew' })
  const created = await asJson('publish', ...create)
  assert.equal(created.code, 0, created.stderr)
  const inPath = await asJson('publish', ...create, '--url', `${created.json.issuer}/clusters/b`)
  assert.equal(inPath.json.issuer, `${created.json.issuer}/clusters/b`)
  assert.equal(environment.sandbox.state.storage.stnew!.containers.$web!.blobs.length, 4)
  const elsewhere = await issuer('publish', ...create, '--url', 'https://oidc.example.com')
  assert.equal(elsewhere.code, 2)
  assert.match(elsewhere.stderr, /not an address of the static website/)
})

test('a static website: refused, enabled, published, proven in a set-up, then nothing to do', async () => {
  await putAccount(environment, { account: 'stissuer' })
  const place = ['--storage-account', 'stissuer']
  const off = await issuer('publish', ...place)
  assert.equal(off.code, 1)
  assert.match(off.stderr, /static website of storage account stissuer is off .*--create/)
  await setSite(environment, { account: 'stissuer' }, true)
  const refused = await issuer('publish', ...place)
  assert.match(refused.stderr, /lack the role Storage Blob Data Contributor on storage account stissuer/)
  assert.match(refused.stderr, /az role assignment create/)
  await grantOperator(environment, { account: 'stissuer' })
  const first = await asJson('publish', ...place)
  assert.equal(first.code, 0, first.stderr)
  assert.deepEqual(
    first.json.documents.map(({ action }: { action: string }) => action),
    ['create', 'create'],
  )
  const site = environment.sandbox.state.storage.stissuer!.containers.$web!.blobs
  assert.deepEqual(
    site.map(({ name, contentType, cacheControl }) => [name, contentType, cacheControl]),
    ['openid/v1/jwks', '.well-known/openid-configuration'].map((name) => [
      name,
      'application/json',
      'public, max-age=300',
    ]),
  )
  const before = writes()
  assert.equal((await asJson('publish', ...place)).json.writes, 0)
  assert.equal(writes(), before)

  const setUp = ['--resource-group', 'rg-demo', '--namespace', 'shop', '--service-account', 'checkout']
  const unpublished = await environment.run(['plan', ...cluster, ...sandbox, ...setUp])
  assert.equal(unpublished.code, 1)
  assert.match(unpublished.stderr, /issuer publish/)
  // The API server is restarted with the printed flags.
  theCluster().issuer = first.json.issuer
  const proven = await environment.run([...cluster, ...sandbox, ...setUp, '--yes', '--output', 'json'])
  assert.equal(proven.code, 0, proven.stdout)
  const again = await environment.run(['verify', ...cluster, ...sandbox, ...setUp, '--output', 'json'])
  assert.equal(again.code, 0, again.stdout)
})

test('rotation: old and new side by side, then only the keys of the cluster', async () => {
  const to = ['--to', 'rotated', '--url', 'https://oidc.example.com/r']
  const early = await issuer('rotate', ...to)
  assert.match(early.stderr, /No documents are published in the folder/)
  await issuer('publish', ...to)
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const file = join(environment.root, 'sa-new.pub')
  writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }))
  const both = await asJson('rotate', ...to, '--public-key', 'sa-new.pub')
  assert.equal(both.code, 0, both.stderr)
  assert.equal(both.json.keys.kept.length, theCluster().signingKeys.length)
  assert.equal(both.json.keys.added.length, 1)
  assert.equal((await asJson('rotate', ...to)).json.writes, 0)
  const lost = await issuer('publish', ...to)
  assert.match(lost.stderr, /keys that the cluster doesn't have/)
  const after = await asJson('rotate', ...to, '--remove-old')
  assert.deepEqual(after.json.keys.removed, both.json.keys.added)
  assert.equal((await asJson('rotate', ...to, '--remove-old')).json.writes, 0)
})

test('wrong input is rejected with the flag, its value and what is allowed', async () => {
  writeFileSync(join(environment.root, 'file'), '')
  writeFileSync(join(environment.root, 'private.pem'), '-----BEGIN PRIVATE KEY-----')
  mkdirSync(join(environment.root, 'other/.well-known'), { recursive: true })
  writeFileSync(
    join(environment.root, 'other/.well-known/openid-configuration'),
    '{"issuer":"https://a.example"}',
  )
  const url = ['--url', 'https://oidc.example.com']
  const cases: [string[], RegExp, number?][] = [
    [[], /either --storage-account or --to/],
    [['--to', 'x', '--storage-account', 'stissuer'], /either --storage-account or --to/],
    [['--to', 'x'], /--to needs --url/],
    [['--to', 'x', '--create', ...url], /--create is for --storage-account/],
    [['--storage-account', 'St_Issuer'], /--storage-account "St_Issuer" must have 3 to 24/],
    [['--to', 'x', '--url', 'http://oidc.example.com'], /must start with https:\/\//],
    [['--to', 'x', '--url', 'https://10.1.2.3/a'], /address of a private network/],
    [['--to', 'x', '--url', 'https://oidc.example.com/?a'], /must not have a query/],
    [['--to', 'x', '--url', 'https://oidc.example.com//a'], /empty, relative or encoded part/],
    [['--to', 'x', '--url', 'nowhere'], /is not a URL/],
    [['--to', 'file', ...url], /is not a folder/],
    [['--to', '/proc/nothing/x', ...url], /--to "\/proc\/nothing\/x" /],
    [['--to', 'x', ...url, '--for', 'k8s'], /--for "k8s" must be one of kubeadm, k3s/],
    [['--to', 'other', ...url], /belongs to another issuer: https:\/\/a\.example/, 1],
  ]
  for (const [args, message, code = 2] of cases) {
    const result = await issuer('publish', ...args)
    assert.equal(result.code, code, `${args.join(' ')}: ${result.stderr}`)
    assert.match(result.stderr, message, args.join(' '))
  }
  const keys: [string[], RegExp][] = [
    [['--public-key', 'none.pem'], /--public-key "none\.pem" does not exist/],
    [['--public-key', 'private.pem'], /contains a private key/],
    [['--public-key', 'file'], /is not a public key in PEM format/],
    [['--public-key', 'x', '--remove-old'], /can't be combined with --remove-old/],
  ]
  for (const [args, message] of keys) {
    const result = await issuer('rotate', '--to', 'x', ...url, ...args)
    assert.equal(result.code, 2)
    assert.match(result.stderr, message)
  }
})
