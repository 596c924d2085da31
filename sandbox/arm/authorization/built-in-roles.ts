import { applicationServiceRoles } from './application-service-roles.ts'
import { of, type Role, role, upkeep } from './role.ts'

const vaultUpkeep = [
  ...upkeep,
  'Microsoft.KeyVault/checkNameAvailability/read',
  'Microsoft.KeyVault/deletedVaults/read',
  'Microsoft.KeyVault/locations/*/read',
  'Microsoft.KeyVault/vaults/*/read',
  'Microsoft.KeyVault/operations/read',
]
const secrets = 'Microsoft.KeyVault/vaults/secrets'
const keys = 'Microsoft.KeyVault/vaults/keys'
const blobs = 'Microsoft.Storage/storageAccounts/blobServices'
const queues = 'Microsoft.Storage/storageAccounts/queueServices/queues'
const tables = 'Microsoft.Storage/storageAccounts/tableServices/tables'
const cluster = 'Microsoft.ContainerService/managedClusters'
const bus = 'Microsoft.ServiceBus'
const stores = 'Microsoft.AppConfiguration/configurationStores'
const identities = 'Microsoft.ManagedIdentity/userAssignedIdentities'
const hub = 'Microsoft.EventHub/*'
const clusterReader = [
  'Microsoft.Authorization/*/read',
  'Microsoft.Resources/subscriptions/operationresults/read',
  'Microsoft.Resources/subscriptions/read',
  'Microsoft.Resources/subscriptions/resourceGroups/read',
]
const clusterUser = [...clusterReader, `${cluster}/listClusterUserCredential/action`]

const objects = [
  'apps/daemonsets',
  'apps/deployments',
  'apps/replicasets',
  'apps/statefulsets',
  'autoscaling/horizontalpodautoscalers',
  'batch/cronjobs',
  'batch/jobs',
  'configmaps',
  'endpoints',
  'extensions/daemonsets',
  'extensions/deployments',
  'extensions/ingresses',
  'extensions/networkpolicies',
  'extensions/replicasets',
  'networking.k8s.io/ingresses',
  'networking.k8s.io/networkpolicies',
  'persistentvolumeclaims',
  'pods',
  'policy/poddisruptionbudgets',
  'replicationcontrollers',
  'serviceaccounts',
  'services',
]
const seen = [
  'apps/controllerrevisions',
  'events',
  'events.k8s.io/events',
  'limitranges',
  'namespaces',
  'resourcequotas',
]

const measured = ['discovery.k8s.io/endpointslices', 'metrics.k8s.io/pods', 'metrics.k8s.io/nodes']

