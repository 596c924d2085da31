import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { applySetUp, e2eEnvironment } from './environment.ts'

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
