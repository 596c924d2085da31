import type { KubeObject } from './healthy.ts'

/** A fault in an object of another controller. */
export interface ObjectFault {
  code: string
  kind: string
  name: string
  /** Breaks the object, or the service account that it refers to. */
  break(object: KubeObject, account: KubeObject): void
  warns?: true
}

const label = 'azure.workload.identity/use'
const clientIdKey = 'azure.workload.identity/client-id'
const store = ({ spec }: KubeObject): KubeObject => spec.provider.azurekv
const dns = ({ spec }: KubeObject): KubeObject => spec.acme.solvers[0].dns01.azureDNS
const fault = (
  code: string,
  kind: string,
  name: string,
  change: ObjectFault['break'],
  more: Partial<ObjectFault> = {},
): ObjectFault => ({ code, kind, name, break: change, ...more })

const classFaults = [
  fault('WI225', 'SecretProviderClass', 'pod-managed identity', ({ spec }) => {
    spec.parameters.usePodIdentity = 'true'
  }),
  fault('WI225', 'SecretProviderClass', 'a misspelled clientID', ({ spec }) => {
    spec.parameters.clientId = spec.parameters.clientID
    delete spec.parameters.clientID
  }),
  fault('WI225', 'SecretProviderClass', 'userAssignedIdentityID instead of clientID', ({ spec }) => {
    spec.parameters.userAssignedIdentityID = spec.parameters.clientID
    delete spec.parameters.clientID
  }),
  fault('WI225', 'SecretProviderClass', 'a flag without quotes', ({ spec }) => {
    spec.parameters.usePodIdentity = false
  }),
  fault('WI225', 'SecretProviderClass', 'no tenant', ({ spec }) => delete spec.parameters.tenantID),
  fault(
    'WI225',
    'SecretProviderClass',
    "the node's identity",
    ({ spec }) => {
      spec.parameters.useVMManagedIdentity = 'true'
    },
    { warns: true },
  ),
]

const storeFaults = [
  fault('WI225', 'SecretStore', 'the default authType', (object) => delete store(object).authType),
  fault('WI225', 'SecretStore', 'ManagedIdentity', (object) => {
    store(object).authType = 'ManagedIdentity'
  }),
  fault(
    'WI225',
    'SecretStore',
    "the private link's address",
    (object) => {
      store(object).vaultUrl = 'https://kv-shop.privatelink.vaultcore.azure.net/'
    },
    { warns: true },
  ),
  fault('WI226', 'SecretStore', 'no client ID on the service account', (_, account) => {
    delete account.metadata.annotations[clientIdKey]
  }),
  fault('WI226', 'SecretStore', 'two client IDs', (object) => {
    store(object).authSecretRef = { clientId: { name: 'azure', key: 'id' } }
  }),
  fault('WI226', 'SecretStore', 'two tenant IDs', (object, account) => {
    account.metadata.annotations['azure.workload.identity/tenant-id'] = store(object).tenantId
  }),
  fault('WI226', 'SecretStore', 'another namespace', (object) => {
    store(object).serviceAccountRef.namespace = 'other'
  }),
  fault('WI226', 'SecretStore', 'no tenant ID', (object) => delete store(object).tenantId, { warns: true }),
]

const operatorFaults = [
  // Right before KEDA 2.15, whose version these manifests don't tell.
  fault(
    'WI225',
    'TriggerAuthentication',
    'the provider azure, which KEDA 2.15 removed',
    ({ spec }) => {
      spec.podIdentity.provider = 'azure'
    },
    { warns: true },
  ),
  fault('WI225', 'TriggerAuthentication', 'a misspelled provider', ({ spec }) => {
    spec.podIdentity.provider = 'azure-workload-identity'
  }),
  fault('WI225', 'TriggerAuthentication', 'an empty identityId', ({ spec }) => {
    spec.podIdentity.identityId = ''
  }),
  fault('WI225', 'TriggerAuthentication', 'a resource ID', ({ spec }) => {
    spec.podIdentity.identityId = '/subscriptions/1/resourceGroups/rg'
  }),
  fault('WI225', 'ClusterIssuer', 'a clientID without a secret', (object) => {
    dns(object).clientID = dns(object).managedIdentity.clientID
    delete dns(object).managedIdentity
  }),
  fault('WI225', 'ClusterIssuer', 'managedIdentity with a tenant beside it', (object) => {
    dns(object).tenantID = '11111111-2222-4333-8444-555555555555'
  }),
  fault('WI225', 'ClusterIssuer', 'client ID and resource ID', (object) => {
    dns(object).managedIdentity.resourceID = '/subscriptions/1'
  }),
  fault('WI225', 'ProviderConfig', 'no client ID', ({ spec }) => delete spec.clientID),
  fault(
    'WI225',
    'ClusterProviderConfig',
    'the old token path',
    ({ spec }) => {
      spec.oidcTokenFilePath = '/var/run/secrets/azure/tokens/azure-identity-token'
    },
    { warns: true },
  ),
  fault('WI225', 'FederatedIdentityCredential', 'a subject of three parts', ({ spec }) => {
    spec.subject = 'system:serviceaccount:web'
  }),
  fault('WI225', 'BackupStorageLocation', 'useAAD without quotes', ({ spec }) => {
    spec.config.useAAD = true
  }),
  fault('WI225', 'Secret', 'a client secret as well', ({ stringData }) => {
    const settings = JSON.parse(stringData['azure.json'])
    stringData['azure.json'] = JSON.stringify({ ...settings, aadClientId: 'x', aadClientSecret: 'y' })
  }),
  fault('WI226', 'GitRepository', 'no tenant ID', (_, account) => {
    delete account.metadata.annotations['azure.workload.identity/tenant-id']
  }),
]

const labelFaults = [
  fault('WI227', 'Cluster', 'no label', ({ spec }) => delete spec.inheritedMetadata),
  fault('WI227', 'Prometheus', 'the label on the object only', ({ spec, metadata }) => {
    metadata.labels = spec.podMetadata.labels
    delete spec.podMetadata
  }),
  fault('WI227', 'DeploymentRuntimeConfig', 'another value', ({ spec }) => {
    spec.deploymentTemplate.spec.template.metadata.labels[label] = 'yes'
  }),
  fault('WI227', 'Rollout', 'no label', ({ spec }) => delete spec.template.metadata.labels[label]),
  fault('WI227', 'ScaledJob', 'no label', ({ spec }) => delete spec.jobTargetRef.template.metadata),
  fault('WI227', 'CronWorkflow', 'no label', ({ spec }) => delete spec.workflowSpec.podMetadata),
  fault('WI227', 'SparkApplication', 'no label on the executors', ({ spec }) => delete spec.executor),
  fault('WI227', 'Stack', 'no label', ({ spec }) => delete spec.workspaceTemplate),
  fault('WI227', 'KafkaConnect', 'no label', ({ spec }) => delete spec.template.pod),
]

/** Each breaks a healthy object of another controller in one way. */
export const objectFaults: readonly ObjectFault[] = [
  ...classFaults,
  ...storeFaults,
  ...operatorFaults,
  ...labelFaults,
]
