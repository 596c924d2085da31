import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type KubeObject, yaml } from '../../../support/workloads/healthy.ts'
import { lintText } from '../../../support/workloads/lint-text.ts'
import { healthyObjects } from '../../../support/workloads/objects.ts'

// Pods that sign in without the webhook: by a token that they mount themselves, or by the Secrets Store CSI driver.

const clientIdKey = 'azure.workload.identity/client-id'
const clientId = 'aaaaaaaa-1111-4222-8333-444444444444'
const account = (annotations: KubeObject = { [clientIdKey]: clientId }): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name: 'web', namespace: 'shop', annotations },
})

const pod = (spec: KubeObject): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
  spec: { serviceAccountName: 'web', ...spec },
})

const ownToken = () => {
  const app: KubeObject = {
    name: 'app',
    image: 'registry.example/app:1',
    env: [
      { name: 'AZURE_CLIENT_ID', value: clientId },
      { name: 'AZURE_TENANT_ID', value: clientId },
      { name: 'AZURE_FEDERATED_TOKEN_FILE', value: '/var/run/oidc/token' },
    ],
    volumeMounts: [{ name: 'oidc', mountPath: '/var/run/oidc' }],
  }
  const token: KubeObject = { audience: 'api://AzureADTokenExchange', path: 'token' }
  const volumes = [{ name: 'oidc', projected: { sources: [{ serviceAccountToken: token }] } }]
  return { app, token, object: pod({ containers: [app], volumes }) }
}

const codesOf = (found: { code: string; status: string }[]) => found.map(({ code, status }) => [code, status])

test('a complete token of its own needs neither label nor annotation', async () => {
  for (const annotations of [{}, { [clientIdKey]: clientId }]) {
    const { found, workloads } = await lintText(yaml(account(annotations), ownToken().object))
    assert.deepEqual(found, [])
    assert.deepEqual(workloads, ['Pod shop/web'])
  }
})

const gaps: [
  name: string,
  code: string,
  status: string,
  change: (of: ReturnType<typeof ownToken>) => unknown,
][] = [
  [
    'another audience',
    'WI219',
    'fail',
    ({ token }) => Object.assign(token, { audience: 'sts.amazonaws.com' }),
  ],
  ["the API server's audience", 'WI219', 'fail', ({ token }) => delete token.audience],
  ['another file name', 'WI228', 'fail', ({ token }) => Object.assign(token, { path: 'azure-token' })],
  ['no mount', 'WI228', 'fail', ({ app }) => delete app.volumeMounts],
  [
    'no volume',
    'WI228',
    'fail',
    ({ app, object }) => {
      delete app.volumeMounts
      delete object.spec.volumes
    },
  ],
  ['no client ID', 'WI228', 'warn', ({ app }) => app.env.shift()],
  ['no tenant ID', 'WI228', 'warn', ({ app }) => app.env.splice(1, 1)],
  ['the default account', 'WI203', 'warn', ({ object }) => delete object.spec.serviceAccountName],
]
for (const [name, code, status, change] of gaps)
  test(`${code}  its own token with ${name}`, async () => {
    const made = ownToken()
    change(made)
    const { found } = await lintText(yaml(account({}), made.object))
    assert.deepEqual(codesOf(found), [[code, status]], JSON.stringify(found))
  })

test('variables from elsewhere, a single mounted file and a slash at the end are complete, too', async () => {
  const { app, object } = ownToken()
  app.env = [app.env[2]]
  app.envFrom = [{ secretRef: { name: 'azure' } }]
  app.volumeMounts = [{ name: 'oidc', mountPath: '/var/run/oidc/token', subPath: 'token' }]
  assert.deepEqual((await lintText(yaml(object))).found, [])
  app.volumeMounts = [{ name: 'oidc', mountPath: '/var/run/oidc/' }]
  assert.deepEqual((await lintText(yaml(object))).found, [])
})

test('WI222  a token for another service is no token for Entra', async () => {
  const { app, token, object } = ownToken()
  delete app.env
  token.audience = 'istio-ca'
  assert.deepEqual(codesOf((await lintText(yaml(account(), object))).found), [['WI222', 'fail']])
})

const driverPod = (spec: KubeObject = {}, env: KubeObject[] = []) =>
  pod({
    containers: [{ name: 'app', image: 'registry.example/app:1', env }],
    volumes: [
      {
        name: 's',
        csi: {
          driver: 'secrets-store.csi.k8s.io',
          volumeAttributes: { secretProviderClass: 'secretproviderclass' },
        },
      },
    ],
    ...spec,
  })
const [secretClass] = healthyObjects.SecretProviderClass!()

test('a pod of the Secrets Store CSI driver needs no label, whether its class is known or not', async () => {
  assert.deepEqual((await lintText(yaml(account(), secretClass!, driverPod()))).found, [])
  assert.deepEqual((await lintText(yaml(account(), driverPod()))).found, [])
  assert.deepEqual((await lintText(yaml(account({}), secretClass!, driverPod()))).found, [], 'no annotation')
})

test('WI222  the label is still missing if the class asks the node, and may be if the pod calls Azure', async () => {
  const ofNode = structuredClone(secretClass!)
  ofNode.spec.parameters = { useVMManagedIdentity: 'true', tenantID: clientId }
  assert.deepEqual(codesOf((await lintText(yaml(account(), ofNode, driverPod()))).found), [['WI222', 'fail']])
  const calls = driverPod({}, [{ name: 'VAULT', value: 'https://kv-shop.vault.azure.net/' }])
  assert.deepEqual(codesOf((await lintText(yaml(account(), secretClass!, calls))).found), [['WI222', 'warn']])
})

test('WI203  the token of the driver is that of the default account', async () => {
  const alone = driverPod({ serviceAccountName: undefined })
  assert.deepEqual(codesOf((await lintText(yaml(account(), secretClass!, alone))).found), [['WI203', 'fail']])
  assert.deepEqual(codesOf((await lintText(yaml(secretClass!, alone))).found), [['WI203', 'warn']])
})

test('WI226  another identity than that of the service account', async () => {
  const other = account({ [clientIdKey]: 'bbbbbbbb-1111-4222-8333-444444444444' })
  const { found } = await lintText(yaml(other, secretClass!, driverPod()))
  assert.deepEqual(codesOf(found), [['WI226', 'warn']])
})
