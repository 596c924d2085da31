import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parse, stringify } from 'yaml'
import { chainChecks } from '../../../src/checks/index.ts'
import { type InjectionEvidence, kubernetesRules } from '../../../src/checks/kubernetes-rules.ts'
import { verify } from '../../../src/engine/verify.ts'
import { newWorkloadCluster } from '../../support/workload-cluster.ts'
import type { KubeObject } from '../../support/workloads/healthy.ts'

const at = await newWorkloadCluster({ sample: true })
const folder = mkdtempSync(join(tmpdir(), 'wi-injection-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const rbac = 'rbac.authorization.k8s.io'
const configurationPath =
  'apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/azure-wi-webhook-mutating-webhook-configuration'

/** Creates a service account with the roles of verify and nothing else, and returns the run as this caller. */
async function callerWith(name: string, evidence: InjectionEvidence) {
  const kubeconfig = join(folder, name)
  const { cluster: _, ...settings } = { ...at.settings, kubeconfig }
  const rules = kubernetesRules(settings, evidence).verify
  const subjects = [{ kind: 'ServiceAccount', name, namespace: 'default' }]
  await at.kube('POST', 'api/v1/namespaces/default/serviceaccounts', { metadata: { name } })
  for (const [namespace, kind, each] of [
    ['shop', 'Role', rules.namespace],
    ['kube-system', 'Role', rules.webhook],
    ['', 'ClusterRole', rules.cluster],
  ] as const) {
    const path = `apis/${rbac}/v1${namespace && `/namespaces/${namespace}`}/${kind.toLowerCase()}`
    await at.kube('POST', `${path}s`, { metadata: { name }, rules: each })
    await at.kube('POST', `${path}bindings`, {
      metadata: { name },
      roleRef: { apiGroup: rbac, kind, name },
      subjects,
    })
  }
  const admin = at.clients.kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' })
  const config = parse(await admin.kubeconfig())
  const audience = (await admin.issuer())!
  config.users[0].user = { token: await admin.token('default', name, { audience, seconds: 3600 }) }
  writeFileSync(kubeconfig, stringify(config), { mode: 0o600 })
  return { ...at.run, settings: settings as typeof at.settings }
}
const byDryRun = await callerWith('with-pods', 'dry run')
const byConfiguration = await callerWith('without-pods', 'configuration')

async function verifyAs(run: typeof at.run) {
  at.run.forgetReads()
  const before = at.sandbox.journal.length
  const results = await verify(chainChecks, run)
  const sent = at.sandbox.journal.slice(before).map(({ method, path }) => `${method} ${path}`)
  return { results, sent, byCode: Object.fromEntries(results.map((each) => [each.code, each])) }
}

test('each of the two roles is sufficient, and verify says which of the two it did', async () => {
  const toCluster: number[] = []
  for (const [run, detail, dryRuns] of [
    [byDryRun, /by a dry run of a pod/, 1],
    [byConfiguration, /by the webhook's configuration: you can't create pods/, 0],
  ] as const) {
    const { results, sent, byCode } = await verifyAs(run)
    assert.deepEqual(
      results.filter(({ status }) => status === 'fail' || status === 'warn'),
      [],
    )
    assert.equal(byCode.WI604?.status, 'pass')
    assert.match(byCode.WI206!.detail, detail)
    assert.match(byCode.WI201!.detail, detail)
    assert.equal(sent.filter((each) => /^POST .*\/namespaces\/shop\/pods\b/.test(each)).length, dryRuns)
    toCluster.push(sent.filter((each) => each.includes(' /kube/')).length)
  }
  assert.ok(toCluster[1]! <= toCluster[0]! + 1, `${toCluster} requests`)
})

test('the role without the right to create pods has no rule that is not needed', async () => {
  const { namespace, webhook } = kubernetesRules(byConfiguration.settings, 'configuration').verify
  assert.doesNotMatch(JSON.stringify(namespace), /"pods"/)
  for (const [path, rules] of [
    [`apis/${rbac}/v1/namespaces/shop/roles/without-pods`, namespace],
    [`apis/${rbac}/v1/namespaces/kube-system/roles/without-pods`, webhook],
  ] as const) {
    for (const [index, rule] of rules.entries()) {
      await at.kube('PATCH', path, { rules: rules.filter((_, other) => other !== index) })
      const { results } = await verifyAs(byConfiguration)
      const failed = results.find(({ status }) => status === 'fail')
      assert.ok(failed?.detail.includes(`${rule.verbs[0]} ${rule.resources?.[0]}`), JSON.stringify(failed))
    }
    await at.kube('PATCH', path, { rules })
  }
})

const changes: { name: string; webhook: object; code: string; status?: string; detail: RegExp }[] = [
  {
    name: 'a selector of other pods',
    webhook: { objectSelector: { matchLabels: { other: 'true' } } },
    code: 'WI201',
    detail: /doesn't select pods/,
  },
  {
    name: 'an expression that excludes the pods',
    webhook: {
      objectSelector: {
        matchExpressions: [{ key: 'azure.workload.identity/use', operator: 'NotIn', values: ['true'] }],
      },
    },
    code: 'WI201',
    detail: /doesn't select pods/,
  },
  {
    name: 'rules for other operations',
    webhook: {
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['pods'] }],
    },
    code: 'WI201',
    detail: /doesn't cover the creation of pods/,
  },
  {
    name: 'rules for another resource',
    webhook: {
      rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['services'] }],
    },
    code: 'WI201',
    detail: /doesn't cover the creation of pods/,
  },
  {
    name: 'a namespace selector by label',
    webhook: { namespaceSelector: { matchLabels: { inject: 'yes' } } },
    code: 'WI206',
    detail: /lacks a label/,
  },
  {
    name: 'a namespace selector by expression',
    webhook: {
      namespaceSelector: {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['shop'] }],
      },
    },
    code: 'WI206',
    detail: /doesn't match namespace shop/,
  },
  {
    name: 'failure policy Ignore',
    webhook: { failurePolicy: 'Ignore' },
    code: 'WI201',
    status: 'warn',
    detail: /pods start without the token/,
  },
  {
    name: 'match conditions',
    webhook: { matchConditions: [{ name: 'never', expression: 'false' }] },
    code: 'WI201',
    status: 'warn',
    detail: /only a dry run/,
  },
]

