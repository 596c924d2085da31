import { setTimeout as delay } from 'node:timers/promises'
import { definition } from '../../support/workloads/definitions.ts'
import type { KubeObject } from '../../support/workloads/healthy.ts'
import { healthyObjects } from '../../support/workloads/objects.ts'
import type { Fixture, SeededFault } from '../fault.ts'

const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Installs the definition of a kind and creates an object of it. */
async function create(
  { kube, settings }: Fixture,
  names: { kind: string; plural: string },
  change: (spec: KubeObject, account: string) => void,
): Promise<void> {
  const [object] = healthyObjects[names.kind]!()
  const [group = '', version = ''] = object!.apiVersion.split('/')
  const { metadata } = definition(group, names)
  const installed = await kube('GET', `${definitionsPath}/${metadata.name}`).catch(() => undefined)
  if (!installed) await kube('POST', definitionsPath, definition(group, { ...names, version }))
  change(object!.spec, settings.serviceAccount)
  object!.metadata.namespace = settings.namespace
  const path = `/apis/${group}/${version}/namespaces/${settings.namespace}/${names.plural}`
  // An API server takes a moment to serve a new definition.
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await kube('GET', path).catch(() => undefined)) break
    await delay(100)
  }
  await kube('POST', path, object)
}

const fault = (
  code: SeededFault['code'],
  description: string,
  names: { kind: string; plural: string },
  change: (spec: KubeObject, account: string) => void,
): SeededFault => ({
  code,
  description,
  api: 'Kubernetes',
  seed: (fixture) => create(fixture, names, change),
  args: () => ['--workloads'],
})

/** Faults of other controllers' objects. */
export const objectFaults: readonly SeededFault[] = [
  fault(
    'WI225',
    'a SecretProviderClass that asks the pod-managed identity',
    { kind: 'SecretProviderClass', plural: 'secretproviderclasses' },
    ({ parameters }) => {
      parameters.usePodIdentity = 'true'
    },
  ),
  fault(
    'WI226',
    'a SecretStore with a second client ID',
    { kind: 'SecretStore', plural: 'secretstores' },
    ({ provider: { azurekv } }, account) => {
      delete azurekv.tenantId
      azurekv.serviceAccountRef.name = account
      azurekv.authSecretRef = { clientId: { name: 'azure', key: 'id' } }
    },
  ),
  fault(
    'WI227',
    'a Prometheus that does not label its pods',
    { kind: 'Prometheus', plural: 'prometheuses' },
    (spec, account) => {
      spec.serviceAccountName = account
      delete spec.podMetadata
    },
  ),
]
