import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { applySetUp, clusterFlags, e2eEnvironment, skipOnGivenCluster } from './environment.ts'
import { deleteRules, rejectPackets } from './firewall.ts'

const environment = e2eEnvironment()
const shop = ['--namespace', 'shop']
const read = (...args: string[]) =>
  JSON.parse(environment.kubectl(['get', ...args, ...shop, '--output', 'json']))
const pods = () =>
  (read('pods', '--selector', 'app=vault-reader').items as Pod[]).filter(
    ({ metadata }) => !metadata.deletionTimestamp,
  )
interface Pod {
  metadata: { name: string; deletionTimestamp?: string }
  status: { containerStatuses: { restartCount: number }[] }
}
const name = 'rotating'
const apply = (object: unknown) => environment.kubectl(['apply', '--filename', '-'], JSON.stringify(object))

/**
 * Returns the sample's pod with a token file and a clock that this test changes through a secret: the kubelet renews
 * real tokens after 8 minutes at the earliest. A finalizer preserves the pod's status after it has ended.
 */
function rotatingPod() {
  const { template } = read('deployment/vault-reader').spec
  const [container] = template.spec.containers
  const clock = `import{readFileSync}from'node:fs';const now=Date.now;Date.now=()=>now()+Number(readFileSync('/rotating/hours','utf8'))*36e5`
  const env = [
    ...container.env,
    { name: 'AZURE_FEDERATED_TOKEN_FILE', value: '/rotating/token' },
    { name: 'NODE_OPTIONS', value: `--import=data:text/javascript,${encodeURIComponent(clock)}` },
  ]
  const volumeMounts = [...container.volumeMounts, { name, mountPath: '/rotating' }]
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'shop',
      labels: { 'azure.workload.identity/use': 'true' },
      finalizers: ['example.com/e2e'],
    },
    spec: {
      ...template.spec,
      restartPolicy: 'Never',
      containers: [{ ...container, env, volumeMounts }],
      volumes: [...template.spec.volumes, { name, secret: { secretName: name } }],
    },
  }
}
const readSecret = (): { status: number; body: string } =>
  JSON.parse(
    runInPod(
      name,
      `const answer = await fetch('http://127.0.0.1:8080/secrets/db-password')
      console.log(JSON.stringify({ status: answer.status, body: await answer.text() }))`,
    ),
  )

/** Repeats the request until the response matches; the kubelet takes up to 90 s to update the file. */
async function waitForResponse(lest: string, is: (answer: ReturnType<typeof readSecret>) => boolean) {
  const deadline = Date.now() + 120_000
  for (;;) {
    const answer = readSecret()
    if (is(answer)) return answer
    assert.ok(Date.now() < deadline, lest)
    await delay(500)
  }
}

/** Runs JavaScript in a pod's container and returns its stdout. */
const runInPod = (pod: string, script: string) =>
  environment.kubectl(['exec', pod, ...shop, '--', 'node', '--input-type=module', '--eval', script])
const token = () =>
  environment.kubectl(['create', 'token', 'checkout', ...shop, '--audience', 'api://AzureADTokenExchange'])

before(() => applySetUp(environment))
after(() => {
  const free = ['--type=merge', '--patch', '{"metadata":{"finalizers":null}}']
  if (environment.kubectl(['get', `pod/${name}`, ...shop, '--ignore-not-found', '--output=name']))
    environment.kubectl(['patch', `pod/${name}`, ...shop, ...free])
  environment.kubectl(['delete', `pod/${name}`, `secret/${name}`, ...shop, '--ignore-not-found', '--wait'])
})

test('the container has a read-only root, no capabilities, a non-root user and a memory limit', () => {
  const report = JSON.parse(
    runInPod(
      pods()[0]!.metadata.name,
      `import { readFileSync, writeFileSync } from 'node:fs'
      const status = readFileSync('/proc/self/status', 'utf8')
      const of = (name) => new RegExp(name + ':\\\\s*(\\\\S+)').exec(status)[1]
      const write = (file) => { try { writeFileSync(file, ''); return 'written' } catch ({ code }) { return code } }
      console.log(JSON.stringify({
        root: write('/x'), app: write('/app/x'), token: write(process.env.AZURE_FEDERATED_TOKEN_FILE),
        user: process.getuid(), memory: process.constrainedMemory(),
        capabilities: of('CapEff'), noNewPrivileges: of('NoNewPrivs'), seccomp: of('Seccomp'),
      }))`,
    ),
  )
  assert.deepEqual(report, {
    ...{ root: 'EROFS', app: 'EROFS', token: 'EROFS' },
    ...{ user: 1000, memory: 128 * 1024 ** 2 },
    ...{ capabilities: '0000000000000000', noNewPrivileges: '1', seccomp: '2' },
  })
})

