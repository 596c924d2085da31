import { dataScope } from '../clients/data-services.ts'
import type { AzureResource } from '../clients/resources.ts'
import { ServiceError } from '../clients/service-error.ts'
import { roleAccess } from './role-access.ts'
import type { AccessContext, ProofContext, Target, TargetRole } from './target.ts'

const registries = 'Microsoft.ContainerRegistry/registries'

const roles = [
  {
    word: 'reader',
    id: '7f951dda-4ed3-4680-a7ca-43fe172d538d',
    name: 'AcrPull',
    action: `${registries}/pull/read`,
    plane: 'control',
  },
  {
    word: 'contributor',
    id: '8311e382-0749-4cb8-b61a-304f252e45ec',
    name: 'AcrPush',
    action: `${registries}/push/write`,
    plane: 'control',
  },
] as const satisfies TargetRole[]

/** The roles that count in a registry with repository permissions, where the others give no access. */
const repositoryRoles: readonly TargetRole[] = [
  {
    word: 'reader',
    id: 'b93aa761-3e63-49ed-ac28-beffa264f7ac',
    name: 'Container Registry Repository Reader',
    action: `${registries}/repositories/content/read`,
    plane: 'data',
  },
  {
    word: 'contributor',
    id: '2a1e307c-b015-4ebd-883e-5b7698a07328',
    name: 'Container Registry Repository Writer',
    action: `${registries}/repositories/content/write`,
    plane: 'data',
  },
]

/** Returns the context with the role that counts in the registry's mode. */
function inMode(ctx: AccessContext): AccessContext {
  if (ctx.resource.properties.roleAssignmentMode !== 'AbacRepositoryPermissions') return ctx
  const role = repositoryRoles.find(({ word }) => word === ctx.grant.role.word)!
  return { ...ctx, grant: { ...ctx.grant, role } }
}

/** Exchanges the workload's token for one of the registry, as Docker does before it pulls. */
async function signIn(
  { cloud, dataPlane, token }: ProofContext,
  { properties }: AzureResource,
): Promise<string> {
  const login = String(properties.loginServer ?? '')
  const service = 'acr'
  const own = await token(dataScope(cloud, service))
  const { text } = await dataPlane.send(
    {
      service,
      method: 'POST',
      url: `https://${login}/oauth2/exchange`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'access_token', service: login, access_token: own }).toString(),
      authorization: () => undefined,
    },
    own,
  )
  if (!/"refresh_token"\s{0,9}:\s{0,9}"/.test(text))
    throw new ServiceError({ service, code: 'NoRegistryToken', message: 'The registry returned no token' })
  return 'signs in to the registry'
}

/** Images of a container registry. Source: built-in roles and token exchange of Azure Container Registry. */
export const acr: Target = {
  name: 'acr',
  form: 'acr:REGISTRY',
  example: 'acr:shopregistry=reader',
  type: registries,
  // Earlier versions hide the mode of role assignments.
  apiVersion: '2025-11-01',
  resourceTitle: 'container registry',
  roles,
  names: {
    allowed: '5 to 50 letters and digits',
    resource: /^[a-zA-Z0-9]{5,50}$/,
  },
  label: (registry) => `images of ${registry}`,
  scope: (id) => id,
  isPublic: ({ properties }) => properties.publicNetworkAccess !== 'Disabled',
  proof: (resource) => ({ by: 'run', run: (ctx) => signIn(ctx, resource) }),
  refusal({ code, message }) {
    if (code === 'DENIED') return 'network'
    if (code === 'UNAUTHORIZED') return /token validation failed/i.test(message) ? 'token' : 'role'
    return code === 'NAME_UNKNOWN' || code === 'MANIFEST_UNKNOWN' ? 'entity' : undefined
  },
  access: {
    actions: roleAccess.actions,
    find: (ctx) => roleAccess.find(inMode(ctx)),
    others: (ctx) => roleAccess.others(inMode(ctx)),
    grant: (ctx) => roleAccess.grant(inMode(ctx)),
    revoke: (ctx) => roleAccess.revoke(inMode(ctx)),
  },
}
