import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setWorkloadIdentityAddon } from '../../../sandbox/kube/clusters.ts'
import { fqdn, openKube } from '../../support/kube-session.ts'
import { newSandbox } from '../../support/sandbox.ts'

const script = `
import { createServer } from 'node:http'
import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
console.log('reading as', process.env.AZURE_CLIENT_ID)
createServer(async (request, response) => {
  const token = readFileSync(process.env.AZURE_FEDERATED_TOKEN_FILE, 'utf8')
  response.statusCode = request.url === '/teapot' ? 418 : 200
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({
    url: request.url,
    env: process.env,
    vault: (await lookup('kv1.vault.localhost')).address,
    claims: JSON.parse(Buffer.from(token.split('.')[1], 'base64url')),
  }))
}).listen(Number(process.env.PORT ?? 8080))
`
const labels = { app: 'reader', 'azure.workload.identity/use': 'true' }
const template = {
  metadata: { labels },
  spec: {
    serviceAccountName: 'api',
    containers: [
      {
        name: 'app',
        image: 'node:24-alpine',
        command: ['node', '/app/reader.mjs'],
        ports: [{ containerPort: 8080, name: 'http' }],
        volumeMounts: [{ name: 'script', mountPath: '/app' }],
      },
    ],
    volumes: [{ name: 'script', configMap: { name: 'script' } }],
  },
}
const at = (resource: string) =>
  `/${resource === 'deployments' ? 'apis/apps/v1' : resource === 'jobs' ? 'apis/batch/v1' : 'api/v1'}/namespaces/shop/${resource}`
const proxied = '/api/v1/namespaces/shop/services/http:reader:80/proxy'

type Shop = Awaited<ReturnType<typeof openKube>>

async function furnish({ call }: Shop): Promise<void> {
  await call('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } })
  await call('POST', at('serviceaccounts'), {
    metadata: { name: 'api', annotations: { 'azure.workload.identity/client-id': 'client-1' } },
  })
  await call('POST', at('configmaps'), { metadata: { name: 'script' }, data: { 'reader.mjs': script } })
  await call('POST', at('services'), {
    metadata: { name: 'reader' },
    spec: { selector: { app: 'reader' }, ports: [{ port: 80, targetPort: 'http' }] },
  })
}

const deploy = ({ call }: Shop) =>
  call('POST', at('deployments'), {
    metadata: { name: 'reader' },
    spec: { replicas: 1, selector: { matchLabels: { app: 'reader' } }, template },
  })

const folder = mkdtempSync(join(tmpdir(), 'wi-test-'))
let sandbox = await newSandbox({ stateDir: folder })
let shop: Shop

before(async () => {
  shop = await openKube(sandbox)
  setWorkloadIdentityAddon(sandbox.simulator, fqdn, true)
  await furnish(shop)
})
after(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true, force: true })
})

