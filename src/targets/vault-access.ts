import { equalsIgnoreCase } from '../clients/azure/resource-id.ts'
import type { AzureResource } from '../clients/resources.ts'
import { roleAccess } from './role-access.ts'
import type { AccessContext, AccessMethod, FoundAccess, Target } from './target.ts'

export type VaultCollection = 'keys' | 'certificates'

/** What all targets in a Key Vault have in common. */
export const keyVault = {
  type: 'Microsoft.KeyVault/vaults',
  apiVersion: '2023-07-01',
  resourceTitle: 'Key Vault',
  isPublic: ({ properties }) => properties.publicNetworkAccess !== 'Disabled',
} as const satisfies Partial<Target>

export const vaultName = /^[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/
export const vaultItemName = /^[0-9a-zA-Z-]{1,127}$/

const writePolicies = 'Microsoft.KeyVault/vaults/accessPolicies/write'

const usesRoles = ({ properties }: AzureResource) => properties.enableRbacAuthorization === true

interface Policy {
  tenantId: string
  objectId: string
  applicationId?: string
  permissions?: Partial<Record<string, string[]>>
}

const policiesOf = ({ properties }: AzureResource) => (properties.accessPolicies ?? []) as Policy[]

/** Returns the proof of access to a collection, or to what the grant names in it. */
export const vaultRead = (
  { properties }: AzureResource,
  collection: VaultCollection,
  name: string | undefined,
) =>
  ({
    by: 'request',
    request: {
      service: 'vault',
      url: `${String(properties.vaultUri ?? '').replace(/\/?$/, '/')}${collection}${name === undefined ? '' : `/${name}`}?api-version=7.4`,
    },
    shows: ({ text }) =>
      name === undefined
        ? `lists its ${collection}${/"value":\s*\[\s*\]/.test(text) ? ' (there are none)' : ''}`
        : `reads ${name}`,
  }) satisfies ReturnType<Target['proof']>

/**
 * Access to keys or certificates: by a role, or by an access policy if the vault uses these. `permissions` are those of
 * the policy, by the word of the role.
 */
export function vaultItemAccess(
  collection: VaultCollection,
  permissions: Readonly<Record<string, readonly string[]>>,
): AccessMethod {
  const wanted = ({ grant }: AccessContext) => permissions[grant.role.word]!
  const granted = ({ resource, principalId }: AccessContext) =>
    policiesOf(resource)
      .filter(({ objectId, applicationId }) => !applicationId && equalsIgnoreCase(objectId, principalId))
      .flatMap((each) => each.permissions?.[collection] ?? [])
      .map((each) => each.toLowerCase())
  const change = async (ctx: AccessContext, kind: 'add' | 'remove') => {
    const { resources, resource, grant, principalId } = ctx
    const policy = {
      tenantId: String(resource.properties.tenantId ?? ''),
      objectId: principalId,
      permissions: { [collection]: wanted(ctx) },
    }
    await resources.put(`${resource.id}/accessPolicies/${kind}`, grant.target.apiVersion, {
      properties: { accessPolicies: [policy] },
    })
  }
  const policyAccess: AccessMethod = {
    actions: [writePolicies, writePolicies],
    async find(ctx): Promise<FoundAccess | undefined> {
      const has = granted(ctx)
      if (!has.includes('all') && !wanted(ctx).every((each) => has.includes(each.toLowerCase())))
        return undefined
      // Policies have no place for a mark: exactly what we grant is ours.
      const owned = has.length === wanted(ctx).length
      return { role: `policy ${has.join(', ')}`, scope: ctx.resource.id, owned }
    },
    async others(ctx) {
      const has = granted(ctx)
      return has.length ? [`policy ${has.join(', ')} for ${collection}`] : []
    },
    grant: (ctx) => change(ctx, 'add'),
    revoke: (ctx) => change(ctx, 'remove'),
  }
  const methodOf = ({ resource }: AccessContext) => (usesRoles(resource) ? roleAccess : policyAccess)
  return {
    actions: roleAccess.actions,
    actionOn: (resource) => (usesRoles(resource) ? roleAccess.actions[0] : writePolicies),
    find: (ctx) => methodOf(ctx).find(ctx),
    others: (ctx) => methodOf(ctx).others(ctx),
    grant: (ctx) => methodOf(ctx).grant(ctx),
    revoke: (ctx) => methodOf(ctx).revoke(ctx),
  }
}
