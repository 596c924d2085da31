import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { stringify } from 'yaml'
import { createCluster } from '../../../sandbox/index.ts'
import { openKube } from '../../support/kube-session.ts'
import { request } from '../../support/request.ts'
import { newSandbox } from '../../support/sandbox.ts'
import { newTestRun } from '../../support/test-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'wi-real-'))
after(() => rmSync(folder, { recursive: true }))

test('with a kubeconfig the managed clusters stand for a cluster outside', async () => {
  const outside = await newSandbox()
  after(() => outside.close())
  const { config, made } = await openKube(outside)
  const kubeconfig = join(folder, 'config')
  writeFileSync(kubeconfig, stringify(config))

  const job = await newTestRun({ webhook: 'helm' }, { kubeconfig })
  const only = (ids: string[]) => async () => {
    const plan = await job.plan()
    return {
      items: plan.items.map((item) => (ids.includes(item.id) ? item : { ...item, action: 'keep' as const })),
    }
  }
  await job.apply(await only(['providers', 'resource-group', 'cluster'])())
  const found = await job.clients.aksClusters.get('rg-shop', 'aks-shop')
  const text = await job.clients.aksClusters.kubeconfig('rg-shop', 'aks-shop')
  assert.match(text, new RegExp(`server: ${config.clusters[0].cluster.server}\n`))
  assert.match(text, /current-context: aks-shop\n/)
  assert.match(text, /name: clusterUser_rg-shop_aks-shop\n/)
  const { body } = await request(job.sandbox, `${found?.issuer}openid/v1/jwks`)
  assert.deepEqual(
    body.keys.map(({ kid }: { kid: string }) => kid),
    made.signingKeys.map(({ kid }) => kid),
  )
  await assert.rejects(
    job.clients.aksClusters.enable('rg-shop', 'aks-shop', { workloadIdentity: true }),
    /is a real cluster/,
  )
})

test('an issuer of this sandbox that the cluster outside was started with is kept, for one cluster', async () => {
  const outside = await newSandbox()
  after(() => outside.close())
  const { config, made } = await openKube(outside)
  const kubeconfig = join(folder, 'with-issuer')
  writeFileSync(kubeconfig, stringify(config))
  const sandbox = await newSandbox({ kubeconfig })
  after(() => sandbox.close())
  const issuer = `${sandbox.simulator.addresses.issuers}/westeurope/e2e/e2e/`
  made.issuer = issuer
  const issuers = []
  for (const fqdn of ['one.example', 'two.example']) {
    const of = { fqdn, resourceId: `/${fqdn}`, region: 'westeurope', tenantId: 't', version: '1.35.0' }
    issuers.push((await createCluster(sandbox.simulator, of)).issuer)
  }
  assert.equal(issuers[0], issuer)
  assert.match(issuers[1]!, /\/westeurope\/t\/[\da-f-]{36}\/$/)
})

test('a kubeconfig that leads nowhere is told at the start', async () => {
  const path = join(folder, 'none')
  writeFileSync(path, stringify({ 'current-context': 'x', contexts: [] }))
  await assert.rejects(newSandbox({ kubeconfig: path }), /has no context "x"/)
})
