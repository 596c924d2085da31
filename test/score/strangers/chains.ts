import { bindIdentity } from '../bind-identity.ts'
import { clusterPath, sandboxOf } from '../fault.ts'
import {
  addPolicy,
  assign,
  makeAccount,
  makeApp,
  makeGroup,
  makeManaged,
  type Principal,
  roles,
  type Stranger,
  type Workload,
} from './stranger.ts'

const app =
  (grant: (workload: Workload, principal: Principal) => Promise<unknown>, options = {}): Stranger['build'] =>
  async (workload) =>
    grant(workload, await makeApp(workload, options))

const managed =
  (
    grant: (workload: Workload, principal: Principal) => Promise<unknown>,
    options: Parameters<typeof makeManaged>[1] = {},
  ): Stranger['build'] =>
  async (workload) =>
    grant(workload, await makeManaged(workload, options))

const onVault =
  (role: string, extra = {}) =>
  (workload: Workload, { objectId }: Principal) =>
    assign(workload, workload.vaultId, role, objectId, extra)

const at =
  (scope: (workload: Workload) => string) =>
  (workload: Workload, { objectId }: Principal) =>
    assign(workload, scope(workload), roles.secretsUser, objectId)

const policy =
  (...secrets: string[]) =>
  (workload: Workload, { objectId }: Principal) =>
    addPolicy(workload, objectId, secrets)

/** Assigns the role above the subscription, where only the tenant's administrators can. */
const atManagementGroup =
  (extra: Record<string, string> = {}) =>
  async ({ fixture }: Workload, { objectId }: Pick<Principal, 'objectId'>): Promise<void> => {
    const scope = '/providers/Microsoft.Management/managementGroups/contoso'
    const name = crypto.randomUUID()
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`
    const { state } = sandboxOf(fixture).sandbox
    state.arm.roleAssignments[id.toLowerCase()] = {
      ...{ id, name, scope, principalId: objectId, principalType: 'ServicePrincipal', createdAt: 0, extra },
      roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${roles.secretsUser}`,
    }
  }

const secretReader = { dataActions: ['Microsoft.KeyVault/vaults/secrets/getSecret/action'] }

/** A custom role, by default one that only reads values, and its assignment. */
async function customRole(
  workload: Workload,
  { objectId }: Principal,
  permissions: object = secretReader,
): Promise<void> {
  const { apis, fixture, vaultId } = workload
  const guid = crypto.randomUUID()
  await apis.arm('PUT', `/providers/Microsoft.Authorization/roleDefinitions/${guid}`, {
    properties: {
      roleName: `Secret Getter ${guid}`,
      type: 'CustomRole',
      assignableScopes: [`/subscriptions/${fixture.settings.subscription}`],
      permissions: [permissions],
    },
  })
  await assign(workload, vaultId, guid, objectId)
}

const otherCredentials = async (workload: Workload, principal: Principal): Promise<void> => {
  const { graph } = workload.apis
  const { id } = await graph('GET', `/applications(appId='${principal.clientId}')`)
  for (let n = 0; n < 8; n++)
    await graph('POST', `/applications/${id}/federatedIdentityCredentials`, {
      name: `job-${n}`,
      issuer: n % 2 ? 'https://token.actions.githubusercontent.com' : workload.issuer,
      subject: n % 2 ? `repo:acme/shop:environment:env-${n}` : `system:serviceaccount:jobs:job-${n}`,
      audiences: ['api://AzureADTokenExchange'],
    })
  await assign(workload, workload.vaultId, roles.secretsUser, principal.objectId)
}

/** A credential for every branch of a repository, on the same application. */
const flexibleCredential = async (workload: Workload, principal: Principal): Promise<void> => {
  const { graph, graphBeta } = workload.apis
  const { id } = await graph('GET', `/applications(appId='${principal.clientId}')`)
  await graphBeta('POST', `/applications/${id}/federatedIdentityCredentials`, {
    name: 'deploy-branches',
    issuer: 'https://token.actions.githubusercontent.com',
    audiences: ['api://AzureADTokenExchange'],
    claimsMatchingExpression: {
      value: "claims['sub'] matches 'repo:acme/shop:ref:refs/heads/*'",
      languageVersion: 1,
    },
  })
  await assign(workload, workload.vaultId, roles.secretsUser, principal.objectId)
}