const proxied = (path: string) =>
  environment.kubectl(['get', '--raw', `/api/v1/namespaces/shop/services/vault-reader:80/proxy/${path}`])

test('the configured secret is served; another name is not looked up in the vault', () => {
  assert.equal(JSON.parse(proxied('secrets/db-password')).name, 'db-password')
  assert.throws(() => proxied('secrets/another'), /NotFound/)
  const asked = environment.journal().filter(({ path }) => path.includes('/secrets/another'))
  assert.deepEqual(asked, [])
})

test('malformed requests leave the pod running', () => {
  const [pod] = pods()
  const answers = runInPod(
    pod!.metadata.name,
    `import { connect } from 'node:net'
    const send = (text) => new Promise((resolve) => {
      let answer = ''
      connect(8080, '127.0.0.1', function () { this.end(text) })
        .on('data', (part) => { answer += part }).on('error', () => {}).on('close', () => resolve(answer.slice(9, 12)))
    })
    const lines = ['GET // HTTP/1.1', 'GET http://[ HTTP/1.1', 'GET * HTTP/1.1', 'CONNECT x HTTP/1.1', 'GET /%ff', 'x']
    const answers = []
    for (const line of lines) answers.push(await send(line + '\\r\\nhost: x\\r\\n\\r\\n'))
    console.log(JSON.stringify(answers))`,
  )
  assert.deepEqual(JSON.parse(answers).slice(0, 3), ['404', '404', '404'])
  assert.deepEqual(JSON.parse(proxied('healthz')), { ok: true })
  const [after] = pods()
  assert.equal(after!.metadata.name, pod!.metadata.name)
  assert.equal(after!.status.containerStatuses[0]!.restartCount, 0)
})

const policySkip =
  process.env.WI_SETUP_E2E_POLICIES === undefined &&
  'the network plugin does not enforce NetworkPolicies: WI_SETUP_E2E_POLICIES is not set'

test('another pod is refused, although its requests to other pods pass', { skip: policySkip }, () => {
  const policies = read('networkpolicy/vault-reader').spec
  assert.deepEqual(policies.policyTypes, ['Ingress'])
  const image = read('deployment/vault-reader').spec.template.spec.containers[0].image
  const script = (address: string) =>
    `fetch('http://${address}/healthz', { signal: AbortSignal.timeout(5000) })
      .then(({ status }) => console.log(status), ({ name }) => console.log(name))`
  const from = (pod: string, address: string) => runInPod(pod, script(address)).trim()
  const other = (pod: string, server: boolean) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, namespace: 'shop' },
    spec: {
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'app',
          image,
          command: [
            'node',
            '--eval',
            server
              ? "require('node:http').createServer((_, response) => response.end('ok')).listen(8080)"
              : 'setInterval(() => {}, 1000)',
          ],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  })
  const names = ['other-client', 'other-server']
  try {
    for (const each of names) apply(other(each, each === 'other-server'))
    environment.kubectl([
      'wait',
      ...names.map((each) => `pod/${each}`),
      ...shop,
      '--for=condition=Ready',
      '--timeout=60s',
    ])
    const addressOf = (pod: string) => `${read(`pod/${pod}`).status.podIP}:8080`
    assert.equal(from('other-client', addressOf('other-server')), '200')
    assert.equal(from('other-client', addressOf(pods()[0]!.metadata.name)), 'TimeoutError')
    assert.equal(from('other-client', read('service/vault-reader').spec.clusterIP), 'TimeoutError')
    assert.equal(JSON.parse(proxied('secrets/db-password')).name, 'db-password')
  } finally {
    environment.kubectl(['delete', 'pod', ...names, ...shop, '--ignore-not-found', '--wait'])
  }
})

const noFirewall = skipOnGivenCluster(environment, 'rejects packets')

