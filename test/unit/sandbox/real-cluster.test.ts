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

test('with a kubeconfig, managed clusters represent a real cluster', async () => {
  const realSandbox = await newSandbox()
  after(() => realSandbox.close())
  const { config, made } = await openKube(realSandbox)
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

test('the first managed cluster gets the issuer of the real cluster', async () => {
  const realSandbox = await newSandbox()
  after(() => realSandbox.close())
  const { config, made } = await openKube(realSandbox)
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

test('an unusable kubeconfig fails at startup', async () => {
  const path = join(folder, 'none')
  writeFileSync(path, stringify({ 'current-context': 'x', contexts: [] }))
  await assert.rejects(newSandbox({ kubeconfig: path }), /has no context "x"/)
})