/** A managed identity without any credential for the workload: AKS exchanges its tokens. */
async function boundIdentity(workload: Workload): Promise<void> {
  const { apis, fixture, namespace, account } = workload
  const path = `/resourceGroups/rg-score/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-${namespace}`
  const { id, properties } = await apis.arm('PUT', path, { location: 'westeurope' })
  const { clientId, principalId } = properties
  await makeAccount(workload, clientId)
  const identity = { identityId: id, clientId, namespace, account }
  await bindIdentity({ apis, clusterPath: clusterPath(fixture), ...identity })
  await assign(workload, workload.vaultId, roles.secretsUser, principalId)
}

/** A managed identity with a namesake in another group; the service account has its client ID in capitals. */
async function namesake(workload: Workload): Promise<void> {
  const { apis, namespace, account } = workload
  await apis.arm('PUT', '/resourceGroups/rg-ids', { location: 'westeurope' })
  const path = `/resourceGroups/rg-ids/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-${namespace}`
  await apis.arm('PUT', path, { location: 'westeurope' })
  const { clientId, objectId } = await makeManaged(workload)
  await apis.kube('PATCH', `/api/v1/namespaces/${namespace}/serviceaccounts/${account}`, {
    metadata: { annotations: { 'azure.workload.identity/client-id': clientId.toUpperCase() } },
  })
  await onVault(roles.secretsUser)(workload, { clientId, objectId })
}

/** A role that excludes secrets, and one through a group that excludes only deleting them. */
async function severalRoles(workload: Workload, { objectId }: Principal): Promise<void> {
  await customRole(
    workload,
    { clientId: '', objectId },
    {
      dataActions: ['Microsoft.KeyVault/vaults/*'],
      notDataActions: ['Microsoft.KeyVault/vaults/secrets/*'],
    },
  )
  const group = await makeGroup(workload, objectId)
  await customRole(
    workload,
    { clientId: '', objectId: group },
    {
      dataActions: ['Microsoft.KeyVault/vaults/secrets/*'],
      notDataActions: [
        'Microsoft.KeyVault/vaults/secrets/delete',
        'Microsoft.KeyVault/vaults/secrets/purge/action',
      ],
    },
  )
}

