import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wiSetup } from '../../../../src/base/command.ts'
import { noTarget, remedyText } from '../../../../src/base/command-text.ts'
import { findKnownImage } from '../../../../src/checks/workloads/known-images.ts'
import { remedyFor } from '../../../../src/checks/workloads/remedy.ts'
import { isAtLeast, type LintContext } from '../../../../src/checks/workloads/rule.ts'
import { workloadRules } from '../../../../src/checks/workloads/rules.ts'
import { parseWorkloadKind, type Workload } from '../../../../src/checks/workloads/workload.ts'
import { healthyWorkloads, type KubeObject } from '../../../support/workloads/healthy.ts'

const context: LintContext = {
  audience: 'api://AzureADTokenExchange',
  identityAccount: () => 'checkout',
  serviceAccount: () => 'unknown',
  clientIdElsewhere: () => undefined,
  usesPodTokens: () => 'unknown',
  namespace: () => 'unknown',
  configMap: () => 'unknown',
  kubernetesVersion: undefined,
  webhookVersion: undefined,
  command: (word) => wiSetup(word),
}

const workload = (object: KubeObject, more: Partial<Workload> = {}): Workload => ({
  kind: object.kind,
  namespace: object.metadata.namespace,
  name: object.metadata.name,
  object: object as Workload['object'],
  pods: [],
  selectedByName: false,
  location: undefined,
  owner: undefined,
  ...more,
})

const codes = (of: Workload, over: Partial<LintContext> = {}) =>
  workloadRules.filter((rule) => rule.inspect(of, { ...context, ...over }).length).map(({ code }) => code)

test('WI208  requires fsGroup on Kubernetes 1.18', () => {
  const object: KubeObject = healthyWorkloads.Deployment()
  assert.deepEqual(codes(workload(object), { kubernetesVersion: '1.18.20' }), ['WI208'])
  assert.deepEqual(codes(workload(object), { kubernetesVersion: '1.19.0' }), [])
  object.spec.template.spec.securityContext.fsGroup = 2000
  assert.deepEqual(codes(workload(object), { kubernetesVersion: '1.18.20' }), [])
})

test('WI223  reports namespaces that AKS excludes', () => {
  const object: KubeObject = healthyWorkloads.Deployment()
  object.metadata.namespace = 'kube-system'
  const elsewhere = { identityAccount: () => undefined }
  assert.deepEqual(codes(workload(object), elsewhere), ['WI223'])
  object.metadata.namespace = 'gatekeeper'
  const namespace = (labels: KubeObject) => () => ({ metadata: { name: 'gatekeeper', labels } }) as never
  const found = (labels: KubeObject) =>
    codes(workload(object), { ...elsewhere, namespace: namespace(labels) })
  assert.deepEqual(found({ 'control-plane': 'true' }), ['WI223'])
  assert.deepEqual(found({ 'kubernetes.azure.com/managedby': 'aks' }), ['WI223'])
  // kubebuilder sets this label on operators' namespaces; AKS doesn't exclude them.
  assert.deepEqual(found({ 'control-plane': 'controller-manager' }), [])
})

test('WI210  is an error where the namespace rejects the proxy, and a warning elsewhere', () => {
  const object: KubeObject = healthyWorkloads.Deployment()
  object.spec.template.metadata.annotations = { 'azure.workload.identity/inject-proxy-sidecar': 'true' }
  const rule = workloadRules.find(({ code }) => code === 'WI210')!
  const namespace = (level: string) => () =>
    ({ metadata: { name: 'shop', labels: { 'pod-security.kubernetes.io/enforce': level } } }) as never
  assert.equal(rule.inspect(workload(object), context)[0]?.warning, true)
  assert.equal(
    rule.inspect(workload(object), { ...context, namespace: namespace('privileged') })[0]?.warning,
    true,
  )
  assert.equal(
    rule.inspect(workload(object), { ...context, namespace: namespace('baseline') })[0]?.warning,
    undefined,
  )
})

test('WI216  replaces commas in skip-containers with semicolons', () => {
  const object: KubeObject = healthyWorkloads.Deployment()
  object.spec.template.metadata.annotations = { 'azure.workload.identity/skip-containers': 'logs, envoy' }
  const rule = workloadRules.find(({ code }) => code === 'WI216')!
  const [fault] = rule.inspect(workload(object), context)
  assert.match(fault!.detail, /separate names with ";"/)
  assert.equal(fault!.should, 'logs')
})

