import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, test } from 'node:test'
import { createAuthority } from '../../../sandbox/index.ts'
import type { AksClusters } from '../../../src/clients/aks-clusters.ts'
import { clouds } from '../../../src/clients/cloud.ts'
import { makeHttp } from '../../../src/clients/http.ts'
import { requireValidCertificate } from '../../../src/clients/kube/client-certificate.ts'
import { listContexts, loadKubeconfig, useContext } from '../../../src/clients/kube/kubeconfig.ts'
import { makeKubernetes } from '../../../src/clients/kube/kubernetes.ts'
import { proxyFor } from '../../../src/clients/kube/proxy.ts'
import type { Connection } from '../../../src/clients/kubernetes.ts'
import { explain } from '../../../src/explain/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'wi-kubeconfig-'))
after(() => rmSync(directory, { recursive: true }))

const file = (name: string, text: string) => {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}

const config = (name: string, user: string, current = name) => `apiVersion: v1
kind: Config
current-context: "${current}"
clusters: [{name: ${name}, cluster: {server: "https://${name}.example:6443"}}]
users: [{name: ${name}, user: ${user}}]
contexts: [{name: ${name}, context: {cluster: ${name}, user: ${name}}}]
`

const never = { getToken: async () => assert.fail('no token was wanted') }

const connectTo = (
  text: string,
  credential: Parameters<typeof makeKubernetes>[0]['credential'] = never,
  connection: Connection = { kind: 'aks', group: 'g', cluster: 'c' },
) =>
  makeKubernetes({
    connection,
    aksClusters: { kubeconfig: async () => text } as unknown as AksClusters,
    credential,
    cloud: clouds.public,
    env: {},
    http: makeHttp(),
    signal: new AbortController().signal,
  })

test('the files in KUBECONFIG are merged, and the first one wins', async () => {
  const [one, two] = [file('one', config('one', '{token: a}')), file('two', config('two', '{token: b}'))]
  const found = await listContexts(undefined, {
    KUBECONFIG: [join(directory, 'none'), one, two, one].join(delimiter),
  })
  assert.deepEqual(found, [
    { name: 'one', server: 'https://one.example:6443', current: true },
    { name: 'two', server: 'https://two.example:6443', current: false },
  ])
})

test("a sign-in program with a path is in the kubeconfig's folder", async () => {
  const commandOf = async (command: string) => {
    const text = config('one', JSON.stringify({ exec: { command } }))
    return (await loadKubeconfig(file('program', text), {})).getUser('one')?.exec.command
  }
  assert.equal(await commandOf('./bin/x'), join(directory, 'bin', 'x'))
  assert.equal(await commandOf('bin/x'), join(directory, 'bin', 'x'))
  assert.equal(await commandOf('/opt/x'), '/opt/x')
  assert.equal(await commandOf('kubelogin'), 'kubelogin')
})

test('a missing kubeconfig is an error, without a default server', async () => {
  await assert.rejects(loadKubeconfig(undefined, { HOME: directory }), {
    code: 'KubeconfigNotFound',
    message: `There is no kubeconfig at ${join(directory, '.kube', 'config')}`,
  })
})

test('an invalid kubeconfig is an error', async () => {
  for (const text of ['', 'just: [text'])
    await assert.rejects(
      loadKubeconfig(file('bad', text), {}),
      { code: 'KubeconfigInvalid' },
      JSON.stringify(text),
    )
})

test('the error for an unknown context lists the available ones', async () => {
  const read = await loadKubeconfig(file('one', config('one', '{token: a}')), {})
  assert.throws(() => useContext(read, 'other'), {
    code: 'ContextNotFound',
    message: /available contexts: one$/,
  })
  const none = await loadKubeconfig(file('none', config('one', '{token: a}', '')), {})
  assert.throws(() => useContext(none, undefined), { code: 'ContextNotFound' })
})

test('the error for a missing sign-in program names it', async () => {
  const user = '{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, args: []}}'
  await assert.rejects(connectTo(config('one', user)).version(), {
    code: 'ExecPluginNotFound',
    message: /"no-such-plugin"/,
  })
})

test('kubelogin is replaced by our own token for its server ID', async () => {
  const requests: unknown[] = []
  const credential = {
    getToken: async (...args: unknown[]) => {
      requests.push(args)
      return { token: 'bearer-1', expiresOnTimestamp: Date.now() + 3_600_000 }
    },
  }
  const user =
    '{exec: {command: kubelogin, args: [get-token, --server-id, 6dae42f8-4368-4678-94ff-3960e28e3630, --tenant-id, t1, --login, devicecode]}}'
  const given = await connectTo(config('one', user), credential).kubeconfig()
  assert.deepEqual(requests, [['6dae42f8-4368-4678-94ff-3960e28e3630/.default', { tenantId: 't1' }]])
  assert.match(given, /bearer-1/)
  assert.doesNotMatch(given, /kubelogin/)
})

