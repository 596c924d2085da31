import { setTimeout as delay } from 'node:timers/promises'
import type { E2eEnvironment } from './environment.ts'

const name = 'wi-setup-e2e'

const versionOf = (environment: E2eEnvironment): string | undefined =>
  ['v1', 'v1beta1', 'v1alpha1'].find((version) => {
    try {
      const path = `/apis/admissionregistration.k8s.io/${version}`
      return environment.kubectl(['get', '--raw', path]).includes('"mutatingadmissionpolicies"')
    } catch {
      return false
    }
  })

/** Returns why a test is skipped on a cluster without mutating admission policies, else `false`. */
export const skipWithoutPolicies = (environment: E2eEnvironment): string | false =>
  versionOf(environment) === undefined && 'the cluster has no MutatingAdmissionPolicy (Kubernetes 1.36)'

let count = 0

/** Returns a value as a CEL literal. CEL lists and maps need one type, hence `dyn`. */
const cel = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map((each) => `dyn(${cel(each)})`).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, each]) => `${JSON.stringify(key)}: dyn(${cel(each)})`)
    .join()}}`
}

/**
 * Makes admission set these values (JSON pointer → value) in the pod of `verify --in-cluster`, until `resetPolicy`.
 */
export async function setPolicy(environment: E2eEnvironment, values: Record<string, unknown>): Promise<void> {
  const mark = String(++count)
  const of = (kind: string, spec: unknown) => ({
    apiVersion: `admissionregistration.k8s.io/${versionOf(environment)}`,
    kind,
    metadata: { name },
    spec,
  })
  const pods = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }
  const patches = Object.entries({ '/metadata/annotations': { e2e: mark }, ...values }).map(
    ([path, value]) => `JSONPatch{op: "add", path: ${JSON.stringify(path)}, value: ${cel(value)}}`,
  )
  const objects = [
    of('MutatingAdmissionPolicy', {
      matchConstraints: { resourceRules: [pods] },
      matchConditions: [{ name: 'probe', expression: 'object.metadata.name == "wi-setup-inside"' }],
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: `[${patches.join()}]` } }],
    }),
    of('MutatingAdmissionPolicyBinding', { policyName: name }),
  ]
  const list = { apiVersion: 'v1', kind: 'List', items: objects }
  environment.kubectl(['apply', '--filename', '-'], JSON.stringify(list))
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'wi-setup-inside', namespace: 'default' },
    spec: { containers: [{ name: 'inside', image: environment.image, env: [{ name: 'A', value: 'b' }] }] },
  }
  // The API server applies a new policy after a moment.
  for (let n = 0; n < 100; n++) {
    const made = environment.kubectl(
      ['create', '--dry-run=server', '--output', 'json', '--filename', '-'],
      JSON.stringify(pod),
    )
    if (JSON.parse(made).metadata.annotations?.e2e === mark) return
    await delay(100)
  }
  throw new Error('The policy has not taken effect')
}

/** Returns the change that adds a variable to the container. */
export const variable = (name: string, value: string) => ({ '/spec/containers/0/env/-': { name, value } })

export function resetPolicy(environment: E2eEnvironment): void {
  for (const kind of ['mutatingadmissionpolicybinding', 'mutatingadmissionpolicy'])
    environment.kubectl(['delete', kind, name, '--ignore-not-found'])
}