const pod = (more: object = {}, metadata: object = {}) => ({
  metadata: { name: 'probe', labels, ...metadata },
  spec: { serviceAccountName: 'api', containers: [{ name: 'main', image: 'busybox', ...more }] },
})
const dryRun = (body: object, namespace = 'shop') =>
  shop.call('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, body)

test('a dry run shows what the webhook injects', async () => {
  const { status, body } = await dryRun(pod({ env: [{ name: 'AZURE_TENANT_ID', value: 'mine' }] }))
  assert.equal(status, 201)
  const [main] = body.spec.containers
  assert.deepEqual(main.env, [
    { name: 'AZURE_TENANT_ID', value: 'mine' },
    { name: 'AZURE_CLIENT_ID', value: 'client-1' },
    {
      name: 'AZURE_FEDERATED_TOKEN_FILE',
      value: '/var/run/secrets/azure/wi/token/azure-identity-token',
    },
    { name: 'AZURE_AUTHORITY_HOST', value: `${sandbox.simulator.addresses.login}/` },
  ])
  const name = `azure-workload-identity-reserved-${createHash('sha256').update('probe').digest('hex').slice(0, 30)}`
  assert.deepEqual(
    body.spec.volumes.find((each: { name: string }) => each.name === name),
    {
      name,
      projected: {
        defaultMode: 420,
        sources: [
          {
            serviceAccountToken: {
              audience: 'api://AzureADTokenExchange',
              expirationSeconds: 3600,
              path: 'token/azure-identity-token',
            },
          },
        ],
      },
    },
  )
  assert.equal((await shop.call('GET', `${at('pods')}/probe`)).status, 404)
  const plain = await dryRun(pod({}, { labels: { app: 'x' } }))
  assert.equal(plain.body.spec.containers[0].env, undefined)
})

test('the webhook and admission reject invalid pods', async () => {
  const expiry = (value: string) =>
    dryRun(pod({}, { annotations: { 'azure.workload.identity/service-account-token-expiration': value } }))
  const short = await expiry('60')
  assert.equal(short.status, 400)
  assert.equal(
    short.body.message,
    'admission webhook "mutation.azure-workload-identity.io" denied the request: token expiration 60 not valid. Expected value to be between 3600 and 86400',
  )
  assert.match((await expiry('1h')).body.message, /strconv.ParseInt: parsing "1h": invalid syntax$/)
  const body = pod()
  body.spec.serviceAccountName = 'nobody'
  const lost = await dryRun(body)
  assert.equal(lost.status, 403)
  assert.equal(
    lost.body.message,
    'pods "probe" is forbidden: error looking up service account shop/nobody: serviceaccount "nobody" not found',
  )
  const system = pod()
  system.spec.serviceAccountName = 'default'
  assert.equal((await dryRun(system, 'kube-system')).body.spec.containers[0].env, undefined)
})

test('the webhook fails closed while none of its pods is ready', async () => {
  const scale = (replicas: number) =>
    shop.call(
      'PATCH',
      '/apis/apps/v1/namespaces/kube-system/deployments/azure-wi-webhook-controller-manager',
      { spec: { replicas } },
      { type: 'application/merge-patch+json' },
    )
  await scale(0)
  const { status, body } = await dryRun(pod())
  assert.equal(status, 500)
  assert.equal(
    body.message,
    'Internal error occurred: failed calling webhook "mutation.azure-workload-identity.io": failed to call webhook: Post "https://azure-wi-webhook-webhook-service.kube-system.svc:443/mutate-v1-pod?timeout=10s": no endpoints available for service "azure-wi-webhook-webhook-service"',
  )
  await scale(2)
  assert.equal((await dryRun(pod())).status, 201)
})

test('a deployment runs its script, and the service proxy reaches it', async () => {
  const { call } = shop
  const early = await call('GET', `${proxied}/`)
  assert.equal(early.status, 503)
  assert.equal(early.body.message, 'no endpoints available for service "reader"')
  process.env.SANDBOX_TEST_CREDENTIAL = 'must not leak'
  assert.equal((await deploy(shop)).status, 201)
  const deployment = (await call('GET', `${at('deployments')}/reader`)).body
  assert.equal(deployment.status.readyReplicas, 1)
  assert.equal(deployment.status.conditions[0].reason, 'MinimumReplicasAvailable')
  const { body, status } = await call('GET', `${proxied}/secrets/one?x=1`)
  delete process.env.SANDBOX_TEST_CREDENTIAL
  assert.equal(status, 200)
  assert.equal(body.url, '/secrets/one?x=1')
  assert.equal(body.vault, '127.0.0.1')
  assert.deepEqual(
    Object.keys(body.env)
      .filter((name) => name !== 'SystemRoot')
      .sort(),
    [
      'AZURE_AUTHORITY_HOST',
      'AZURE_CLIENT_ID',
      'AZURE_FEDERATED_TOKEN_FILE',
      'AZURE_TENANT_ID',
      'HOME',
      'HOSTNAME',
      'NODE_EXTRA_CA_CERTS',
      'TMPDIR',
    ],
  )
  assert.deepEqual(body.claims.aud, ['api://AzureADTokenExchange'])
  assert.equal(body.claims.sub, 'system:serviceaccount:shop:api')
  assert.equal(body.claims['kubernetes.io'].pod.name, body.env.HOSTNAME)
  assert.equal((await call('GET', `${proxied}/teapot`)).status, 418)
  const log = await call('GET', `${at('pods')}/${body.env.HOSTNAME}/log`)
  assert.equal(log.body, 'reading as client-1\n')
})

test('pods run again when the sandbox restarts with its saved state', async () => {
  const { port } = sandbox.state
  await sandbox.close()
  sandbox = await newSandbox({ stateDir: folder, port })
  shop = await openKube(sandbox)
  const { body } = await shop.call('GET', `${proxied}/`)
  assert.equal(body.claims.sub, 'system:serviceaccount:shop:api')
})

test('a new template replaces the pods; deleting the deployment stops them', async () => {
  const { call } = shop
  const names = async () =>
    (await call('GET', `${at('pods')}?labelSelector=app%3Dreader`)).body.items.map(
      (each: { metadata: { name: string } }) => each.metadata.name,
    )
  const before = await names()
  await call(
    'PATCH',
    `${at('deployments')}/reader`,
    { spec: { template: { metadata: { annotations: { restarted: 'yes' } } } } },
    { type: 'application/strategic-merge-patch+json' },
  )
  await names()
  const now = await names()
  assert.equal(now.length, 1)
  assert.notDeepEqual(now, before)
  await call('DELETE', `${at('deployments')}/reader`)
  assert.deepEqual(await names(), [])
})

test('a job runs to its end and keeps its log', async () => {
  const { call } = shop
  const job = (name: string, code: number) => ({
    metadata: { name },
    spec: {
      backoffLimit: 0,
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'main',
              image: 'node:24',
              command: ['node', '-e', `console.log('bye'); process.exit(${code})`],
            },
          ],
        },
      },
    },
  })
  await call('POST', at('jobs'), job('well', 0))
  await call('POST', at('jobs'), job('ill', 3))
  const ended = async (name: string) => (await call('GET', `${at('jobs')}/${name}`)).body.status
  assert.equal((await ended('well')).succeeded, 1)
  assert.equal((await ended('ill')).conditions.at(-1).reason, 'BackoffLimitExceeded')
  const [made] = (await call('GET', `${at('pods')}?labelSelector=job-name%3Dill`)).body.items
  assert.equal(made.status.containerStatuses[0].state.terminated.exitCode, 3)
  assert.equal((await call('GET', `${at('pods')}/${made.metadata.name}/log`)).body, 'bye\n')
})

