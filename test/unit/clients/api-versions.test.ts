import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { stringify } from 'yaml'
import { clusterKinds } from '../../../src/checks/objects/find-objects.ts'
import { connect } from '../../../src/clients/connect.ts'
import { openKube } from '../../support/kube-session.ts'
import { connectedSandbox } from '../../support/sandbox.ts'
import { definition } from '../../support/workloads/definitions.ts'

// A group's preferred version is that of its newest kind: the Prometheus operator has Prometheus in v1 and
// PrometheusAgent in v1alpha1, Crossplane has Provider in v1 and DeploymentRuntimeConfig in v1beta1.

const environment = await connectedSandbox()
const { call, config } = await openKube(environment.sandbox)
const folder = mkdtempSync(join(tmpdir(), 'wi-versions-'))
after(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'config'), stringify(config))
const kube = connect({ ...environment, env: { KUBECONFIG: join(folder, 'config') } }).kubernetes({
  kind: 'kubeconfig',
  path: undefined,
  context: undefined,
})

const operator = 'monitoring.coreos.com'
const kinds = [
  { kind: 'Prometheus', plural: 'prometheuses', version: 'v1' },
  { kind: 'PrometheusAgent', plural: 'prometheusagents', version: 'v1alpha1' },
]
const found = (objects: { apiVersion?: string; kind: string; metadata: { name: string } }[]) =>
  objects.map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`).sort()

for (const { kind, plural, version } of kinds) {
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const made = await call('POST', definitions, definition(operator, { kind, plural, version }))
  assert.equal(made.status, 201)
  const { status } = await call('POST', `/apis/${operator}/${version}/namespaces/default/${plural}`, {
    apiVersion: `${operator}/${version}`,
    kind,
    metadata: { name: 'web' },
    spec: {},
  })
  assert.equal(status, 201)
}

test('objects are found in whatever version of the group serves their kind', async () => {
  const { objects, forbidden } = await kube.customObjects(clusterKinds, 'default')
  assert.deepEqual(found(objects), [
    'monitoring.coreos.com/v1 Prometheus web',
    'monitoring.coreos.com/v1alpha1 PrometheusAgent web',
  ])
  assert.deepEqual(forbidden, [])
})

test("the contents of a namespace include kinds that the group's preferred version lacks, each once", async () => {
  const contents = await kube.contents('default')
  const names = contents.filter(({ metadata }) => metadata.name === 'web').map(({ kind }) => kind)
  assert.deepEqual(names.sort(), ['Prometheus', 'PrometheusAgent'])
})
