import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionRequiredError } from '../../../src/base/action-required.ts'
import { plan as inspect } from '../../../src/engine/plan.ts'
import type { Settings } from '../../../src/settings/settings.ts'
import { clientIdKey } from '../../../src/steps/service-account.ts'
import { annotate, makeApplication, makeCluster } from '../../support/external-changes.ts'
import { actions, newTestRun } from '../../support/test-run.ts'

const kinds: Record<string, Partial<Settings>> = {
  'app registration, roles, add-on': {},
  'managed identity': { identityKind: 'managed' },
  'access policies': { vaultAccess: 'policy' },
  'managed identity and access policies': { identityKind: 'managed', vaultAccess: 'policy' },
  'Windows workload': { os: 'windows', sampleImage: 'node:24-windows' },
  'Windows workload without an image for the sample': { os: 'windows' },
  'without sample': { sample: false },
  'names with dots': { serviceAccount: 'check.out', identity: 'wi_shop-checkout' },
}

for (const [name, over] of Object.entries(kinds))
  test(`a set-up from nothing passes all checks, and a second one changes nothing: ${name}`, async () => {
    const job = await newTestRun(over)
    const first = await job.apply()
    assert.ok(
      first.plan.items.every(({ action }) => action === 'create'),
      JSON.stringify(actions(first.plan)),
    )
    assert.deepEqual(
      (await job.verify()).filter(({ status }) => status !== 'pass'),
      [],
    )
    const second = await job.apply()
    assert.equal(second.writes, 0)
    assert.deepEqual(new Set(Object.values(actions(second.plan))), new Set(['keep']))
  })

test('an AKS cluster without OIDC issuer is changed in place and keeps its tags', async () => {
  const job = await newTestRun()
  const { groups, aksClusters } = job.clients
  await job.apply(await onlyProviders(job))
  await groups.put('rg-shop', { location: 'northeurope', tags: { team: 'shop' } })
  await makeCluster(job.sandbox, 'rg-shop', 'aks-shop', { location: 'northeurope', tags: { team: 'shop' } })
  const planned = await job.plan()
  const cluster = planned.items.find(({ id }) => id === 'cluster')
  assert.equal(cluster?.action, 'change')
  assert.deepEqual(
    cluster?.changes.map(({ field, is, want }) => [field, is, want]),
    [
      ['OIDC issuer', 'off', 'on'],
      ['workload identity', 'off', 'on'],
    ],
  )
  await job.apply(planned)
  const after = await aksClusters.get('rg-shop', 'aks-shop')
  assert.deepEqual(after?.tags, { team: 'shop' })
  assert.ok(after?.issuerEnabled && after.workloadIdentity)
  assert.deepEqual(await job.failedCodes(), [])
})

test('an existing vault keeps its own access model', async () => {
  const job = await newTestRun({ vaultAccess: 'rbac' })
  await job.apply(await onlyProviders(job))
  await job.clients.groups.put('rg-shop', { location: 'westeurope', tags: {} })
  const tenantId = job.settings.tenant
  await job.clients.vaults.create('rg-shop', 'kv-shop', {
    location: 'westeurope',
    tenantId,
    access: 'policy',
    tags: {},
  })
  const { plan } = await job.apply()
  assert.equal(actions(plan).vault, 'keep')
  assert.equal((await job.clients.vaults.get('rg-shop', 'kv-shop'))?.access, 'policy')
  assert.deepEqual(await job.failedCodes(), [])
})

test('another application with the same display name is left alone', async () => {
  const job = await newTestRun()
  const { id } = await makeApplication(job.sandbox, job.settings.identity)
  const { plan } = await job.apply()
  assert.equal(actions(plan).identity, 'create')
  assert.match(
    plan.items.find((item) => item.id === 'identity')?.note ?? '',
    /other application has the same display name/,
  )
  const named = await job.clients.directory.applicationsNamed(job.settings.identity)
  assert.equal(named.length, 2)
  assert.deepEqual(await job.clients.directory.credentials(id), [])
  assert.deepEqual(await job.failedCodes(), [])
})