test('WI207  recognizes images with a fixed path by their version', () => {
  assert.ok(findKnownImage('xpkg.upbound.io/upbound/provider-azure-network:v2.5.0'))
  assert.ok(findKnownImage('registry.example:5000/provider-family-azure:2.6.0@sha256:00'))
  for (const image of [
    'xpkg.upbound.io/upbound/provider-azure-network:v2.6.1',
    'xpkg.upbound.io/upbound/provider-azure-network:latest',
    'registry.example:5000/provider-azure-network',
    'registry.example/provider-aws-network:v2.0.0',
  ])
    assert.equal(findKnownImage(image), undefined, image)
})

test('the remedy names an owner of an unknown kind', () => {
  const object: KubeObject = healthyWorkloads.Pod()
  delete object.metadata.labels['azure.workload.identity/use']
  const pod = workload(object, { owner: 'Rollout web', pods: [object as Workload['object']] })
  const rule = workloadRules.find(({ code }) => code === 'WI222')!
  assert.equal(
    remedyText(remedyFor(pod, rule.inspect(pod, context)[0]!), noTarget),
    'In Rollout web, which creates the pods: add azure.workload.identity/use: "true"   (metadata.labels of the pod template)',
  )
})

test("accepts kubectl's names of the kinds", () => {
  for (const [word, kind] of Object.entries({
    deploy: 'Deployment',
    'deployments.apps': 'Deployment',
    STS: 'StatefulSet',
    cj: 'CronJob',
    po: 'Pod',
    'job.batch': 'Job',
  }))
    assert.equal(parseWorkloadKind(word), kind, word)
  assert.equal(parseWorkloadKind('svc'), undefined)
})

test('compares versions', () => {
  for (const [version, wanted, is] of [
    ['1.6.0', '1.6', true],
    ['1.5.1', '1.6', false],
    ['1.10.0', '1.6', true],
    ['2.0.0', '1.6', true],
    ['latest', '1.6', true],
    ['2.6.0', '2.6.1', false],
  ] as const)
    assert.equal(isAtLeast(version, wanted), is, version)
})

test('WI204  waits for a rollout in progress, and not for a stopped one', () => {
  const object: KubeObject = healthyWorkloads.Deployment()
  object.metadata.generation = 2
  object.spec.replicas = 1
  const done = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1 }
  const old = { metadata: { name: 'web-1' }, spec: healthyWorkloads.Deployment().spec.template.spec } as never
  const serviceAccount = () =>
    ({ metadata: { annotations: { 'azure.workload.identity/client-id': 'an-id' } } }) as never
  const rule = workloadRules.find(({ code }) => code === 'WI204')!
  const inspect = (status: KubeObject, spec: KubeObject = {}, kind: Workload['kind'] = 'Deployment') => {
    const of = workload({ ...object, kind, status, spec: { ...object.spec, ...spec } }, { pods: [old] })
    const [fault] = rule.inspect(of, { ...context, serviceAccount })
    return [fault!.transient, remedyText(remedyFor(of, fault!), noTarget)]
  }
  const wait = [true, 'kubectl rollout status deployment/web --namespace shop']
  const restart = [false, 'kubectl rollout restart deployment/web --namespace shop']
  assert.deepEqual(inspect(done), restart)
  assert.deepEqual(inspect({ ...done, observedGeneration: 1 }), wait)
  assert.deepEqual(inspect({ ...done, updatedReplicas: 0 }), wait)
  // The new pod isn't ready yet, so the old one is still running.
  assert.deepEqual(inspect({ ...done, replicas: 2 }), wait)
  assert.deepEqual(inspect({ ...done, availableReplicas: 0 }), wait)
  assert.deepEqual(inspect({ ...done, updatedReplicas: 0 }, { paused: true }), restart)
  const byHand = { updateStrategy: { type: 'OnDelete' } }
  assert.equal(inspect({ ...done, updatedReplicas: 0 }, byHand, 'StatefulSet')[0], false)
})
