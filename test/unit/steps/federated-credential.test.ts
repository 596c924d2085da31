import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Remedy } from '../../../src/base/command.ts'
import { noTarget, remedyText } from '../../../src/base/command-text.ts'
import { credentialName, listCredentials, serviceAccountSubject } from '../../../src/steps/credentials.ts'
import { newTestRun } from '../../support/test-run.ts'

type TestRun = Awaited<ReturnType<typeof newTestRun>>

const identityOf = async ({ clients, settings }: TestRun) => {
  if (settings.identityKind === 'managed') {
    const { name: ref } = (await clients.identities.get(settings.resourceGroup, settings.identity))!
    return { kind: 'managed' as const, ref, group: settings.resourceGroup }
  }
  return { kind: 'app' as const, ref: (await clients.directory.application(settings.identity))!.objectId }
}

const issuers = async (job: TestRun) =>
  (await listCredentials(job.clients, await identityOf(job))).map(({ issuer }) => issuer)

for (const identityKind of ['app', 'managed'] as const)
  test(`the credential of a recreated cluster replaces the old one (${identityKind})`, async () => {
    const job = await newTestRun({ identityKind })
    await job.apply()
    const [old] = await issuers(job)
    await job.clients.aksClusters.remove('rg-shop', 'aks-shop')
    const again = await newTestRun({ identityKind }, { sandbox: job.sandbox })
    const { plan } = await again.apply()
    const rows = plan.items.find(({ id }) => id === 'federated-credential')?.details ?? []
    assert.match(
      Object.fromEntries(rows).replaces ?? '',
      /^wi-shop-checkout-[0-9a-f]{8}, whose issuer no longer exists$/,
    )
    const now = await issuers(again)
    assert.equal(now.length, 1)
    assert.notEqual(now[0], old)
    assert.equal((await again.apply()).writes, 0)
  })

test('the credential of an existing cluster, and those that others created, are kept', async () => {
  const job = await newTestRun()
  await job.apply()
  const [old] = await issuers(job)
  const { ref } = await identityOf(job)
  const dead = `${old!.replace(/[^/]+\/$/, '')}00000000-0000-4000-8000-000000000000/`
  const subject = 'system:serviceaccount:shop:checkout'
  const audience = 'api://AzureADTokenExchange'
  await job.clients.directory.putCredential(ref, { name: 'by-hand', issuer: dead, subject, audience })
  const other = await newTestRun({ cluster: 'aks-other' }, { sandbox: job.sandbox })
  await other.apply()
  assert.equal((await issuers(other)).length, 3)
  assert.ok((await issuers(other)).includes(dead))
})

test('at the limit the error names the credentials of issuers that no longer exist', async () => {
  const job = await newTestRun()
  await job.apply()
  const [issuer] = await issuers(job)
  const { ref } = await identityOf(job)
  const dead = `${issuer!.replace(/[^/]+\/$/, '')}00000000-0000-4000-8000-000000000000/`
  for (let n = 0; n < 19; n++)
    await job.clients.directory.putCredential(ref, {
      name: `other-${n}`,
      issuer: n < 2 ? dead : issuer!,
      subject: `system:serviceaccount:other:app-${n}`,
      audience: 'api://AzureADTokenExchange',
    })
  const other = await newTestRun({ cluster: 'aks-other' }, { sandbox: job.sandbox })
  await assert.rejects(other.apply(), (error: { remedy?: string }) => {
    assert.equal(error.remedy, 'Delete those whose issuer no longer exists: other-0, other-1')
    return true
  })
})

