import { createAuthority, issueServerCertificate } from '../../sandbox/index.ts'
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as x509 from '@peculiar/x509'
import { restartApiServer } from './cluster.ts'
import {
  applySetUp,
  azureWrites,
  e2eEnvironment,
  kubeconfigFlags,
  resourceVersions,
  skipOnGivenCluster,
} from './environment.ts'
import { deleteRules, rejectPackets } from './firewall.ts'

const environment = e2eEnvironment()
const address = `https://${environment.env.WI_E2E_HOST}:6443`
const folder = join(environment.root, 'kubeconfigs')
mkdirSync(folder)

interface Config {
  clusters: { cluster: Record<string, string> }[]
  users: { user: Record<string, unknown> }[]
}

/** Writes a changed copy of the administrator's kubeconfig. */
function writeKubeconfig(name: string, change: (config: Config) => void): string {
  const config = JSON.parse(
    environment.kubectl(['config', 'view', '--raw', '--flatten', '--output', 'json']),
  ) as Config
  change(config)
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(config))
  return path
}

/** An API server that did not answer says nothing about the set-up. */
const unreachable = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENOTFOUND', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']

/**
 * Runs a set-up that must write nothing to Azure or to the cluster, and exit with 1, or with 3 if the API server can't be
 * reached. Returns its error.
 */
async function expectError(args: string[], env: Record<string, string> = {}) {
  const before = [azureWrites(environment), resourceVersions(environment, 'bay')]
  const result = await environment.run([...args, '--yes', '--output', 'json'], { env })
  assert.equal(result.code, unreachable.includes(result.json.error?.code ?? '') ? 3 : 1, result.stderr)
  assert.deepEqual([azureWrites(environment), resourceVersions(environment, 'bay')], before)
  return result.json.error!
}

const skipOnGiven = skipOnGivenCluster(environment, 'the API server is restarted with another issuer')

before(() => applySetUp(environment))
after(() => (skipOnGiven ? undefined : restartApiServer(environment)))

test('an issuer that Entra cannot reach is rejected before the first write', {
  skip: skipOnGiven,
}, async () => {
  await restartApiServer(environment, [address], { pods: false })
  const { message, remedy } = await expectError(kubeconfigFlags(environment, 'bay'))
  assert.match(message, /Entra can't read the cluster's issuer https:\/\/[\d.]+:6443/)
  assert.match(remedy, /Publish the OIDC documents at a public https URL/)
})