test('a soft-deleted vault is recovered with its secret', async () => {
  const job = await newTestRun()
  await job.apply()
  const before = (await job.verify()).length
  await job.clients.vaults.remove('rg-shop', 'kv-shop')
  assert.ok((await job.failedCodes()).includes('WI505'))
  const planned = await job.plan()
  assert.match(planned.items.find(({ id }) => id === 'vault')?.note ?? '', /recovers the vault deleted on/)
  await job.apply(planned)
  assert.equal((await job.verify()).filter(({ status }) => status === 'pass').length, before)
})

test('a vault name that is taken by others fails before the first write', async () => {
  const job = await newTestRun({ vault: 'taken-by-others' })
  await assert.rejects(job.plan(), /taken-by-others is in use outside your subscription/)
  assert.equal(job.sandbox.journal.filter(({ write }) => write).length, 0)
})

test('a vault that exists in another resource group is reported with that group', async () => {
  const job = await newTestRun()
  await job.apply()
  const elsewhere = await newTestRun({ resourceGroup: 'rg-other' }, { sandbox: job.sandbox })
  await assert.rejects(elsewhere.plan(), (error: ActionRequiredError) => {
    assert.equal(error.message, 'The vault kv-shop is in the resource group rg-shop')
    assert.match(elsewhere.run.print(error.remedy!), /--vault-resource-group rg-shop/)
    return true
  })
})

test('two concurrent runs create no duplicates, and a third run passes all checks', async () => {
  const job = await newTestRun()
  const other = await newTestRun({}, { sandbox: job.sandbox })
  await Promise.allSettled([job.apply(), other.apply()])
  await job.apply()
  assert.deepEqual(await job.failedCodes(), [])
  assert.equal((await job.clients.directory.applicationsNamed(job.settings.identity)).length, 1)
  assert.equal((await job.apply()).writes, 0)
})

test('a service account keeps the fields of other owners', async () => {
  const job = await newTestRun()
  await job.apply()
  const kube = job.clients.kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' })
  await annotate(job.sandbox, 'shop', 'checkout', {
    [clientIdKey]: '00000000-0000-4000-8000-000000000000',
    'example.com/team': 'shop',
  })
  const planned = await job.plan()
  const change = planned.items.find(({ id }) => id === 'service-account')?.changes[0]
  assert.equal(change?.is, '00000000-0000-4000-8000-000000000000')
  assert.equal(change?.owner, 'kubectl-annotate')
  await job.apply(planned)
  const account = await kube.get('ServiceAccount', 'checkout', 'shop')
  assert.equal(account?.metadata.annotations?.['example.com/team'], 'shop')
  assert.notEqual(account?.metadata.annotations?.[clientIdKey], '00000000-0000-4000-8000-000000000000')
  assert.deepEqual(await job.failedCodes(), [])
})

test('the limit of 20 federated credentials is reported in the plan', async () => {
  const job = await newTestRun()
  await job.apply()
  const application = await job.clients.directory.application(job.settings.identity)
  for (let n = 1; n < 20; n++)
    await job.clients.directory.putCredential(application!.objectId, {
      name: `other-${n}`,
      issuer: 'https://issuer.example/',
      subject: `system:serviceaccount:other:${n}`,
      audience: 'api://AzureADTokenExchange',
    })
  const other = { ...job.run, settings: { ...job.settings, serviceAccount: 'another' } }
  job.run.forgetReads()
  await assert.rejects(inspect(job.steps, other), /already has 20 federated credentials, the maximum/)
})

const onlyProviders = async (job: Awaited<ReturnType<typeof newTestRun>>) => {
  const planned = await job.plan()
  return {
    items: planned.items.map((item) =>
      item.id === 'providers' ? item : { ...item, action: 'keep' as const },
    ),
  }
}
