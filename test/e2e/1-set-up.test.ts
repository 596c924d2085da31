import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { test } from 'node:test'
import { applySetUp, azureWrites, e2eEnvironment, resourceVersions } from './environment.ts'

const environment = e2eEnvironment()
const read = (...args: string[]) => JSON.parse(environment.kubectl(['get', ...args, '--output', 'json']))
const podNow = () =>
  read('pods', '--namespace', 'shop', '--selector', 'app=vault-reader').items.find(
    ({ metadata }: { metadata: { deletionTimestamp?: string } }) => !metadata.deletionTimestamp,
  )
let value: string

test('a set-up in an empty subscription ends with a pod that reads the secret, and every check passes', async () => {
  const json = await applySetUp(environment)
  assert.ok(json.steps.some(({ action }) => action === 'create'))
  assert.deepEqual(
    json.checks.filter(({ status }) => status !== 'pass').map(({ code, detail }) => `${code} ${detail}`),
    [],
  )
  assert.ok(json.checks.some(({ code }) => code === 'WI604'))
  assert.equal(json.outputs.issuer, environment.issuer)
})

test("the sample returns the secret through the API server's proxy", () => {
  const path = '/api/v1/namespaces/shop/services/vault-reader:80/proxy/secrets/db-password'
  const answer = JSON.parse(environment.kubectl(['get', '--raw', path]))
  assert.equal(answer.name, 'db-password')
  assert.ok(answer.value.length > 10)
  value = answer.value
})

test('the sample returns the secret through kubectl port-forward', async () => {
  const args = [
    '--kubeconfig',
    environment.kubeconfig,
    '--namespace',
    'shop',
    'port-forward',
    'service/vault-reader',
  ]
  const forward = spawn('kubectl', [...args, ':80'], {
    env: environment.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const port = await new Promise<string>((resolve, reject) => {
      forward.once('exit', () => reject(new Error('kubectl port-forward ended')))
      forward.stdout.on('data', (part) => {
        const [, found] = /127\.0\.0\.1:(\d+)/.exec(String(part)) ?? []
        if (found) resolve(found)
      })
    })
    const curl = execFileSync('curl', ['--silent', `http://127.0.0.1:${port}/secrets/db-password`])
    assert.equal(JSON.parse(curl.toString()).value, value)
  } finally {
    forward.kill()
  }
})

test("the pod's environment has its own variables and the webhook's, and nothing else", () => {
  const pod = podNow()
  const account = read('serviceaccount', 'checkout', '--namespace', 'shop')
  const note = (name: string) => account.metadata.annotations[`azure.workload.identity/${name}`]
  const { env, volumeMounts } = pod.spec.containers[0]
  const login = new URL(environment.arm)
  assert.deepEqual(
    Object.fromEntries(env.map((each: { name: string; value: string }) => [each.name, each.value])),
    {
      KEYVAULT_URL: `https://kv-e2e.vault.${environment.env.WI_E2E_DOMAIN}:${login.port}/`,
      SECRET_NAMES: 'db-password',
      AZURE_CLIENT_ID: note('client-id'),
      AZURE_TENANT_ID: environment.env.AZURE_TENANT_ID,
      AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/wi/token/azure-identity-token',
      AZURE_AUTHORITY_HOST: `https://login.${environment.env.WI_E2E_DOMAIN}:${login.port}/`,
    },
  )
  const mount = volumeMounts.find(
    ({ mountPath }: { mountPath: string }) => mountPath === '/var/run/secrets/azure/wi',
  )
  const volume = pod.spec.volumes.find(({ name }: { name: string }) => name === mount.name)
  assert.match(volume.name, /^azure-workload-identity-reserved-[0-9a-f]{30}$/)
  assert.deepEqual(volume.projected.sources, [
    {
      serviceAccountToken: {
        audience: 'api://AzureADTokenExchange',
        expirationSeconds: 3600,
        path: 'token/azure-identity-token',
      },
    },
  ])
})

test('the sample runs in a namespace that enforces the restricted pod security standard', () => {
  const { labels } = read('namespace', 'shop').metadata
  assert.equal(labels['pod-security.kubernetes.io/enforce'], 'restricted')
  const privileged = ['run', 'root', '--image', environment.image, '--namespace', 'shop', '--dry-run=server']
  assert.throws(() => environment.kubectl(privileged), /violates PodSecurity "restricted:latest"/)
  const { securityContext, livenessProbe, readinessProbe, resources } = podNow().spec.containers[0]
  assert.equal(securityContext.readOnlyRootFilesystem, true)
  assert.ok(livenessProbe && readinessProbe && resources.limits.memory)
})

test('the pod ends on SIGTERM', () => {
  const { name } = podNow().metadata
  const began = Date.now()
  environment.kubectl(['delete', 'pod', name, '--namespace', 'shop', '--wait'])
  assert.ok(Date.now() - began < 15_000, 'it was killed after its grace period of 30 s')
  environment.kubectl([
    'rollout',
    'status',
    'deployment/vault-reader',
    '--namespace',
    'shop',
    '--timeout',
    '60s',
  ])
})

test('a second run writes nothing to Azure or to the cluster', async () => {
  const before = [azureWrites(environment), resourceVersions(environment, 'shop')]
  const json = await applySetUp(environment)
  assert.deepEqual([...new Set(json.steps.map(({ action }) => action))], ['keep'])
  assert.deepEqual([azureWrites(environment), resourceVersions(environment, 'shop')], before)
})