test('an issuer in a private network, without https or without documents is rejected', {
  skip: skipOnGiven,
}, async () => {
  for (const [issuer, says] of [
    ['https://10.1.2.3:6443', /Entra can't read the cluster's issuer https:\/\/10\.1\.2\.3:6443/],
    ['https://kubernetes.default.svc.cluster.local', /Entra can't read the cluster's issuer/],
    ['http://issuer.example', /doesn't publish its service account issuer/],
    [
      environment.issuer.replace(/[\da-f-]{36}\/$/, `${crypto.randomUUID()}/`),
      /Entra can't read .* returned status 404/,
    ],
  ] as const) {
    await restartApiServer(environment, [issuer], { pods: false })
    const { message } = await expectError(kubeconfigFlags(environment, 'bay'))
    assert.match(message, says)
  }
})

test("an issuer with a private certificate authority or another cluster's documents is rejected", {
  skip: skipOnGiven,
}, async () => {
  const {
    WI_E2E_HOST: host = '',
    WI_E2E_DOMAIN: domain,
    NODE_EXTRA_CA_CERTS: authorities = '',
  } = environment.env
  const name = `issuer.${domain}`
  const authority = await createAuthority()
  const documents: Record<string, unknown> = {}
  const publisher = createServer(
    await issueServerCertificate(authority, { dns: [name], ip: [] }),
    (request, answer) => answer.end(JSON.stringify(documents[request.url ?? ''])),
  )
  await new Promise<void>((resolve) => publisher.listen(0, host, resolve))
  try {
    const issuer = `https://${name}:${(publisher.address() as { port: number }).port}`
    const document = { issuer, jwks_uri: `${issuer}/keys` }
    documents['/.well-known/openid-configuration'] = document
    documents['/keys'] = { keys: [{ kid: 'other', kty: 'RSA', alg: 'RS256' }] }
    await restartApiServer(environment, [issuer], { pods: false })
    const own = await expectError(kubeconfigFlags(environment, 'bay'))
    assert.match(own.message, /Entra can't read the cluster's issuer \S+: .*certificate/)
    const both = join(folder, 'authorities.pem')
    writeFileSync(both, `${readFileSync(authorities, 'utf8')}\n${authority.cert}`)
    const trusting = { NODE_EXTRA_CA_CERTS: both }
    const keys = await expectError(kubeconfigFlags(environment, 'bay'), trusting)
    assert.equal(
      keys.message,
      `The keys published at the cluster's issuer ${issuer} don't match the cluster's keys`,
    )
    assert.match(keys.remedy, /kubectl --kubeconfig \S+ get --raw \/openid\/v1\/jwks/)
    document.issuer = environment.issuer
    const named = await expectError(kubeconfigFlags(environment, 'bay'), trusting)
    assert.match(named.message, / names a different issuer: /)
  } finally {
    publisher.close()
    publisher.closeAllConnections()
  }
})

test('with a public issuer the set-up works on any cluster', async () => {
  if (!skipOnGiven) await restartApiServer(environment)
  const done = await environment.run([...kubeconfigFlags(environment, 'bay'), '--yes', '--output', 'json'])
  assert.equal(done.code, 0, done.stderr)
  assert.deepEqual(
    done.json.checks.filter(({ status }) => status !== 'pass').map(({ code, detail }) => `${code} ${detail}`),
    [],
  )
  const before = [azureWrites(environment), resourceVersions(environment, 'bay')]
  const again = await environment.run([...kubeconfigFlags(environment, 'bay'), '--yes', '--output', 'json'])
  assert.deepEqual([...new Set(again.json.steps.map(({ action }) => action))], ['keep'])
  assert.deepEqual([azureWrites(environment), resourceVersions(environment, 'bay')], before)
})

interface Case {
  flags: string[]
  code: string
  message: RegExp
  remedy?: RegExp
}
const user = (name: string, user: Config['users'][number]['user']) => [
  '--kubeconfig',
  writeKubeconfig(name, (config) => Object.assign(config.users[0]!, { user })),
]
const server = (name: string, cluster: Record<string, string>) => [
  '--kubeconfig',
  writeKubeconfig(name, (config) => Object.assign(config.clusters[0]!.cluster, cluster)),
]
const plugin = (command: string, ...args: string[]) => ({
  exec: {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command,
    args,
    interactiveMode: 'Never',
  },
})
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** Returns a client certificate that expired yesterday. */
async function expired(): Promise<Record<string, string>> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const day = 86_400_000
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=admin',
    notBefore: new Date(Date.now() - 366 * day),
    notAfter: new Date(Date.now() - day),
    keys,
    signingAlgorithm: algorithm,
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    'client-certificate-data': base64(certificate.toString('pem')),
    'client-key-data': base64(x509.PemConverter.encode(key, 'PRIVATE KEY')),
  }
}

/** Asserts that a set-up with each of these kubeconfigs fails with this error and fix. */
async function assertRejected(cases: Record<string, Case>): Promise<void> {
  for (const [name, { flags, code, message, remedy = /./ }] of Object.entries(cases)) {
    const error = await expectError(kubeconfigFlags(environment, 'bay', flags))
    assert.equal(error.code, code, `${name}: ${error.message}`)
    assert.match(error.message, message, name)
    assert.match(error.remedy, remedy, name)
  }
}

test('an unusable kubeconfig is reported with its fix', async () => {
  const broken = join(folder, 'broken')
  writeFileSync(broken, 'clusters: [')
  const empty = join(folder, 'empty')
  writeFileSync(empty, '')
  const given = (path: string) => ['--kubeconfig', path]
  await assertRejected({
    missing: {
      flags: given(join(folder, 'none')),
      code: 'KubeconfigNotFound',
      message: /The kubeconfig \S+\/none doesn't exist/,
      remedy: /^az aks get-credentials /,
    },
    unreadable: { flags: given(folder), code: 'KubeconfigInvalid', message: /is not usable/ },
    'invalid YAML': { flags: given(broken), code: 'KubeconfigInvalid', message: /is not usable/ },
    empty: { flags: given(empty), code: 'KubeconfigInvalid', message: /is not usable/ },
    'wrong context': {
      flags: [...given(environment.kubeconfig), '--context', 'x'],
      code: 'ContextNotFound',
      message: /no context x; it has \S/,
      remedy: /^kubectl --kubeconfig \S+ config get-contexts$/,
    },
  })
})

