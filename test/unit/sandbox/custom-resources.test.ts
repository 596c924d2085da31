import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Sandbox } from '../../../sandbox/index.ts'
import { openKube } from '../../support/kube-session.ts'
import { newSandbox } from '../../support/sandbox.ts'
import { definition } from '../../support/workloads/definitions.ts'

let sandbox: Sandbox
let kube: Awaited<ReturnType<typeof openKube>>
before(async () => {
  sandbox = await newSandbox()
  kube = await openKube(sandbox)
})
after(() => sandbox.close())

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const stores = '/apis/external-secrets.io/v1/namespaces/default/secretstores'
const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['authType'],
      properties: {
        authType: { type: 'string', enum: ['ServicePrincipal', 'WorkloadIdentity'] },
        refresh: { type: 'integer', default: 60 },
      },
    },
  },
}
const secretStore = definition('external-secrets.io', { kind: 'SecretStore', plural: 'secretstores' }, schema)

test('a definition is served at once: discovery, objects, schema, and nothing after its deletion', async () => {
  assert.equal((await kube.call('GET', stores)).status, 404)
  const { body: made } = await kube.call('POST', definitions, secretStore)
  assert.deepEqual(
    made.status.conditions.map(({ type, status }: Record<string, string>) => [type, status]),
    [
      ['NamesAccepted', 'True'],
      ['Established', 'True'],
    ],
  )
  const { body: groups } = await kube.call('GET', '/apis')
  assert.deepEqual(
    groups.groups.find(({ name }: { name: string }) => name === 'external-secrets.io').preferredVersion,
    { groupVersion: 'external-secrets.io/v1', version: 'v1' },
  )
  const { body: listed } = await kube.call('GET', '/apis/external-secrets.io/v1')
  assert.deepEqual([listed.resources[0].name, listed.resources[0].kind], ['secretstores', 'SecretStore'])

  const wrong = await kube.call('POST', stores, { metadata: { name: 'kv' }, spec: { authType: 'Password' } })
  assert.equal(wrong.status, 422)
  assert.match(wrong.body.message, /Unsupported value: "Password": supported values: "ServicePrincipal"/)
  const none = await kube.call('POST', stores, { metadata: { name: 'kv' }, spec: {} })
  assert.match(none.body.message, /spec\.authType: Required value/)
  const typed = await kube.call('POST', stores, {
    metadata: { name: 'kv' },
    spec: { authType: 'WorkloadIdentity', refresh: 'x' },
  })
  assert.match(typed.body.message, /spec\.refresh in body must be of type integer: "string"/)

  const spec = { authType: 'WorkloadIdentity', other: 1 }
  const { status, body } = await kube.call('POST', stores, { metadata: { name: 'kv' }, spec })
  assert.equal(status, 201)
  assert.deepEqual(body.spec, { authType: 'WorkloadIdentity', refresh: 60 }, 'pruned, with defaults')
  assert.deepEqual(
    [body.apiVersion, body.kind, body.metadata.generation],
    ['external-secrets.io/v1', 'SecretStore', 1],
  )

  const change = { spec: { refresh: 5 } }
  const merge = { type: 'application/merge-patch+json' }
  const patched = await kube.call('PATCH', `${stores}/kv`, change, merge)
  assert.deepEqual([patched.body.spec.refresh, patched.body.metadata.generation], [5, 2])
  const strategic = { type: 'application/strategic-merge-patch+json' }
  assert.equal((await kube.call('PATCH', `${stores}/kv`, change, strategic)).status, 415)
  const applied = await kube.apply(`${stores}/two`, {
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name: 'two' },
    spec: { authType: 'ServicePrincipal' },
  })
  assert.equal(applied.status, 201)
  assert.equal((await kube.call('GET', stores)).body.items.length, 2)

  await kube.call('DELETE', `${definitions}/${secretStore.metadata.name}`)
  assert.equal((await kube.call('GET', stores)).status, 404)
  await kube.call('POST', definitions, secretStore)
  assert.deepEqual((await kube.call('GET', stores)).body.items, [])
})

test('all served versions have the same objects, and the stable one is preferred', async () => {
  const names = { kind: 'ClusterThing', plural: 'clusterthings' }
  const object = definition('things.example', names)
  const [version] = object.spec.versions
  object.spec.versions = [
    { ...version, name: 'v1beta1', storage: false },
    { ...version, name: 'v1' },
    { ...version, name: 'v1alpha1', storage: false, served: false },
  ]
  await kube.call('POST', definitions, object)
  await kube.call('POST', '/apis/things.example/v1beta1/clusterthings', { metadata: { name: 'a' } })
  const { body } = await kube.call('GET', '/apis/things.example/v1/clusterthings/a')
  assert.equal(body.apiVersion, 'things.example/v1')
  assert.equal((await kube.call('GET', '/apis/things.example/v1alpha1/clusterthings')).status, 404)
  const { body: group } = await kube.call('GET', '/apis/things.example')
  assert.equal(group.preferredVersion.version, 'v1')
  assert.deepEqual(
    group.versions.map(({ version: name }: { version: string }) => name),
    ['v1', 'v1beta1'],
  )
})