for (const { name, webhook, code, status = 'fail', detail } of changes)
  test(`the configuration is judged without a dry run: ${name}`, async () => {
    const { webhooks } = await at.kube('GET', configurationPath)
    const changed = webhooks.map((each: KubeObject) => ({ ...each, ...webhook }))
    await at.kube('PATCH', configurationPath, { webhooks: changed })
    const { byCode } = await verifyAs(byConfiguration)
    await at.kube('PATCH', configurationPath, { webhooks })
    assert.equal(byCode[code]?.status, status)
    assert.match(byCode[code]!.detail, detail)
  })

test('expressions that match are no finding, and a namespace of AKS is one', async () => {
  const { webhooks } = await at.kube('GET', configurationPath)
  const namespaceSelector = {
    matchExpressions: [
      { key: 'control-plane', operator: 'NotIn', values: ['true'] },
      { key: 'kubernetes.io/metadata.name', operator: 'Exists' },
      { key: 'absent', operator: 'DoesNotExist' },
    ],
  }
  await at.kube('PATCH', configurationPath, {
    webhooks: webhooks.map((each: KubeObject) => ({ ...each, namespaceSelector })),
  })
  assert.equal((await verifyAs(byConfiguration)).byCode.WI206?.status, 'pass')
  await at.kube('PATCH', configurationPath, { webhooks })
  const label = (value: string | null) =>
    at.kube('PATCH', 'api/v1/namespaces/shop', { metadata: { labels: { 'control-plane': value } } })
  await label('true')
  assert.match((await verifyAs(byConfiguration)).byCode.WI206!.detail, /AKS excludes namespace shop/)
  await label(null)
})

test("the webhook's tenant and audience are judged from its ConfigMap and its arguments", async () => {
  const config = 'api/v1/namespaces/kube-system/configmaps/azure-wi-webhook-config'
  const { data } = await at.kube('GET', config)
  const annotations = 'api/v1/namespaces/shop/serviceaccounts/checkout'
  const tenantKey = 'azure.workload.identity/tenant-id'
  const before = (await at.kube('GET', annotations)).metadata.annotations[tenantKey] ?? null
  await at.kube('PATCH', annotations, { metadata: { annotations: { [tenantKey]: null } } })
  await at.kube('PATCH', config, { data: { AZURE_TENANT_ID: '99999999-0000-4000-8000-000000000000' } })
  assert.equal((await verifyAs(byConfiguration)).byCode.WI305?.status, 'fail')
  await at.kube('PATCH', config, { data })
  await at.kube('PATCH', annotations, { metadata: { annotations: { [tenantKey]: before } } })

  const deployment = 'apis/apps/v1/namespaces/kube-system/deployments/azure-wi-webhook-controller-manager'
  const { spec } = await at.kube('GET', deployment)
  const [container] = spec.template.spec.containers
  const withArgs = (args: string[]) =>
    at.kube('PATCH', deployment, { spec: { template: { spec: { containers: [{ ...container, args }] } } } })
  await withArgs([...container.args, '--audience=api://other'])
  const { byCode } = await verifyAs(byConfiguration)
  await withArgs(container.args)
  assert.match(byCode.WI201?.detail ?? '', /different audience/)
})