test('a failed sign-in is reported with its fix', async () => {
  await assertRejected({
    'missing plugin': {
      flags: user('plugin', plugin('no-such-plugin')),
      code: 'ExecPluginNotFound',
      message: /program no-such-plugin is not installed/,
      remedy: /^Install no-such-plugin, or put it on the PATH$/,
    },
    'missing kubelogin': {
      flags: user('kubelogin', plugin('kubelogin', 'get-token', '--login', 'spn', '--server-id', 'x')),
      code: 'ExecPluginNotFound',
      message: /program kubelogin is not installed/,
      remedy: /^az aks install-cli$/,
    },
    'failing plugin': {
      flags: user('failing', plugin('false')),
      code: 'ExecPluginFailed',
      message: /sign-in program false failed: exit code 1$/,
    },
    'sign-in expired': {
      flags: user('token', { token: 'expired' }),
      code: 'Unauthorized',
      message: /rejects your credentials/,
    },
    'certificate expired': {
      flags: user('certificate', await expired()),
      code: 'ClientCertificateExpired',
      message: /The kubeconfig's client certificate has expired \(user \S+\) on 20\d\d-\d\d-\d\d/,
      remedy: /^az aks get-credentials --overwrite-existing /,
    },
  })
})

test('an unreachable API server is reported with its fix', async () => {
  const authority = await createAuthority()
  await assertRejected({
    'another authority': {
      flags: server('authority', { 'certificate-authority-data': base64(authority.cert) }),
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      message: /not from an authority/,
    },
    'no listener': {
      flags: server('silent', { server: 'https://127.0.0.1:9' }),
      code: 'ECONNREFUSED',
      message: /127\.0\.0\.1:9 refused the connection/,
    },
    'a private cluster': {
      flags: server('private', { server: 'https://aks-1.abc.privatelink.westeurope.azmk8s.io:443' }),
      code: 'ENOTFOUND',
      message:
        /the cluster is private: .* aks-1\.abc\.privatelink\.westeurope\.azmk8s\.io resolves only in its own network/i,
      remedy: /in the cluster's network$/,
    },
  })
})

test('a private cluster without a route is reported', {
  skip: skipOnGivenCluster(environment, 'packets of this machine are refused'),
}, async () => {
  rejectPackets(['OUTPUT', '--destination', '10.255.255.1'], 'icmp-host-unreachable')
  try {
    const flags = server('routeless', { server: 'https://10.255.255.1:6443' })
    const { code, message, remedy } = await expectError(kubeconfigFlags(environment, 'bay', flags))
    assert.equal(code, 'EHOSTUNREACH')
    assert.match(message, /the API server at 10\.255\.255\.1\S* does not respond: .* private network/i)
    assert.match(remedy, /in the cluster's network$/)
  } finally {
    deleteRules()
  }
})

test('Kubernetes before 1.20 is rejected', async () => {
  // A server that responds as an old API server.
  const authority = await createAuthority()
  const responses: Record<string, unknown> = {
    '/version': { gitVersion: 'v1.19.16' },
    '/.well-known/openid-configuration': { issuer: environment.issuer },
    '/openid/v1/jwks': { keys: [] },
  }
  const old = createServer(
    await issueServerCertificate(authority, { dns: ['localhost'], ip: ['127.0.0.1'] }),
    (request, answer) => answer.end(JSON.stringify(responses[request.url ?? ''] ?? {})),
  )
  await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve))
  try {
    const flags = server('old', {
      server: `https://127.0.0.1:${(old.address() as { port: number }).port}`,
      'certificate-authority-data': base64(authority.cert),
    })
    const { message, remedy } = await expectError(kubeconfigFlags(environment, 'bay', flags))
    assert.equal(message, 'The cluster runs Kubernetes v1.19.16; workload identity needs 1.20 or newer')
    assert.equal(remedy, 'Upgrade the cluster')
  } finally {
    old.close()
    old.closeAllConnections()
  }
})

test('afterwards the managed cluster is unchanged', async () => {
  const json = await applySetUp(environment)
  assert.deepEqual([...new Set(json.steps.map(({ action }) => action))], ['keep'])
})
