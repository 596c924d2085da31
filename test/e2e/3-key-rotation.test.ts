import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '../support/wait-until.ts'
import { killApiServer, restartApiServer, signingKeysFolder } from './cluster.ts'
import { applySetUp, e2eEnvironment, setUpFlags, skipOnGivenCluster, writtenSteps } from './environment.ts'

const environment = e2eEnvironment()
const failed = (result: { json: { checks: { code: string; status: string }[] } }) =>
  result.json.checks.filter(({ status }) => status === 'fail').map(({ code }) => code)
const webhook = 'deployment/azure-wi-webhook-controller-manager'
const system = ['--namespace', 'azure-workload-identity-system']
const verify = (...more: string[]) =>
  environment.run(['verify', ...setUpFlags(environment), ...more, '--output', 'json'])
const secret = () =>
  environment.kubectl([
    'get',
    '--raw',
    '/api/v1/namespaces/shop/services/vault-reader:80/proxy/secrets/db-password',
  ])
const header = (token: string) => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString())
const token = () =>
  environment.kubectl([
    'create',
    'token',
    'checkout',
    '--namespace',
    'shop',
    '--audience',
    'api://AzureADTokenExchange',
  ])

const skip = skipOnGivenCluster(environment, 'the API server is restarted')

before(() => applySetUp(environment))
after(async () => {
  environment.kubectl(['scale', webhook, ...system, '--replicas', '1'])
  await applySetUp(environment)
})

test('while the webhook has no ready pod, labelled pods are rejected and verify reports it', async () => {
  environment.kubectl(['scale', webhook, ...system, '--replicas', '0'])
  environment.kubectl(['wait', 'pod', '--all', ...system, '--for=delete', '--timeout=60s'])
  const label = '--labels=azure.workload.identity/use=true'
  assert.throws(
    () => environment.kubectl(['run', 'probe', '--image', environment.image, label, '--dry-run=server']),
    /failed calling webhook "mutation.azure-workload-identity.io"/,
  )
  const result = await verify()
  assert.equal(result.code, 1)
  assert.deepEqual(failed(result), ['WI301'])
  const [why] = result.json.checks.filter(({ code }) => code === 'WI301')
  assert.match(why?.detail ?? '', /no ready pod/)
  // The printed fix is run unchanged.
  const [program, ...remedy] = why?.remedy?.split(' ') ?? []
  assert.equal(program, 'kubectl')
  environment.kubectl(remedy)
  assert.equal((await verify('--wait', '1m')).code, 0)
})

test('after a rotation of the signing key tokens of both keys are accepted, and nothing is left to do', {
  skip,
}, async () => {
  const old = header(token()).kid
  const [key, pub] = [
    join(signingKeysFolder(environment), 'sa.key'),
    join(signingKeysFolder(environment), 'sa.pub'),
  ]
  const before = readFileSync(pub, 'utf8')
  const made = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  writeFileSync(key, made.privateKey)
  writeFileSync(pub, `${made.publicKey}${before}`)
  await restartApiServer(environment)
  assert.notEqual(header(token()).kid, old)
  assert.match(secret(), /"value":/)
  assert.deepEqual(writtenSteps(await applySetUp(environment)), [])
})

test('a new issuer is federated, and the credential of the old one stays', { skip }, async () => {
  const second = setUpFlags(environment).map((flag) => (flag === 'aks-e2e' ? 'aks-again' : flag))
  const made = await environment.run([
    'cluster',
    ...second.slice(0, 8),
    '--webhook',
    'helm',
    '--yes',
    '--output',
    'json',
  ])
  const issuer = String(made.json.outputs.issuer)
  assert.notEqual(issuer, environment.issuer)
  await restartApiServer(environment, [issuer, environment.issuer])
  const moved = await environment.run([...second, '--yes', '--output', 'json'])
  assert.equal(moved.code, 0, moved.stderr)
  // The pod is restarted for a token of the new issuer.
  assert.deepEqual(writtenSteps(moved.json), ['create federated-credential', 'change sample'])
  await restartApiServer(environment)
  assert.deepEqual(writtenSteps(await applySetUp(environment)), ['change sample'])
})

test('a set-up survives ten seconds without the API server', { skip }, async () => {
  environment.kubectl(['delete', 'namespace', 'shop', '--wait'])
  const running = applySetUp(environment)
  const there = () => {
    try {
      return (
        environment.kubectl(['get', 'namespace', 'shop', '--ignore-not-found', '--output', 'name']) !== ''
      )
    } catch {
      return false
    }
  }
  await waitUntil(there, 'the namespace', { limitMs: 120_000 })
  await killApiServer(environment)
  await delay(10_000)
  await restartApiServer(environment)
  const json = await running
  assert.ok(json.checks.every(({ status }) => status === 'pass'))
})
