import type { Apis, JsonObject } from '../apis.ts'
import type { Fixture } from '../fault.ts'

/** A workload on a cluster and a vault that exist, before anyone gave it an identity. */
export interface Workload {
  fixture: Fixture
  apis: Apis
  namespace: string
  account: string
  vault: string
  vaultId: string
  secret: string
  issuer: string
  /** The same workload as seen from the tenant's second or third subscription. */
  inSubscription(index: 1 | 2): Workload
}

/** The principal that others created for the workload. */
export interface Principal {
  clientId: string
  objectId: string
}

/** A healthy chain that wi-setup did not create. */
export interface Stranger {
  name: string
  /** The vault's access model; Azure RBAC if left out. `elsewhere`: the same in the third subscription. */
  access?: 'policy' | 'elsewhere'
  build(workload: Workload): Promise<unknown>
}

export const roles = {
  secretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  secretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
  administrator: '00482a5a-887f-4fb3-b363-3b7fe8e74483',
  certificateUser: 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba',
} as const

const audiences = ['api://AzureADTokenExchange']
const subjectOf = ({ namespace, account }: Workload) => `system:serviceaccount:${namespace}:${account}`

/** Creates the service account with the client ID alone, as the tutorials do. */
export const makeAccount = (
  { apis, namespace, account }: Workload,
  clientId: string,
  annotations: Record<string, string> = {},
) =>
  apis.kube('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: account,
      annotations: { 'azure.workload.identity/client-id': clientId, ...annotations },
    },
  })

/** An app registration as the portal or az makes it: no unique name, a credential with any name. */
export async function makeApp(
  workload: Workload,
  { credential = 'kubernetes', displayName = 'shop-api', description = '' } = {},
): Promise<Principal> {
  const { graph } = workload.apis
  const { id, appId } = await graph('POST', '/applications', { displayName })
  const { id: objectId } = await graph('POST', '/servicePrincipals', { appId })
  await graph('POST', `/applications/${id}/federatedIdentityCredentials`, {
    name: credential,
    issuer: workload.issuer,
    subject: subjectOf(workload),
    description,
    audiences,
  })
  await makeAccount(workload, appId)
  return { clientId: appId, objectId }
}

/** A managed identity with its credential in any resource group. */
export async function makeManaged(
  workload: Workload,
  { group = 'rg-score', name = `id-${workload.namespace}`, tags = {} as Record<string, string> } = {},
): Promise<Principal> {
  const { arm } = workload.apis
  await arm('PUT', `/resourceGroups/${group}`, { location: 'westeurope' })
  const path = `/resourceGroups/${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`
  const { properties } = await arm('PUT', path, { location: 'westeurope', tags })
  await arm('PUT', `${path}/federatedIdentityCredentials/fic-${workload.account}`, {
    properties: { issuer: workload.issuer, subject: subjectOf(workload), audiences },
  })
  await makeAccount(workload, properties.clientId)
  return { clientId: properties.clientId, objectId: properties.principalId }
}

/** Assigns a role below the subscription; `scope` is relative to it. */
export const assign = (
  { apis, fixture }: Workload,
  scope: string,
  role: string,
  principalId: string,
  extra: JsonObject = {},
) =>
  apis.arm('PUT', `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`, {
    properties: {
      roleDefinitionId: `/subscriptions/${fixture.settings.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      principalId,
      ...extra,
    },
  })

/** Creates a security group with these members and returns its ID. */
export async function makeGroup({ apis }: Workload, ...members: string[]): Promise<string> {
  const name = `readers-${crypto.randomUUID().slice(0, 8)}`
  const { id } = await apis.graph('POST', '/groups', {
    displayName: name,
    mailNickname: name,
    mailEnabled: false,
    securityEnabled: true,
  })
  for (const member of members)
    await apis.graph('POST', `/groups/${id}/members/$ref`, {
      '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${member}`,
    })
  return id
}

export const addPolicy = (
  { apis, fixture, vaultId }: Workload,
  objectId: string,
  secrets: readonly string[],
) =>
  apis.arm('PUT', `${vaultId}/accessPolicies/add`, {
    properties: {
      accessPolicies: [{ tenantId: fixture.settings.tenant, objectId, permissions: { secrets } }],
    },
  })