test('at the limit of a managed identity, the error says how a binding of AKS makes do without a credential', async () => {
  const job = await newTestRun({ identityKind: 'managed' })
  await job.apply()
  const [issuer] = await issuers(job)
  const { settings, clients } = job
  const put = (name: string, subject: string) =>
    clients.identities.putCredential(settings.resourceGroup, settings.identity, {
      name,
      issuer: issuer!,
      subject,
      audience: 'api://AzureADTokenExchange',
    })
  for (let n = 0; n < 18; n++) await put(`other-${n}`, `system:serviceaccount:other:app-${n}`)
  const fullRemedy = async () => {
    const other = await newTestRun(
      { identityKind: 'managed', identity: settings.identity, serviceAccount: 'billing' },
      { sandbox: job.sandbox },
    )
    const error = await other.plan().then(
      () => undefined,
      (reason: Error & { remedy?: Remedy }) => reason,
    )
    assert.match(error?.message ?? '', /already has 20 federated credentials, the maximum/)
    return remedyText(error!.remedy!, noTarget)
  }
  // A binding needs a credential of AKS, too, and there is no room for it.
  await put('last', 'system:serviceaccount:other:last')
  assert.match(await fullRemedy(), /delete one and use identity bindings of AKS/)
  await clients.identities.removeCredential(settings.resourceGroup, settings.identity, 'last')
  await put('aks-identity-binding', 'of AKS')
  const text = await fullRemedy()
  assert.match(text, /az aks identity-binding create .*--cluster-name aks-shop --name shop-billing/)
  assert.match(text, /use-managed-identity/)
  assert.match(text, /use-identity-binding: "true" on its pods/)

  const { id, clientId } = (await clients.identities.get(settings.resourceGroup, settings.identity))!
  const { resources } = job.sandbox.state.arm
  const cluster = Object.values(resources).find(({ body }) => body.name === 'aks-shop')!
  cluster.identityBindings = [{ name: 'shop-billing', identityId: id }]
  // What the cluster has already is left out.
  assert.doesNotMatch(await fullRemedy(), /az aks/)
  const kube = clients.kubernetes({ kind: 'aks', group: settings.resourceGroup, cluster: 'aks-shop' })
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  const metadata = { name: 'use-identity' }
  const rule = { apiGroups: ['cid.wi.aks.azure.com'], resources: [clientId], verbs: ['use-managed-identity'] }
  await kube.apply({ apiVersion, kind: 'ClusterRole', metadata, rules: [rule] })
  await kube.apply({
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'use-identity' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'shop', name: 'billing' }],
  })
  const bound = await newTestRun(
    { identityKind: 'managed', identity: settings.identity, serviceAccount: 'billing' },
    { sandbox: job.sandbox },
  )
  const credential = (await bound.plan()).items.find((each) => each.id === 'federated-credential')
  assert.equal(credential?.action, 'keep')
})

/** Adds credentials of other workloads until there are so many. */
async function fillUp({ clients }: TestRun, ref: string, issuer: string, count: number) {
  const { length } = await clients.directory.credentials(ref)
  for (let n = length; n < count; n++)
    await clients.directory.putCredential(ref, {
      name: `other-${n}`,
      issuer,
      subject: `system:serviceaccount:other:app-${n}`,
      audience: 'api://AzureADTokenExchange',
    })
}

test('a recreated cluster needs no room in an identity whose credentials are all in use but its own', async () => {
  const job = await newTestRun()
  await job.apply()
  const { ref } = await identityOf(job)
  const other = await newTestRun(
    { cluster: 'aks-other', serviceAccount: 'billing' },
    { sandbox: job.sandbox },
  )
  await other.apply()
  const living = (await issuers(job)).at(-1)!
  await fillUp(job, ref, living, 20)
  await job.clients.aksClusters.remove('rg-shop', 'aks-shop')
  const again = await newTestRun({}, { sandbox: job.sandbox })
  await again.apply()
  const now = await issuers(again)
  assert.deepEqual([now.length, now.filter((issuer) => issuer === living).length], [20, 19])
})

test('WI407  names the credential of a dead issuer, not that of another living cluster', async () => {
  const job = await newTestRun()
  await job.apply()
  const other = await newTestRun({ cluster: 'aks-other' }, { sandbox: job.sandbox })
  await other.apply()
  const [living] = await issuers(job)
  const { ref } = await identityOf(job)
  await fillUp(job, ref, living!.replace(/[^/]+\/$/, '00000000-0000-4000-8000-000000000000/'), 18)
  const found = (await other.verify()).find(({ code }) => code === 'WI407')!
  assert.equal(found.status, 'warn')
  assert.match(`${found.detail} ${found.remedy}`, /other-2 is for an issuer that no longer exists.*other-2/s)
})

test('an issuer that can only not be read from here is not taken for one that no longer exists', async () => {
  const job = await newTestRun()
  await job.apply()
  const { ref } = await identityOf(job)
  const issuer = 'https://issuer.invalid/cluster/'
  const subject = 'system:serviceaccount:shop:checkout'
  await job.clients.directory.putCredential(ref, {
    name: credentialName({ subject: serviceAccountSubject(job.settings), issuer }),
    ...{ issuer, subject, audience: 'api://AzureADTokenExchange' },
  })
  const other = await newTestRun({ cluster: 'aks-other' }, { sandbox: job.sandbox })
  await other.apply()
  assert.ok((await issuers(other)).includes(issuer))
})
