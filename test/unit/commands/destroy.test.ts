import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionRequiredError } from '../../../src/base/action-required.ts'
import type { Settings } from '../../../src/settings/settings.ts'
import { runDestroyCase } from '../../laws/destroy-laws.ts'
import { stateView } from '../../laws/state-view.ts'
import { annotate, makeCluster } from '../../support/external-changes.ts'
import { refusal, textOf } from '../../support/remedies.ts'
import { actions, newTestRun } from '../../support/test-run.ts'

type Job = Awaited<ReturnType<typeof newTestRun>>

/** Returns the sandbox's state without the resource providers, which stay registered. */
const viewed = ({ state }: Job) => ({ ...stateView(state), providers: [] })
const notes = (plan: { items: { id: string; note: string | undefined }[] }) =>
  Object.fromEntries(plan.items.map(({ id, note }) => [id, note]))

const kinds: Record<string, Partial<Settings>> = {
  'app registration, roles, add-on': {},
  'managed identity and access policies': { identityKind: 'managed', vaultAccess: 'policy' },
}

for (const [name, over] of Object.entries(kinds))
  test(`destroy deletes everything a set-up created, and the same set-up recreates it: ${name}`, async () => {
    const job = await newTestRun(over)
    const before = viewed(job)
    await job.apply()
    const { plan } = await job.destroy()
    assert.deepEqual([...new Set(Object.values(actions(plan)))], ['remove'])
    assert.deepEqual({ ...viewed(job), secrets: [] }, before)
    const again = await newTestRun(over, { sandbox: job.sandbox })
    assert.equal((await again.destroy()).writes, 0)
    const second = await newTestRun(over, { sandbox: job.sandbox })
    await second.apply()
    assert.deepEqual(await second.failedCodes(), [])
  })

test('destroy purges only with --purge, and then also what is already soft-deleted', async () => {
  const job = await newTestRun()
  const before = viewed(job)
  await job.apply()
  const { plan } = await job.destroy()
  assert.match(notes(plan).vault ?? '', /can be recovered with its secret for 90 days/)
  assert.match(notes(plan).identity ?? '', /can be restored for 30 days/)
  assert.ok(await job.clients.vaults.deleted('kv-shop'))
  assert.ok(await job.clients.directory.deletedApplication(job.settings.identity))
  await (await newTestRun({}, { sandbox: job.sandbox })).destroy({ purge: true })
  assert.equal(await job.clients.vaults.deleted('kv-shop'), undefined)
  assert.equal(await job.clients.directory.deletedApplication(job.settings.identity), undefined)
  assert.deepEqual(viewed(job), before)
})

test('a vault with other secrets is retained with its group; our secret is deleted', async () => {
  const job = await newTestRun()
  await job.apply()
  const vault = await job.clients.vaults.get('rg-shop', 'kv-shop')
  await job.clients.secrets.put(vault!.uri, 'theirs', { value: 'x', tags: {} })
  const { plan } = await job.destroy()
  assert.equal(notes(plan).vault, 'contains other resources: secret theirs')
  assert.match(notes(plan)['resource-group'] ?? '', /contains the vault kv-shop, which is retained/)
  assert.deepEqual(Object.keys(job.state.vaults['kv-shop']!.secrets).length, 2)
  assert.ok(job.state.vaults['kv-shop']!.secrets['db-password']!.deletedAt)
  assert.equal(job.state.vaults['kv-shop']!.secrets.theirs!.deletedAt, undefined)
  assert.equal(Object.keys(job.state.clusters).length, 0)
})

test('a cluster that wi-setup did not create keeps its other objects and its OIDC issuer', async () => {
  const job = await newTestRun()
  const { groups, aksClusters } = job.clients
  await groups.put('rg-shop', { location: 'westeurope', tags: {} })
  for (const provider of ['Microsoft.ContainerService', 'Microsoft.KeyVault'])
    await job.clients.providers.register(provider)
  await makeCluster(job.sandbox, 'rg-shop', 'aks-shop', { location: 'westeurope', tags: {} })
  await job.apply()
  const { plan } = await job.destroy()
  assert.equal(actions(plan).cluster, 'keep')
  assert.equal(actions(plan).namespace, 'remove')
  assert.equal(actions(plan)['resource-group'], 'keep')
  assert.ok((await aksClusters.get('rg-shop', 'aks-shop'))?.issuerEnabled)
  const kube = job.clients.kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' })
  assert.equal(await kube.get('Namespace', 'shop'), undefined)
})

test('a service account that others use loses only our fields, and its namespace and cluster are retained', async () => {
  const job = await newTestRun()
  await job.apply()
  await annotate(job.sandbox, 'shop', 'checkout', { 'example.com/team': 'shop' })
  const { plan } = await job.destroy()
  assert.match(
    notes(plan)['service-account'] ?? '',
    /only the fields that wi-setup set: kubectl-annotate also uses it/,
  )
  assert.equal(actions(plan).cluster, 'keep')
  const kube = job.clients.kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' })
  const account = await kube.get('ServiceAccount', 'checkout', 'shop')
  assert.deepEqual(account?.metadata.annotations, { 'example.com/team': 'shop' })
  assert.equal(account?.metadata.labels, undefined)
})

