import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { applySetUp, azureWrites, e2eEnvironment, resourceVersions, setUpFlags } from './environment.ts'

const environment = e2eEnvironment()
const account = () =>
  JSON.parse(
    environment.kubectl(['get', 'serviceaccount/checkout', '--namespace', 'shop', '--output', 'json']),
  )
const clientId = () => account().metadata.annotations['azure.workload.identity/client-id']
const other = '00000000-0000-4000-8000-000000000000'
const system = 'azure-workload-identity-system'

before(() => applySetUp(environment))
after(() => applySetUp(environment))

test('a field changed with kubectl is reported with its manager and repaired; other fields stay', async () => {
  const before = clientId()
  const annotate = ['annotate', 'serviceaccount/checkout', '--namespace', 'shop', '--overwrite']
  environment.kubectl([...annotate, `azure.workload.identity/client-id=${other}`, 'example.com/team=shop'])
  const plan = await environment.run(['plan', ...setUpFlags(environment)])
  assert.match(plan.stdout + plan.stderr, /kubectl-annotate/)
  await applySetUp(environment)
  assert.equal(clientId(), before)
  assert.equal(account().metadata.annotations['example.com/team'], 'shop')
})

test('a field that another manager owns is taken over only with consent', async () => {
  const before = clientId()
  const wanted = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: 'checkout',
      namespace: 'shop',
      annotations: { 'azure.workload.identity/client-id': other },
      labels: { 'argocd.argoproj.io/instance': 'shop' },
    },
    imagePullSecrets: [{ name: 'registry' }],
  }
  const manager = ['--server-side', '--field-manager', 'argocd-controller', '--force-conflicts']
  environment.kubectl(['apply', ...manager, '--filename', '-'], JSON.stringify(wanted))
  const unconfirmed = await environment.run(setUpFlags(environment))
  assert.equal(unconfirmed.code, 2)
  assert.match(unconfirmed.stdout + unconfirmed.stderr, /argocd-controller/)
  assert.equal(clientId(), other)
  await applySetUp(environment)
  assert.equal(clientId(), before)
  assert.equal(account().metadata.labels['argocd.argoproj.io/instance'], 'shop')
  assert.deepEqual(account().imagePullSecrets, [{ name: 'registry' }])
})

test('labels of other managers stay on the namespace', async () => {
  const label = ['label', 'namespace/shop', '--overwrite', 'team=shop']
  environment.kubectl([...label, 'pod-security.kubernetes.io/enforce=baseline'])
  const before = [azureWrites(environment), resourceVersions(environment, 'shop')]
  await applySetUp(environment)
  assert.deepEqual([azureWrites(environment), resourceVersions(environment, 'shop')], before)
  environment.kubectl([
    'label',
    'namespace/shop',
    'team-',
    'pod-security.kubernetes.io/enforce=restricted',
    '--overwrite',
  ])
})

test('an existing webhook is reused, whoever installed it', async () => {
  environment.helm(['uninstall', 'workload-identity-webhook', '--namespace', system, '--wait'])
  const values = [`azureTenantID=${environment.env.AZURE_TENANT_ID}`, 'azureEnvironment=AzurePublicCloud']
  const install = [
    'install',
    'wi',
    environment.chart,
    '--namespace',
    'platform',
    '--create-namespace',
    '--wait',
  ]
  environment.helm([...install, '--set', values.join()])
  const before = [azureWrites(environment), resourceVersions(environment, 'shop')]
  const json = await applySetUp(environment)
  assert.deepEqual([azureWrites(environment), resourceVersions(environment, 'shop')], before)
  assert.match(json.checks.find(({ code }) => code === 'WI301')?.detail ?? '', /Helm release platform\/wi/)
  const releases = JSON.parse(environment.helm(['list', '--all', '--all-namespaces', '--output', 'json']))
  assert.deepEqual(
    releases.map(({ name }: { name: string }) => name),
    ['wi'],
  )
  environment.helm(['uninstall', 'wi', '--namespace', 'platform', '--wait'])
})