/** Healthy chains that wi-setup did not create: az by hand, azwi, Terraform, platform teams. */
export const strangers: readonly Stranger[] = [
  { name: 'az by hand: app, role on the vault', build: app(onVault(roles.secretsUser)) },
  {
    name: 'azwi: its names and description',
    build: app(onVault(roles.secretsUser), {
      displayName: 'azwi-shop',
      credential: 'kubernetes-federated-credential',
      description: 'Federated Service Account for shop/api',
    }),
  },
  { name: 'role on the one secret', build: app(at(({ vaultId, secret }) => `${vaultId}/secrets/${secret}`)) },
  { name: 'role on the resource group', build: app(at(() => '/resourceGroups/rg-score')) },
  { name: 'role on the subscription', build: app(at(() => '')) },
  { name: 'Key Vault Secrets Officer', build: app(onVault(roles.secretsOfficer)) },
  { name: 'Key Vault Administrator', build: app(onVault(roles.administrator)) },
  { name: 'Key Vault Certificate User', build: app(onVault(roles.certificateUser)) },
  { name: 'custom role that only gets', build: app(customRole) },
  {
    name: 'custom role with a wildcard and exclusions, through a group, beside one without secrets',
    build: app(severalRoles),
  },
  {
    name: 'role on the one secret through a group',
    build: app(async (workload, { objectId }) => {
      const group = await makeGroup(workload, objectId)
      await assign(workload, `${workload.vaultId}/secrets/${workload.secret}`, roles.secretsUser, group)
    }),
  },
  { name: 'managed identity with a namesake, client ID in capitals', build: namesake },
  {
    name: 'role with a description and a condition version',
    build: app(onVault(roles.secretsUser, { description: 'ticket 4711', conditionVersion: '2.0' })),
  },
  {
    name: 'role under a condition for another action',
    build: app(
      onVault(roles.secretsUser, {
        condition:
          "(!(ActionMatches{'Microsoft.KeyVault/vaults/secrets/readMetadata/action'})) OR (@Resource[Microsoft.KeyVault/vaults/secrets:name] StringEquals 'a')",
      }),
    ),
  },
  {
    name: 'role through a group',
    build: app(async (workload, { objectId }) =>
      assign(workload, workload.vaultId, roles.secretsUser, await makeGroup(workload, objectId)),
    ),
  },
  {
    name: 'role through a group in a group',
    build: app(async (workload, { objectId }) =>
      assign(
        workload,
        workload.vaultId,
        roles.secretsUser,
        await makeGroup(workload, await makeGroup(workload, objectId)),
      ),
    ),
  },
  { name: 'role at a management group', build: app(atManagementGroup()) },
  {
    name: 'role at a management group, through a group, under a condition for another action',
    build: app(async (workload, { objectId }) =>
      atManagementGroup({
        conditionVersion: '2.0',
        condition:
          "(!(ActionMatches{'Microsoft.KeyVault/vaults/secrets/delete'})) OR (@Resource[Microsoft.KeyVault/vaults/secrets:name] StringEquals 'a')",
      })(workload, { objectId: await makeGroup(workload, objectId) }),
    ),
  },
  { name: 'app with eight other credentials', build: app(otherCredentials) },
  { name: 'app with a flexible credential', build: app(flexibleCredential) },
  { name: 'managed identity', build: managed(onVault(roles.secretsUser)) },
  {
    name: 'managed identity of another group',
    build: managed(onVault(roles.secretsUser), { group: 'rg-ids' }),
  },
  {
    name: 'cluster, identity and vault in three subscriptions',
    access: 'elsewhere',
    build: async (workload) => {
      const { objectId } = await makeManaged(workload.inSubscription(1), { group: 'rg-ids' })
      await assign(workload.inSubscription(2), workload.vaultId, roles.secretsUser, objectId)
    },
  },
  {
    name: 'Terraform: names and tags of its own',
    build: managed(onVault(roles.secretsUser), {
      group: 'rg-platform',
      name: 'uai_shop-prod',
      tags: { managed_by: 'terraform' },
    }),
  },
  { name: 'managed identity with an identity binding', build: boundIdentity },
  { name: 'managed identity, custom role', build: managed(customRole) },
  {
    name: 'managed identity, role on the one secret',
    build: managed(
      at(({ vaultId, secret }) => `${vaultId}/secrets/${secret}`),
      { group: 'rg-ids' },
    ),
  },
  {
    name: 'managed identity, role through a group',
    build: managed(async (workload, { objectId }) =>
      assign(workload, workload.vaultId, roles.secretsUser, await makeGroup(workload, objectId)),
    ),
  },
  { name: 'policy: get', access: 'policy', build: app(policy('get')) },
  { name: 'policy: get, list', access: 'policy', build: app(policy('get', 'list')) },
  { name: 'policy: all', access: 'policy', build: app(policy('all')) },
  { name: 'policy: Get, Set', access: 'policy', build: app(policy('Get', 'Set')) },
  { name: 'managed identity, policy: get', access: 'policy', build: managed(policy('get')) },
  {
    name: 'managed identity of another group, policy: get',
    access: 'policy',
    build: managed(policy('get'), { group: 'rg-ids' }),
  },
  {
    name: 'policy of a group',
    access: 'policy',
    build: app(async (workload, { objectId }) =>
      addPolicy(workload, await makeGroup(workload, objectId), ['get']),
    ),
  },
]