test('an identity with other credentials is retained, and so is everything a second workload uses', async () => {
  const job = await newTestRun()
  await job.apply()
  const other = await newTestRun(
    { serviceAccount: 'billing', identity: job.settings.identity },
    { sandbox: job.sandbox },
  )
  await other.apply()
  const { plan } = await job.destroy()
  assert.match(notes(plan).identity ?? '', /contains the service principal|also used by shop\/billing/)
  assert.equal(actions(plan)['vault-access'], 'keep')
  assert.match(notes(plan).namespace ?? '', /contains other resources: ServiceAccount billing/)
  assert.equal(actions(plan).cluster, 'keep')
  assert.equal(actions(plan).vault, 'keep')
  assert.match(notes(plan)['operator-access'] ?? '', /needed to delete the secret db-password later/)
  const left = await newTestRun(
    { serviceAccount: 'billing', identity: job.settings.identity },
    { sandbox: job.sandbox },
  )
  assert.deepEqual(await left.failedCodes(), [])
  await left.destroy()
  assert.deepEqual(Object.keys(job.state.arm.resources), [])
})

test('a missing permission to delete secrets is reported before anything is deleted', async () => {
  for (const vaultAccess of ['rbac', 'policy'] as const) {
    const job = await newTestRun({ vaultAccess })
    await job.apply()
    const { uri } = (await job.clients.vaults.get('rg-shop', 'kv-shop'))!
    const put = (name: string) => job.clients.secrets.put(uri, name, { value: 'x', tags: {} })
    await put('theirs')
    const { arm } = job.state
    arm.roleAssignments = Object.fromEntries(
      Object.entries(arm.roleAssignments).filter(([, { scope }]) => !/\/vaults\//i.test(scope)),
    )
    for (const { body } of Object.values(arm.resources))
      if (/\/vaults$/i.test(body.type)) body.properties.accessPolicies = []
    const before = viewed(job)
    await assert.rejects(
      job.destroy(),
      (error: ActionRequiredError) =>
        /can't delete secrets in kv-shop/.test(error.message) &&
        (vaultAccess === 'rbac' ? /role assignment create/ : /set-policy/).test(textOf(error.remedy ?? '')),
    )
    assert.deepEqual(viewed(job), before)
  }
})

test('cluster, namespace, vault and secret are retained for a second workload with its own identity', async () => {
  const job = await newTestRun()
  await job.apply()
  const other = await newTestRun({ serviceAccount: 'billing', sample: false }, { sandbox: job.sandbox })
  await other.apply()
  const { plan } = await job.destroy()
  assert.match(notes(plan).vault ?? '', /1 other principal has access to it: [0-9a-f-]{36}/)
  assert.match(notes(plan).secret ?? '', /1 other principal has access to it: [0-9a-f-]{36}/)
  assert.equal(actions(plan).identity, 'remove')
  const left = await newTestRun({ serviceAccount: 'billing', sample: false }, { sandbox: job.sandbox })
  assert.deepEqual(await left.failedCodes(), [])
})

test('a stopped cluster is reported before anything is deleted; with --skip-unreachable it is retained', async () => {
  const job = await newTestRun()
  await job.apply()
  const [body] = Object.values(job.state.arm.resources).filter(({ body }) =>
    /managedClusters/i.test(body.type),
  )
  body!.body.properties.powerState = { code: 'Stopped' }
  await assert.rejects(
    job.destroy(),
    refusal(/The cluster aks-shop is stopped/, /az aks start .*--skip-unreachable/),
  )
  const { plan } = await job.destroy({ skipUnreachable: true })
  assert.equal(actions(plan).cluster, 'keep')
  assert.equal(actions(plan)['service-account'], 'keep')
  assert.equal(actions(plan)['federated-credential'], 'remove')
  assert.equal(actions(plan).vault, 'remove')
})

test('destroy succeeds if the cluster was already deleted', async () => {
  const job = await newTestRun()
  await job.apply()
  await job.clients.aksClusters.remove('rg-shop', 'aks-shop')
  const again = await newTestRun({}, { sandbox: job.sandbox })
  const { plan } = await again.destroy()
  assert.equal(actions(plan)['federated-credential'], 'remove')
  assert.equal(await job.clients.groups.get('rg-shop'), undefined)
})

for (const [environment, law, n] of [
  ['empty', 'part of a set-up', 5],
  ['empty', 'foreign resources', 16],
  ['existing vault with Azure RBAC and application', 'killed after', 2],
  ['existing namespace, service account and vault with access policies', 'response lost', 1],
] as const)
  test(`what was there before is left: ${environment}; ${law} ${n}`, async () => {
    const { request, failure } = await runDestroyCase({ environment, law, n })
    assert.ok(request)
    assert.equal(failure, undefined)
  })