test('a kubeconfig does not choose what our token is for', async () => {
  const kubelogin = (id: string) => `{exec: {command: kubelogin, args: [get-token, --server-id=${id}]}}`
  const legacy = (id: string) => `{auth-provider: {name: azure, config: {apiserver-id: "${id}"}}}`
  const azureServices = [
    'https://vault.azure.net',
    'https://management.azure.com/',
    'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
    '797F4846-ba00-4fd7-ba43-dac1f8f63013',
    '00000003-0000-0000-c000-000000000000',
  ]
  for (const id of azureServices)
    for (const user of [kubelogin(id), legacy(id)])
      await assert.rejects(connectTo(config('one', user)).version(), { code: 'ExecPluginAudience' }, user)
  // Left to the kubeconfig's own program.
  const other = '11111111-1111-4111-8111-111111111111'
  assert.match(await connectTo(config('one', kubelogin(other))).kubeconfig(), /kubelogin/)
})

test('our token goes only to the API server of an AKS cluster', async () => {
  const aks =
    '{exec: {command: kubelogin, args: [get-token, --server-id, 6dae42f8-4368-4678-94ff-3960e28e3630]}}'
  const credential = { getToken: async () => ({ token: 'ours', expiresOnTimestamp: Date.now() + 3_600_000 }) }
  const kubeconfigOf = (server: string) => {
    const path = file('aks', config('one', aks).replace('https://one.example:6443', server))
    return connectTo('', credential, { kind: 'kubeconfig', path, context: undefined }).kubeconfig()
  }
  assert.match(await kubeconfigOf('https://c-1.hcp.westeurope.azmk8s.io:443'), /ours/)
  const others = [
    'https://azmk8s.io.evil.test',
    'https://evil-azmk8s.io',
    'https://c-1.hcp.westeurope.azmk8s.io.',
    'https://c-1.hcp.westeurope.azmk8s.io:8443',
    'https://c-1.hcp.westeurope.cx.prod.service.azk8s.cn',
    'https://127.0.0.1:6443',
  ]
  for (const server of others) assert.match(await kubeconfigOf(server), /kubelogin/, server)
})

test('kubelogin with another identity is not replaced', async () => {
  const user = '{exec: {command: kubelogin, args: [get-token, --server-id, x, --login, spn]}}'
  assert.match(await connectTo(config('one', user)).kubeconfig(), /kubelogin/)
})

test('plain HTTP to another machine is rejected', async () => {
  const text = config('one', '{token: a}').replace('https://', 'http://')
  await assert.rejects(connectTo(text).version(), { code: 'KubeconfigInvalid' })
})

test('a refused connection is a network error', async () => {
  const text = config('one', '{token: a}').replace('one.example:6443', '127.0.0.1:1')
  await assert.rejects(connectTo(text).version(), { service: 'network', code: 'ECONNREFUSED' })
})

test("the environment's proxy is used, except for loopback and NO_PROXY", () => {
  const env = { HTTPS_PROXY: 'http://proxy:3128', no_proxy: '.corp.example, 10.0.0.1' }
  assert.equal(proxyFor('https://c.azmk8s.io:443', env), 'http://proxy:3128')
  for (const server of [
    'https://localhost:6443',
    'https://127.0.0.1:6443',
    'https://k.corp.example',
    'https://10.0.0.1',
  ])
    assert.equal(proxyFor(server, env), undefined, server)
})

test('an expired client certificate is an error before any request', async () => {
  const { cert, key } = await createAuthority()
  const data = (text: string) => Buffer.from(text).toString('base64')
  const user = { name: 'shop', certData: data(cert), keyData: data(key) }
  await requireValidCertificate(user)
  const later = Date.now() + 20 * 365 * 86_400_000
  await assert.rejects(requireValidCertificate(user, later), {
    code: 'ClientCertificateExpired',
    message: /user "shop" expired on 20\d\d-/,
  })
  await requireValidCertificate({ name: 'x', certFile: join(directory, 'none') }, later)
})

test('an API server in a private network is explained as such', () => {
  const explanationOf = (code: string, host: string) =>
    explain(Object.assign(new Error(`${host} is unreachable: …`), { code })).what
  assert.match(
    explanationOf('ENOTFOUND', 'aks-1.abc.privatelink.westeurope.azmk8s.io:443'),
    /^The cluster is private: .* aks-1\.abc\.privatelink\.westeurope\.azmk8s\.io resolves only/,
  )
  assert.match(
    explanationOf('ETIMEDOUT', '10.224.0.4:443'),
    /10\.224\.0\.4 does not respond: .* private network/,
  )
  assert.doesNotMatch(explanationOf('ETIMEDOUT', '20.1.2.3:443'), /private/)
})
