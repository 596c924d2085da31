import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type KubeObject, yaml } from '../../../support/workloads/healthy.ts'
import { lintText } from '../../../support/workloads/lint-text.ts'
import { objectFaults } from '../../../support/workloads/object-faults.ts'
import { healthyObjects } from '../../../support/workloads/objects.ts'

const registry = readFileSync(new URL('../../../../src/checks/objects/index.ts', import.meta.url), 'utf8')

for (const [kind, make] of Object.entries(healthyObjects))
  test(`reports nothing for a healthy ${kind}`, async () => {
    const { found, workloads, leftAlone } = await lintText(yaml(...make()))
    assert.deepEqual(found, [])
    assert.equal(workloads.length, 1, 'the object is judged')
    assert.match(workloads[0]!, new RegExp(`^${kind} `))
    assert.deepEqual(leftAlone, [])
  })

for (const each of objectFaults)
  test(`${each.code}  ${each.kind}: ${each.name}`, async () => {
    const [object, account = {} as KubeObject] = healthyObjects[each.kind]!()
    each.break(object!, account)
    const { found } = await lintText(yaml(object!, ...(account.kind ? [account] : [])))
    assert.deepEqual(
      found.map(({ code, status }) => [code, status]),
      [[each.code, each.warns ? 'warn' : 'fail']],
      JSON.stringify(found),
    )
    assert.match(found[0]!.remedy!, /^shop\.yaml:\d+(, document \d+)?: \S/)
  })

test('each kind of the registry has a healthy object, except those that share their rules', () => {
  assert.ok(registry.match(/^ {2}\w+,$/gm)!.length >= Object.keys(healthyObjects).length)
})

const unused: Record<string, KubeObject> = {
  'a class that signs in as the node': {
    apiVersion: 'secrets-store.csi.x-k8s.io/v1',
    kind: 'SecretProviderClass',
    metadata: { name: 'kv' },
    spec: {
      provider: 'azure',
      parameters: { useVMManagedIdentity: 'true', userAssignedIdentityID: 'x', tenantId: 'x' },
    },
  },
  'a store with a password': {
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name: 'kv' },
    spec: { provider: { azurekv: { authSecretRef: { clientId: { name: 'a', key: 'b' } } } } },
  },
  'an issuer with a password': {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Issuer',
    metadata: { name: 'acme' },
    spec: {
      acme: {
        solvers: [{ dns01: { azureDNS: { clientID: 'x', clientSecretSecretRef: { name: 'a', key: 'b' } } } }],
      },
    },
  },
  'a trigger of another cloud': {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'TriggerAuthentication',
    metadata: { name: 'sqs' },
    spec: { podIdentity: { provider: 'aws' } },
  },
  'a Prometheus without identity': {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    metadata: { name: 'k8s' },
    spec: { serviceAccountName: 'prometheus' },
  },
}

for (const [name, object] of Object.entries(unused))
  test(`leaves ${name} alone`, async () => {
    const { found, workloads, leftAlone } = await lintText(yaml(object))
    assert.deepEqual([found, workloads, leftAlone], [[], [], []])
  })

test('malformed objects of known kinds cause findings or nothing, but no error', async () => {
  for (const value of ['null', '[]', '{}', 'text', '7', '[null]', '{metadata: null}'])
    for (const make of Object.values(healthyObjects)) {
      const [{ apiVersion, kind } = {} as KubeObject] = make()
      await lintText(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\nspec: ${value}\n`)
      for (const key of ['parameters', 'provider', 'template', 'podIdentity', 'acme', 'azureDNS', 'driver'])
        await lintText(
          `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\nspec: {${key}: ${value}}\n`,
        )
    }
})

test('a file with only an annotated service account is not said to have nothing of workload identity', async () => {
  const [, account] = healthyObjects.SecretStore!()
  const { leftAlone } = await lintText(yaml(account!))
  assert.deepEqual(leftAlone, [
    'ServiceAccount shop/web: has a client ID, but nothing in these files runs as it',
  ])
})

for (const [image, expected] of [
  [undefined, ['WI225 warn']],
  ['ghcr.io/kedacore/keda:2.14.1', []],
  ['ghcr.io/kedacore/keda:2.18.0', ['WI225 fail']],
] as const)
  test(`a trigger with pod-managed identity beside KEDA ${image ?? 'of an unknown version'}`, async () => {
    const trigger = {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'TriggerAuthentication',
      metadata: { name: 'queue', namespace: 'keda' },
      spec: { podIdentity: { provider: 'azure' } },
    }
    const operator = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'keda-operator', namespace: 'keda' },
      spec: { template: { spec: { containers: [{ name: 'keda-operator', image }] } } },
    }
    const { found } = await lintText(yaml(trigger, ...(image ? [operator] : [])))
    assert.deepEqual(
      found.filter(({ code }) => code === 'WI225').map(({ code, status }) => `${code} ${status}`),
      expected,
    )
  })
