import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { definition } from '../support/workloads/definitions.ts'
import type { KubeObject } from '../support/workloads/healthy.ts'
import { objectFaults } from '../support/workloads/object-faults.ts'
import { healthyObjects } from '../support/workloads/objects.ts'
import { applySetUp, e2eEnvironment, setUpFlags } from './environment.ts'

// A real API server validates objects of other controllers by their schemas, adds defaults and drops unknown fields.

const environment = e2eEnvironment()
const folder = new URL('./definitions/', import.meta.url)
const definitions: KubeObject[] = [
  ...readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))),
  // The preferred version of this group is now v1, which has no DeploymentRuntimeConfig.
  definition('pkg.crossplane.io', { kind: 'ProviderRevision', plural: 'providerrevisions' }),
]
const list = (items: readonly KubeObject[]) => JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
const apply = (...items: KubeObject[]) =>
  environment.kubectl(['apply', '--validate=strict', '--filename', '-'], list(items))

/** Each breaks only the object, and passes its schema. */
const faults: readonly (readonly [kind: string, fault: string])[] = Object.entries({
  // The API server adds authType: ServicePrincipal.
  SecretStore: 'the default authType',
  ClusterSecretStore: "the private link's address",
  SecretProviderClass: 'pod-managed identity',
  TriggerAuthentication: 'an empty identityId',
  ClusterIssuer: 'managedIdentity with a tenant beside it',
  Cluster: 'no label',
  Prometheus: 'the label on the object only',
  ProviderConfig: 'no client ID',
  DeploymentRuntimeConfig: 'another value',
  FederatedIdentityCredential: 'a subject of three parts',
})
const kinds = faults.map(([kind]) => kind)
/** A second fault of a kind. */
const another = ['SecretStore', 'two client IDs'] as const
const wrongObjects = [...faults.map((each) => wrong(...each, 'wrong')), wrong(...another, 'wrong-account')]

/** Returns a healthy object of the kind in the version that is installed, and what it refers to. */
function objectOf(kind: string, name: string): [object: KubeObject, ...others: KubeObject[]] {
  const [object, ...others] = healthyObjects[kind]!()
  const { group, versions } = definitions.find(({ spec }) => spec.names.kind === kind)!.spec
  object!.apiVersion = `${group}/${versions[0].name}`
  object!.metadata.name = name
  return [object!, ...others]
}

function wrong(kind: string, fault: string, name: string): KubeObject {
  const [object] = objectOf(kind, name)
  // A ClusterSecretStore has the faults of a SecretStore.
  const faultKind = kind.replace(/^ClusterSecret/, 'Secret')
  objectFaults.find((each) => each.kind === faultKind && each.name === fault)!.break(object, {} as KubeObject)
  return object
}

/** Returns what verify says of the objects: `code status title`, and the commands that fix it. */
async function judge() {
  const flags = [...setUpFlags(environment), '--no-sample', '--workloads', '--output', 'json']
  const { json } = await environment.run(['verify', ...flags])
  const found = json.checks.filter(({ code }) => ['WI225', 'WI226', 'WI227'].includes(code))
  return found.map(({ code, status, detail, commands }) => ({
    text: `${code} ${status} ${/^\w+ \S+/.exec(detail)?.[0] ?? ''}`.trim(),
    commands,
  }))
}

before(async () => {
  await applySetUp(environment)
  apply(...definitions)
  environment.kubectl([
    'wait',
    '--for=condition=Established',
    '--timeout=60s',
    ...definitions.map(({ metadata }) => `crd/${metadata.name}`),
  ])
})
after(() => {
  // Their objects are deleted with them.
  const names = definitions.map(({ metadata }) => `crd/${metadata.name}`)
  environment.kubectl(['delete', '--ignore-not-found', '--timeout=60s', ...names])
  environment.kubectl(['delete', 'serviceaccount', 'web', '--namespace', 'shop', '--ignore-not-found'])
})

test('healthy objects of other controllers are accepted by the API server and pass', async () => {
  apply(...kinds.flatMap((kind) => objectOf(kind, 'right')))
  assert.deepEqual(
    (await judge()).map(({ text }) => text),
    ['WI225 pass', 'WI226 pass', 'WI227 pass'],
  )
})

test('a wrong object of each kind is reported, and the printed commands fix it', async () => {
  apply(...wrongObjects)
  const found = await judge()
  assert.deepEqual(found.map(({ text }) => text).sort(), [
    'WI225 fail ClusterIssuer wrong',
    'WI225 fail FederatedIdentityCredential shop/wrong',
    'WI225 fail ProviderConfig wrong',
    'WI225 fail SecretProviderClass shop/wrong',
    'WI225 fail SecretStore shop/wrong',
    'WI225 fail TriggerAuthentication shop/wrong',
    'WI225 warn ClusterSecretStore wrong',
    'WI226 fail SecretStore shop/wrong-account',
    'WI227 fail Cluster shop/wrong',
    'WI227 fail DeploymentRuntimeConfig wrong',
    'WI227 fail Prometheus shop/wrong',
  ])
  const patches = found.flatMap(({ commands }) => commands.flat())
  assert.ok(patches.length >= 5, `${patches.length} commands`)
  for (const [program, ...args] of patches) {
    assert.equal(program, 'kubectl')
    environment.kubectl(args)
  }
  const fixed = found.filter(({ commands }) => commands.length).map(({ text }) => text)
  assert.deepEqual(
    (await judge()).map(({ text }) => text).filter((text) => fixed.includes(text)),
    [],
  )
})

test('nothing is reported once the wrong objects are gone', async () => {
  environment.kubectl(['delete', '--filename', '-'], list(wrongObjects))
  assert.deepEqual(
    (await judge()).map(({ text }) => text),
    ['WI225 pass', 'WI226 pass', 'WI227 pass'],
  )
})
