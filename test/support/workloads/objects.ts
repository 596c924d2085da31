import type { KubeObject } from './healthy.ts'

export const objectClientId = 'aaaaaaaa-1111-4222-8333-444444444444'
const tenantId = '11111111-2222-4333-8444-555555555555'
const label = { 'azure.workload.identity/use': 'true' }

const annotatedAccount = (name: string, extra: KubeObject = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: {
    name,
    namespace: 'shop',
    annotations: { 'azure.workload.identity/client-id': objectClientId, ...extra },
  },
})

const object = (apiVersion: string, kind: string, spec: KubeObject): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: kind.toLowerCase(), namespace: 'shop' },
  spec,
})

const crossplane = {
  credentials: { source: 'OIDCTokenFile' },
  clientID: objectClientId,
  tenantID: tenantId,
  subscriptionID: tenantId,
}

const podTemplate = {
  metadata: { labels: { app: 'web', ...label } },
  spec: { serviceAccountName: 'web', containers: [{ name: 'app', image: 'registry.example/app:1' }] },
}

/** Healthy objects of each kind that is judged, with the service accounts that they refer to. */
export const healthyObjects: Record<string, () => KubeObject[]> = {
  SecretProviderClass: () => [
    object('secrets-store.csi.x-k8s.io/v1', 'SecretProviderClass', {
      provider: 'azure',
      parameters: {
        usePodIdentity: 'false',
        useVMManagedIdentity: 'false',
        clientID: objectClientId,
        keyvaultName: 'kv-shop',
        tenantID: tenantId,
        objects: '',
      },
    }),
  ],
  SecretStore: () => [
    object('external-secrets.io/v1', 'SecretStore', {
      provider: {
        azurekv: {
          authType: 'WorkloadIdentity',
          vaultUrl: 'https://kv-shop.vault.azure.net',
          tenantId,
          serviceAccountRef: { name: 'web' },
        },
      },
    }),
    annotatedAccount('web'),
  ],
  ClusterSecretStore: () => [
    object('external-secrets.io/v1beta1', 'ClusterSecretStore', {
      provider: { azurekv: { authType: 'WorkloadIdentity', vaultUrl: 'https://kv-shop.vault.azure.net' } },
    }),
  ],
  TriggerAuthentication: () => [
    object('keda.sh/v1alpha1', 'TriggerAuthentication', {
      podIdentity: { provider: 'azure-workload', identityId: objectClientId },
    }),
  ],
  ClusterIssuer: () => [
    object('cert-manager.io/v1', 'ClusterIssuer', {
      acme: {
        server: 'https://acme.example/directory',
        privateKeySecretRef: { name: 'acme' },
        solvers: [
          {
            dns01: {
              azureDNS: {
                subscriptionID: tenantId,
                resourceGroupName: 'rg-dns',
                hostedZoneName: 'shop.example',
                managedIdentity: { clientID: objectClientId },
              },
            },
          },
        ],
      },
    }),
  ],
  Cluster: () => [
    object('postgresql.cnpg.io/v1', 'Cluster', {
      instances: 1,
      inheritedMetadata: { labels: { ...label } },
      serviceAccountTemplate: {
        metadata: { annotations: { 'azure.workload.identity/client-id': objectClientId } },
      },
    }),
  ],
  Prometheus: () => [
    object('monitoring.coreos.com/v1', 'Prometheus', {
      serviceAccountName: 'web',
      podMetadata: { labels: { ...label } },
    }),
    annotatedAccount('web'),
  ],
  ProviderConfig: () => [object('azure.upbound.io/v1beta1', 'ProviderConfig', structuredClone(crossplane))],
  ClusterProviderConfig: () => [
    object('azure.m.upbound.io/v1beta1', 'ClusterProviderConfig', structuredClone(crossplane)),
  ],
  DeploymentRuntimeConfig: () => [
    object('pkg.crossplane.io/v1beta1', 'DeploymentRuntimeConfig', {
      deploymentTemplate: { spec: { selector: {}, template: { metadata: { labels: { ...label } } } } },
      serviceAccountTemplate: { metadata: { name: 'provider-azure' } },
    }),
  ],
  FederatedIdentityCredential: () => [
    object('managedidentity.azure.com/v1api20230131', 'FederatedIdentityCredential', {
      owner: { name: 'id-shop' },
      audiences: ['api://AzureADTokenExchange'],
      issuer: 'https://issuer.example/',
      subject: 'system:serviceaccount:shop:web',
    }),
  ],
  GitRepository: () => [
    object('source.toolkit.fluxcd.io/v1', 'GitRepository', { provider: 'azure', serviceAccountName: 'web' }),
    annotatedAccount('web', { 'azure.workload.identity/tenant-id': tenantId }),
  ],
  BackupStorageLocation: () => [
    object('velero.io/v1', 'BackupStorageLocation', {
      provider: 'azure',
      config: { useAAD: 'true', storageAccount: 'stshop' },
    }),
  ],
  Rollout: () => [
    object('argoproj.io/v1alpha1', 'Rollout', { template: structuredClone(podTemplate) }),
    annotatedAccount('web'),
  ],
  ScaledJob: () => [
    object('keda.sh/v1alpha1', 'ScaledJob', { jobTargetRef: { template: structuredClone(podTemplate) } }),
    annotatedAccount('web'),
  ],
  CronWorkflow: () => [
    object('argoproj.io/v1alpha1', 'CronWorkflow', {
      workflowSpec: { serviceAccountName: 'web', podMetadata: { labels: { ...label } } },
    }),
    annotatedAccount('web'),
  ],
  SparkApplication: () => [
    object('sparkoperator.k8s.io/v1beta2', 'SparkApplication', {
      driver: { serviceAccount: 'web', labels: { ...label } },
      executor: { labels: { ...label } },
    }),
    annotatedAccount('web'),
  ],
  Stack: () => [
    object('pulumi.com/v1', 'Stack', {
      serviceAccountName: 'web',
      workspaceTemplate: { spec: { podTemplate: { metadata: { labels: { ...label } } } } },
    }),
    annotatedAccount('web'),
  ],
  KafkaConnect: () => [
    object('kafka.strimzi.io/v1', 'KafkaConnect', {
      template: {
        pod: { metadata: { labels: { ...label } } },
        serviceAccount: {
          metadata: { annotations: { 'azure.workload.identity/client-id': objectClientId } },
        },
      },
    }),
  ],
  Secret: () => [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'azure-config-file', namespace: 'shop' },
      stringData: {
        'azure.json': JSON.stringify({ tenantId, useWorkloadIdentityExtension: true }),
      },
    },
  ],
}