test("a pod's script reads no file of the sandbox, starts nothing, and writes to its emptyDir only", async () => {
  const { call } = shop
  const probe = `
const fs = require('node:fs')
const attempt = (name, run) => {
  try { run(); console.log(name, 'done') } catch (error) { console.log(name, error.code) }
}
for (const name of ['key', 'ca-key.pem', 'control-token', 'state.json', 'owners'])
  attempt(name, () => fs.readFileSync('${folder}/' + name))
attempt('home', () => fs.readdirSync('${process.env.HOME}'))
attempt('passwd', () => fs.readFileSync('/etc/passwd'))
attempt('environ', () => fs.readFileSync('/proc/' + process.ppid + '/environ'))
attempt('child', () => require('node:child_process').spawnSync('true'))
attempt('worker', () => new (require('node:worker_threads').Worker)('', { eval: true }))
attempt('write', () => fs.writeFileSync(process.env.TMPDIR + '/x', ''))
attempt('link', () => fs.symlinkSync('${folder}/key', process.env.SCRATCH + '/x'))
attempt('scratch', () => fs.writeFileSync(process.env.SCRATCH + '/y', ''))
attempt('ca', () => fs.readFileSync(process.env.NODE_EXTRA_CA_CERTS))
console.log(JSON.stringify([process.env.NODE_OPTIONS, process.env.LD_PRELOAD]))
`
  const run = async (name: string, command: string[]) => {
    const container = {
      name: 'main',
      image: 'node:24',
      command,
      env: [
        { name: 'SCRATCH', value: '/scratch' },
        { name: 'NODE_OPTIONS', value: '--allow-fs-read=*' },
        { name: 'LD_PRELOAD', value: '/x.so' },
      ],
      volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
    }
    const spec = {
      restartPolicy: 'Never',
      containers: [container],
      volumes: [{ name: 'scratch', emptyDir: {} }],
    }
    const template = { metadata: { labels: { probe: name } }, spec }
    await call('POST', at('jobs'), { metadata: { name }, spec: { backoffLimit: 0, template } })
    await call('GET', `${at('jobs')}/${name}`)
    const [made] = (await call('GET', `${at('pods')}?labelSelector=probe%3D${name}`)).body.items
    return (await call('GET', `${at('pods')}/${made.metadata.name}/log`)).body as string
  }
  assert.deepEqual((await run('probe-files', ['node', '-e', probe])).trim().split('\n'), [
    ...['key', 'ca-key.pem', 'control-token', 'state.json', 'owners', 'home', 'passwd', 'environ'].map(
      (name) => `${name} ERR_ACCESS_DENIED`,
    ),
    ...['child', 'worker', 'write', 'link'].map((name) => `${name} ERR_ACCESS_DENIED`),
    'scratch done',
    'ca done',
    '[null,null]',
  ])
  for (const option of ['--allow-fs-read=/', '--no-permission', '--import=data:text/javascript,', '-r'])
    assert.match(
      await run(`probe${option.replace(/\W+/g, '-')}x`, ['node', option, '-e', probe]),
      /^node: the sandbox does not permit the option -/,
    )
})

test("pods start by the simulator's clock", async () => {
  let now = Date.now()
  const slow = await newSandbox({ pace: 0.001, clock: () => now })
  try {
    const here = await openKube(slow)
    await furnish(here)
    await here.call('POST', at('pods'), {
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'c', image: 'x' }] },
    })
    const phase = async () => (await here.call('GET', `${at('pods')}/p`)).body.status.phase
    assert.equal(await phase(), 'Pending')
    now += 15
    assert.equal(await phase(), 'Running')
  } finally {
    await slow.close()
  }
})
