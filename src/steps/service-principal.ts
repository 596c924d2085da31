import { equalsIgnoreCase } from '../clients/azure/resource-id.ts'
import type { Clients } from '../clients/clients.ts'
import { absent, compared, nothingToRemove, notManaged, removable, retained, step } from '../engine/step.ts'
import type { Settings } from '../settings/settings.ts'
import { parseGrants } from '../targets/parse-grant.ts'
import { isScopeOf } from '../targets/role-access.ts'
import { isManagedCredential, partitionCredentials } from './credentials.ts'
import { isManagedAssignment, revokeEarlierAccess } from './grants.ts'
import { vaultGroup } from './groups.ts'
import { appRegistration, type Identity } from './identity.ts'
import { otherAccountsOf } from './identity-users.ts'

export interface Principal {
  /** The object ID that roles and access policies are assigned to. */
  principalId: string
  /** For `destroy`: other workloads that wi-setup set up use it as well. */
  shared?: boolean
}

/** The application's service principal. A managed identity comes with one. */
export const servicePrincipal = step<Principal>()({
  id: 'service-principal',
  title: 'service principal',
  command: 'identity',
  uses: ['identity'],
  needs: { identity: appRegistration },
  label: (settings) => settings.identity,
  async inspect({ directory, identity }) {
    if (!identity.clientId) return absent(identity.kind === 'managed' ? 'comes with the identity' : undefined)
    if (identity.kind === 'managed')
      return { state: 'ready', out: { principalId: identity.principalId! }, owned: false }
    const found = await directory.servicePrincipal(identity.clientId)
    if (!found) return absent()
    return compared({ principalId: found.objectId }, found.tags.includes('managed-by:wi-setup'), [])
  },
  within: () => 'identity',
  async removability(ctx) {
    const { settings, directory, identity, roles } = ctx
    if (!identity.clientId) return nothingToRemove
    const principal =
      identity.kind === 'managed'
        ? { objectId: identity.principalId!, tags: [] as string[] }
        : await directory.servicePrincipal(identity.clientId)
    if (!principal) return nothingToRemove
    const [{ others }, accounts] = await Promise.all([
      issuerOf(ctx).then((issuer) => partitionCredentials(ctx, identity as Identity, issuer)),
      otherAccountsOf(ctx, identity.clientId),
    ])
    const out = {
      principalId: principal.objectId,
      shared: others.some(isManagedCredential) || accounts.length > 0,
    }
    const grants = parseGrants(settings.grants)
    const { subscription, group } = vaultGroup(settings)
    const vaultId = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/${settings.vault}`
    const isKnown = (scope: string) =>
      equalsIgnoreCase(scope, vaultId) || grants.some((grant) => isScopeOf(grant, scope))
    const assigned = await roles.assignmentsInSubscription(subscription, principal.objectId)
    // What wi-setup granted earlier is this workload's, unless others use the identity.
    const earlier = assigned.filter((each) => isManagedAssignment(each) && !isKnown(each.scope))
    const elsewhere = assigned.filter(
      (each) => !isManagedAssignment(each) || (out.shared && !isKnown(each.scope)),
    )
    const otherRoles = elsewhere.length
      ? `it has ${elsewhere.length} other ${elsewhere.length === 1 ? 'role' : 'roles'}`
      : undefined
    if (identity.kind === 'managed')
      return otherRoles
        ? retained(out, otherRoles)
        : { ...retained(out, 'is part of the identity'), detached: true }
    if (!principal.tags.includes('managed-by:wi-setup'))
      return { ...retained(out, notManaged), detached: true }
    if (otherRoles) return retained(out, otherRoles)
    const application = await directory.applicationByClientId(identity.clientId)
    return application?.keys || others.length || accounts.length
      ? retained(out, 'the application is also used by others')
      : removable(
          out,
          earlier.length
            ? `with ${earlier.length} ${earlier.length === 1 ? 'role' : 'roles'} that wi-setup granted earlier`
            : undefined,
        )
  },
  remove: async ({ settings, directory, identity, roles }, { principalId }) => {
    if (identity.kind !== 'app') return
    await revokeEarlierAccess({ roles }, vaultGroup(settings).subscription, principalId!)
    await directory.removeServicePrincipal(principalId!)
  },
  async apply({ directory, identity }) {
    if (identity.kind === 'app')
      await directory.createServicePrincipal({ clientId: identity.clientId, tags: ['managed-by:wi-setup'] })
  },
})

/** Returns the cluster's issuer if there is a cluster, without needing the cluster step. */
async function issuerOf({
  settings: { issuer, context, kubeconfig, cluster, clusterResourceGroup },
  aksClusters,
  kubernetes,
}: { settings: Settings } & Pick<Clients, 'aksClusters' | 'kubernetes'>): Promise<string | undefined> {
  if (issuer !== undefined) return undefined
  if (context === undefined && kubeconfig === undefined)
    return (await aksClusters.get(clusterResourceGroup, cluster!))?.issuer
  return kubernetes({ kind: 'kubeconfig', path: kubeconfig, context })
    .issuer()
    .catch(() => undefined)
}
