import type { KubeObject } from '../../clients/kubernetes.ts'
import type { OpenObject } from '../workloads/workload.ts'
import { mapAt } from './fields.ts'
import type { ObjectFinding, ObjectKind } from './object-kind.ts'

// Secrets in which programs keep their settings. Only the names of members appear in findings, never a value.

const entriesOf = (object: KubeObject): OpenObject => ({
  ...Object.fromEntries(
    Object.entries(mapAt(object, ['data'])).map(([key, value]) => [
      key,
      Buffer.from(`${value}`, 'base64').toString('utf8'),
    ]),
  ),
  ...mapAt(object, ['stringData']),
})

const fieldOf = (object: KubeObject, key: string) => [
  mapAt(object, ['stringData'])[key] === undefined ? 'data' : 'stringData',
  key,
]

function azureJson(object: KubeObject): OpenObject | undefined {
  try {
    const parsed: unknown = JSON.parse(`${entriesOf(object)['azure.json'] ?? ''}`)
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined
  } catch {
    return undefined
  }
}

const isOn = (value: unknown) => value === true || value === 'true'

function azureJsonFindings(object: KubeObject): ObjectFinding[] {
  const settings = azureJson(object) ?? {}
  if (!settings.aadClientId || !settings.aadClientSecret) return []
  return [
    {
      about: 'settings',
      detail: 'has aadClientId and aadClientSecret, which external-dns prefers over workload identity',
      is: 'aadClientId, aadClientSecret',
      should: '(none)',
      field: fieldOf(object, 'azure.json'),
      edit: 'remove both from azure.json',
    },
  ]
}

const operatorKeys = ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_SUBSCRIPTION_ID']

const operatorFindings = (object: KubeObject): ObjectFinding[] =>
  operatorKeys
    .filter((key) => !entriesOf(object)[key])
    .map((key) => ({
      about: 'settings',
      detail: `has no ${key}, which Azure Service Operator needs`,
      is: '(none)',
      should: key,
      field: [object.stringData === undefined ? 'data' : 'stringData'],
      edit: `set ${key}`,
      warning: true,
    }))

/** Settings of external-dns, Azure Service Operator and Argo CD. */
export const configurationSecret: ObjectKind = {
  group: '',
  kinds: { Secret: 'secrets' },
  manifestsOnly: true,
  uses(object) {
    const entries = entriesOf(object)
    return (
      isOn(entries.USE_WORKLOAD_IDENTITY_AUTH) ||
      isOn(entries.useAzureWorkloadIdentity) ||
      isOn(azureJson(object)?.useWorkloadIdentityExtension)
    )
  },
  inspect: (object) => [
    ...azureJsonFindings(object),
    ...(isOn(entriesOf(object).USE_WORKLOAD_IDENTITY_AUTH) ? operatorFindings(object) : []),
  ],
}