/** The built-in role definitions that this cloud knows. */
export const builtInRoles: Role[] = [
  role(
    '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
    'Owner',
    'Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.',
    { actions: ['*'] },
  ),
  role(
    'b24988ac-6180-42a0-ab88-20f7382dd24c',
    'Contributor',
    'Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC, manage assignments in Azure Blueprints, or share image galleries.',
    {
      actions: ['*'],
      notActions: [
        'Microsoft.Authorization/*/Delete',
        'Microsoft.Authorization/*/Write',
        'Microsoft.Authorization/elevateAccess/Action',
        'Microsoft.Blueprint/blueprintAssignments/write',
        'Microsoft.Blueprint/blueprintAssignments/delete',
        'Microsoft.Compute/galleries/share/action',
        'Microsoft.Purview/consents/write',
        'Microsoft.Purview/consents/delete',
        'Microsoft.Resources/deploymentStacks/manageDenySetting/action',
        'Microsoft.Subscription/cancel/action',
        'Microsoft.Subscription/enable/action',
      ],
    },
  ),
  role(
    'acdd72a7-3385-48ef-bd42-f606fba81ae7',
    'Reader',
    'View all resources, but does not allow you to make any changes.',
    { actions: ['*/read'] },
  ),
  role(
    '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
    'User Access Administrator',
    'Lets you manage user access to Azure resources.',
    { actions: ['*/read', 'Microsoft.Authorization/*', 'Microsoft.Support/*'] },
  ),
  role(
    'f58310d9-a9f6-439a-9e8d-f62e7b41a168',
    'Role Based Access Control Administrator',
    'Manage access to Azure resources by assigning roles using Azure RBAC. This role does not allow you to manage access using other ways, such as Azure Policy.',
    {
      actions: [
        'Microsoft.Authorization/roleAssignments/write',
        'Microsoft.Authorization/roleAssignments/delete',
        '*/read',
        'Microsoft.Support/*',
      ],
    },
  ),
  role(
    '00482a5a-887f-4fb3-b363-3b7fe8e74483',
    'Key Vault Administrator',
    "Perform all data plane operations on a key vault and all objects in it, including certificates, keys, and secrets. Cannot manage key vault resources or manage role assignments. Only works for key vaults that use the 'Azure role-based access control' permission model.",
    { actions: vaultUpkeep, dataActions: ['Microsoft.KeyVault/vaults/*'] },
  ),
  role(
    'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
    'Key Vault Secrets Officer',
    "Perform any action on the secrets of a key vault, except manage permissions. Only works for key vaults that use the 'Azure role-based access control' permission model.",
    { actions: vaultUpkeep, dataActions: [`${secrets}/*`] },
  ),
  role(
    '4633458b-17de-408a-b874-0445c86b69e6',
    'Key Vault Secrets User',
    "Read secret contents. Only works for key vaults that use the 'Azure role-based access control' permission model.",
    { dataActions: of(secrets, 'getSecret/action', 'readMetadata/action') },
  ),
  role(
    '21090545-7ca7-4776-b22c-e363652d74d2',
    'Key Vault Reader',
    "Read metadata of key vaults and its certificates, keys, and secrets. Cannot read sensitive values such as secret contents or key material. Only works for key vaults that use the 'Azure role-based access control' permission model.",
    {
      actions: vaultUpkeep,
      dataActions: ['Microsoft.KeyVault/vaults/*/read', `${secrets}/readMetadata/action`],
    },
  ),
  role(
    'a68e7c17-0ab2-4c09-9a58-125dae29748c',
    'Key Vault Purge Operator',
    'Allows permanent deletion of soft-deleted vaults.',
    {
      actions: [
        ...upkeep.slice(0, -1),
        'Microsoft.KeyVault/deletedVaults/read',
        ...of(
          'Microsoft.KeyVault/locations',
          'deletedVaults/read',
          'deletedVaults/purge/action',
          'operationResults/read',
        ),
      ],
    },
  ),
  role(
    'a4417e6f-fecd-4de8-b567-7b0420556985',
    'Key Vault Certificates Officer',
    "Perform any action on the certificates of a key vault, except manage permissions. Only works for key vaults that use the 'Azure role-based access control' permission model.",
    {
      actions: vaultUpkeep,
      dataActions: of(
        'Microsoft.KeyVault/vaults',
        'certificatecas/*',
        'certificates/*',
        'certificatecontacts/write',
      ),
    },
  ),
  role(
    '14b46e9e-c2b7-41b4-b07b-48a6ebf60603',
    'Key Vault Crypto Officer',
    "Perform any action on the keys of a key vault, except manage permissions. Only works for key vaults that use the 'Azure role-based access control' permission model.",
    {
      actions: vaultUpkeep,
      dataActions: [`${keys}/*`, 'Microsoft.KeyVault/vaults/keyrotationpolicies/*'],
    },
  ),
  role(
    'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba',
    'Key Vault Certificate User',
    "Read certificate contents. Only works for key vaults that use the 'Azure role-based access control' permission model.",
    {
      dataActions: [
        'Microsoft.KeyVault/vaults/certificates/read',
        ...of(secrets, 'getSecret/action', 'readMetadata/action'),
        `${keys}/read`,
      ],
    },
  ),
  role(
    '12338af0-0e69-4776-bea7-57ae8d297424',
    'Key Vault Crypto User',
    "Perform cryptographic operations using keys. Only works for key vaults that use the 'Azure role-based access control' permission model.",
    {
      dataActions: of(
        keys,
        'read',
        'update/action',
        'backup/action',
        'encrypt/action',
        'decrypt/action',
        'wrap/action',
        'unwrap/action',
        'sign/action',
        'verify/action',
      ),
    },
  ),
  role(
    '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
    'Storage Blob Data Reader',
    'Allows for read access to Azure Storage blob containers and data',
    {
      actions: of(blobs, 'containers/read', 'generateUserDelegationKey/action'),
      dataActions: of(blobs, 'containers/blobs/read'),
    },
  ),
  role(
    'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
    'Storage Blob Data Contributor',
    'Allows for read, write and delete access to Azure Storage blob containers and data',
    {
      actions: of(
        blobs,
        'containers/delete',
        'containers/read',
        'containers/write',
        'generateUserDelegationKey/action',
      ),
      dataActions: of(
        blobs,
        'containers/blobs/delete',
        'containers/blobs/read',
        'containers/blobs/write',
        'containers/blobs/move/action',
        'containers/blobs/add/action',
      ),
    },
  ),
  role(
    'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
    'Storage Blob Data Owner',
    'Allows for full access to Azure Storage blob containers and data, including assigning POSIX access control.',
    {
      actions: of(blobs, 'containers/*', 'generateUserDelegationKey/action'),
      dataActions: of(blobs, 'containers/blobs/*'),
    },
  ),
  role(
    '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
    'Storage Queue Data Contributor',
    'Allows for read, write, and delete access to Azure Storage queues and queue messages',
    {
      actions: of(queues, 'delete', 'read', 'write'),
      dataActions: of(
        queues,
        'messages/delete',
        'messages/read',
        'messages/write',
        'messages/process/action',
      ),
    },
  ),
  role(
    '19e7f393-937e-4f77-808e-94535e297925',
    'Storage Queue Data Reader',
    'Allows for read access to Azure Storage queues and queue messages',
    { actions: of(queues, 'read'), dataActions: of(queues, 'messages/read') },
  ),
  role(
    'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a',
    'Storage Queue Data Message Sender',
    'Allows for sending of Azure Storage queue messages',
    { dataActions: of(queues, 'messages/add/action') },
  ),
  role(
    '8a0f0c08-91a1-4084-bc3d-661d67233fed',
    'Storage Queue Data Message Processor',
    'Allows for peek, receive, and delete access to Azure Storage queue messages',
    { dataActions: of(queues, 'messages/read', 'messages/process/action') },
  ),
  role(
    '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
    'Storage Table Data Contributor',
    'Allows for read, write and delete access to Azure Storage tables and entities',
    {
      actions: of(tables, 'read', 'write', 'delete'),
      dataActions: of(
        tables,
        'entities/read',
        'entities/write',
        'entities/delete',
        'entities/add/action',
        'entities/update/action',
      ),
    },
  ),
  role(
    '76199698-9eea-4c19-bc75-cec21354c6b6',
    'Storage Table Data Reader',
    'Allows for read access to Azure Storage tables and entities',
    { actions: of(tables, 'read'), dataActions: of(tables, 'entities/read') },
  ),
  role(
    '17d1049b-9a84-46fb-8f53-869881c3d3ab',
    'Storage Account Contributor',
    'Lets you manage storage accounts, including accessing storage account keys which provide full access to storage account data.',
    {
      actions: [
        ...upkeep,
        'Microsoft.Insights/diagnosticSettings/*',
        'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action',
        'Microsoft.ResourceHealth/availabilityStatuses/read',
        'Microsoft.Storage/storageAccounts/*',
      ],
    },
  ),
  role(
    '0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8',
    'Azure Kubernetes Service Cluster Admin Role',
    'List cluster admin credential action.',
    {
      actions: of(
        cluster,
        'listClusterAdminCredential/action',
        'accessProfiles/listCredential/action',
        'read',
        'runcommand/action',
      ),
    },
  ),
  role(
    '4abbcc35-e782-43d8-92c5-2d3f1bd2253f',
    'Azure Kubernetes Service Cluster User Role',
    'List cluster user credential action.',
    { actions: of(cluster, 'listClusterUserCredential/action', 'read') },
  ),
  role(
    'b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b',
    'Azure Kubernetes Service RBAC Cluster Admin',
    'Lets you manage all resources in the cluster.',
    { actions: clusterUser, dataActions: [`${cluster}/*`] },
  ),
  role(
    '3498e952-d568-435e-9b2c-8d77e338d7f7',
    'Azure Kubernetes Service RBAC Admin',
    'Lets you manage all resources under cluster/namespace, except update or delete resource quotas and namespaces.',
    {
      actions: clusterUser,
      dataActions: [`${cluster}/*`],
      notDataActions: of(
        cluster,
        'resourcequotas/write',
        'resourcequotas/delete',
        'namespaces/write',
        'namespaces/delete',
      ),
    },
  ),
  role(
    'a7ffa36f-339b-4b5c-8bdf-e2c188b2c0eb',
    'Azure Kubernetes Service RBAC Writer',
    'Allows read/write access to most objects in a namespace.This role does not allow viewing or modifying roles or role bindings. However, this role allows accessing Secrets and running Pods as any ServiceAccount in the namespace, so it can be used to gain the API access levels of any ServiceAccount in the namespace. Applying this role at cluster scope will give access across all namespaces.',
    {
      actions: clusterReader,
      dataActions: of(
        cluster,
        ...[...objects, 'secrets', 'events'].map((name) => `${name}/*`),
        ...[...seen, ...measured].filter((name) => name !== 'events').map((name) => `${name}/read`),
        ...['read', 'write', 'delete'].map((verb) => `coordination.k8s.io/leases/${verb}`),
      ),
    },
  ),
  role(
    '7f6c6a51-bcf8-42ba-9220-52d62157d7db',
    'Azure Kubernetes Service RBAC Reader',
    'Allows read-only access to see most objects in a namespace. It does not allow viewing roles or role bindings. This role does not allow viewing Secrets, since reading the contents of Secrets enables access to ServiceAccount credentials in the namespace, which would allow API access as any ServiceAccount in the namespace (a form of privilege escalation). Applying this role at cluster scope will give access across all namespaces.',
    {
      actions: clusterReader,
      dataActions: of(cluster, ...[...objects, ...seen, ...measured].map((name) => `${name}/read`)),
    },
  ),
  role(
    'ed7f3fbd-7b88-4dd4-9017-9adb7ce333f8',
    'Azure Kubernetes Service Contributor Role',
    'Grants access to read and write Azure Kubernetes Service clusters',
    {
      actions: [
        ...upkeep.slice(0, -1),
        ...of(
          'Microsoft.ContainerService',
          'locations/*',
          'managedClusters/*',
          'managedclustersnapshots/*',
          'snapshots/*',
          'deploymentSafeguards/*',
        ),
      ],
    },
  ),
  role('7f951dda-4ed3-4680-a7ca-43fe172d538d', 'AcrPull', 'acr pull', {
    actions: ['Microsoft.ContainerRegistry/registries/pull/read'],
  }),
  role('8311e382-0749-4cb8-b61a-304f252e45ec', 'AcrPush', 'acr push', {
    actions: of('Microsoft.ContainerRegistry/registries', 'pull/read', 'push/write'),
  }),
  role(
    '090c5cfd-751d-490a-894a-3ce6f1109419',
    'Azure Service Bus Data Owner',
    'Allows for full access to Azure Service Bus resources.',
    { actions: [`${bus}/*`], dataActions: [`${bus}/*`] },
  ),
  role(
    '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39',
    'Azure Service Bus Data Sender',
    'Allows for send access to Azure Service Bus resources.',
    {
      actions: of(`${bus}/*`, 'queues/read', 'topics/read', 'topics/subscriptions/read'),
      dataActions: [`${bus}/*/send/action`],
    },
  ),
  role(
    '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0',
    'Azure Service Bus Data Receiver',
    'Allows for receive access to Azure Service Bus resources.',
    {
      actions: of(`${bus}/*`, 'queues/read', 'topics/read', 'topics/subscriptions/read'),
      dataActions: [`${bus}/*/receive/action`],
    },
  ),
  role(
    'f526a384-b230-433a-b45c-95f59c4a2dec',
    'Azure Event Hubs Data Owner',
    'Allows for full access to Azure Event Hubs resources.',
    { actions: [hub], dataActions: [hub] },
  ),
  role(
    '2b629674-e913-4c01-ae53-ef4638d8f975',
    'Azure Event Hubs Data Sender',
    'Allows send access to Azure Event Hubs resources.',
    { actions: of(hub, 'eventhubs/read'), dataActions: of(hub, 'send/action') },
  ),
  role(
    'a638d3c7-ab3a-418d-83e6-5f17a39d4fde',
    'Azure Event Hubs Data Receiver',
    'Allows receive access to Azure Event Hubs resources.',
    { actions: of(hub, 'eventhubs/consumergroups/read'), dataActions: of(hub, 'receive/action') },
  ),
  role(
    '516239f1-63e1-4d78-a4de-a74fb236a071',
    'App Configuration Data Reader',
    'Allows read access to App Configuration data.',
    { dataActions: of(stores, '*/read') },
  ),
  role(
    '5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b',
    'App Configuration Data Owner',
    'Allows full access to App Configuration data.',
    {
      dataActions: of(stores, '*/read', '*/write', '*/delete', '*/action'),
      notDataActions: of(stores, 'useSasAuth/action'),
    },
  ),
  role(
    'f1a07417-d97a-45cb-824c-7a7467783830',
    'Managed Identity Operator',
    'Read and Assign User Assigned Identity',
    { actions: [...of(identities, '*/read', '*/assign/action'), ...upkeep] },
  ),
  role(
    'e40ec5ca-96e0-45a2-b4ff-59039f2c2b59',
    'Managed Identity Contributor',
    'Create, Read, Update, and Delete User Assigned Identity',
    {
      actions: [
        ...of(
          identities,
          'read',
          'write',
          'delete',
          'revokeTokens/action',
          'federatedIdentityCredentials/read',
          'federatedIdentityCredentials/write',
          'federatedIdentityCredentials/delete',
        ),
        ...upkeep,
      ],
    },
  ),
  ...applicationServiceRoles,
]