test('kubectl port-forward reaches the pod although every packet to it is rejected', {
  skip: noFirewall,
}, async () => {
  const { name: pod } = pods()[0]!.metadata
  const packets = [
    '--destination',
    read(`pod/${pod}`).status.podIP,
    '--protocol',
    'tcp',
    '--destination-port',
    '8080',
  ]
  for (const chain of ['OUTPUT', 'FORWARD']) rejectPackets([chain, ...packets], 'tcp-reset')
  const forward = spawn(
    'kubectl',
    ['--kubeconfig', environment.kubeconfig, ...shop, 'port-forward', `pod/${pod}`, ':8080'],
    {
      env: environment.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  try {
    const port = await new Promise<string>((resolve, reject) => {
      forward.once('exit', () => reject(new Error('kubectl port-forward ended')))
      forward.stdout.on('data', (part) => {
        const [, found] = /127\.0\.0\.1:(\d+)/.exec(String(part)) ?? []
        if (found) resolve(found)
      })
    })
    assert.throws(() => proxied('healthz'))
    const served = await fetch(`http://127.0.0.1:${port}/secrets/db-password`)
    assert.equal(((await served.json()) as { name: string }).name, 'db-password')
  } finally {
    forward.kill()
    deleteRules()
  }
  environment.kubectl(['wait', `pod/${pod}`, ...shop, '--for=condition=Ready', '--timeout=60s'])
})

test('sample --port serves on loopback, and only at the address with the token', async () => {
  const run = environment.start([
    ...['sample', ...clusterFlags(environment), '--namespace', 'shop', '--service-account', 'checkout'],
    ...['--vault', 'kv-e2e', '--secret', 'db-password', '--webhook', 'helm'],
    ...['--sample-image', environment.image, '--yes', '--port', '0'],
  ])
  const address = () => /http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\//.exec(run.stdout)?.[0]
  await run.until(() => address() !== undefined)
  try {
    const url = new URL(address()!)
    const served = await fetch(new URL('secrets/db-password', url))
    assert.equal(((await served.json()) as { name: string }).name, 'db-password')
    for (const path of ['/', '/secrets/db-password', `${url.pathname.slice(0, -2)}x/secrets/db-password`])
      assert.equal((await fetch(new URL(path, url))).status, 403, path)
  } finally {
    run.child.kill('SIGINT')
    await run.ended
  }
})

test('requests never fail during a rollout', async () => {
  const [old] = pods()
  environment.kubectl(['rollout', 'restart', 'deployment/vault-reader', ...shop])
  const oldPodExists = () => pods().some(({ metadata }) => metadata.name === old!.metadata.name)
  for (let asked = 0; oldPodExists() || asked === 0; asked++)
    environment.kubectl(['get', '--raw', '/api/v1/namespaces/shop/services/vault-reader:80/proxy/healthz'])
  environment.kubectl(['rollout', 'status', 'deployment/vault-reader', ...shop, '--timeout', '60s'])
  const { readinessProbe, livenessProbe } = read('deployment/vault-reader').spec.template.spec.containers[0]
  assert.equal(readinessProbe?.httpGet.path, '/healthz', 'readiness probe')
  assert.deepEqual(livenessProbe?.httpGet, readinessProbe.httpGet, 'liveness probe')
})

test('the sample rereads the token file when it needs a new token, and exits with 0 on SIGTERM', async () => {
  const put = (token: string, hours: number) =>
    apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: 'shop' },
      stringData: { token, hours: String(hours) },
    })
  put(token(), 0)
  apply(rotatingPod())
  environment.kubectl(['wait', `pod/${name}`, ...shop, '--for=condition=Ready', '--timeout=60s'])
  assert.equal(readSecret().status, 200)
  put('invalid token', 48)
  const refused = await waitForResponse('the sample still uses the old token', ({ status }) => status !== 200)
  assert.match(refused.body, /AADSTS/)
  put(token(), 48)
  await waitForResponse('the sample does not use the new token', ({ status }) => status === 200)
  environment.kubectl(['delete', `pod/${name}`, ...shop, '--wait=false'])
  const ended = '--for=jsonpath={.status.containerStatuses[0].state.terminated}'
  environment.kubectl(['wait', `pod/${name}`, ...shop, ended, '--timeout=60s'])
  assert.equal(read(`pod/${name}`).status.containerStatuses[0].state.terminated.exitCode, 0)
})
