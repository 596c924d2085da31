import { isAllowed } from '../../arm/authorization/permissions.ts'
import { findResource } from '../../arm/resources/resources.ts'
import { checkToken } from '../../entra/access-tokens.ts'
import { groupsOf } from '../../graph/groups.ts'
import type { Simulator } from '../../simulator.ts'
import type { KubeCluster } from '../state.ts'
import type { AccessAttributes } from './access-attributes.ts'
import type { User } from './tokens.ts'

/** The application that the API servers of all AKS clusters accept Entra tokens for. */
export const aksServerApplication = '6dae42f8-4368-4678-94ff-3960e28e3630'

interface EntraProfile {
  managed?: boolean
  enableAzureRBAC?: boolean
}

/** Returns how the cluster lets Entra users sign in, or `undefined` if it doesn't. */
export function entraProfileOf(simulator: Simulator, cluster: KubeCluster): EntraProfile | undefined {
  const profile = findResource(simulator, cluster.resourceId)?.body.properties.aadProfile
  return (profile as EntraProfile | undefined)?.managed ? (profile as EntraProfile) : undefined
}

/** What Azure calls the verb; the others are actions, such as `bind/action`. */
const operations: Record<string, string> = {
  get: 'read',
  list: 'read',
  watch: 'read',
  create: 'write',
  update: 'write',
  patch: 'write',
  delete: 'delete',
  deletecollection: 'delete',
}

/** Returns the data action of a request: `Microsoft.ContainerService/managedClusters/apps/deployments/read`. */
function dataAction(attributes: AccessAttributes): string {
  const { verb } = attributes
  const operation = operations[verb] ?? `${verb}/action`
  const target =
    'path' in attributes
      ? attributes.path.split('/')
      : [attributes.group, attributes.resource, attributes.subresource]
  return ['Microsoft.ContainerService/managedClusters', ...target, operation].filter(Boolean).join('/')
}

/** Returns the Entra user of a token for the API server, or `undefined` if the cluster does not accept it. */
export async function entraUser(
  simulator: Simulator,
  cluster: KubeCluster,
  token: string,
): Promise<User | undefined> {
  const profile = entraProfileOf(simulator, cluster)
  if (!profile) return undefined
  const result = await checkToken(token, simulator, [aksServerApplication])
  if (result.state !== 'valid' || result.caller.tid !== cluster.tenantId) return undefined
  const { oid } = result.caller
  const mayByAzure = (attributes: AccessAttributes) => {
    const namespace = 'namespace' in attributes && attributes.namespace
    const scope = namespace ? `${cluster.resourceId}/namespaces/${namespace}` : cluster.resourceId
    return isAllowed(simulator, oid, dataAction(attributes), scope, 'data')
  }
  return {
    // AKS names service principals by their object ID; it has no user principal name for them.
    username: oid,
    groups: [...groupsOf(simulator, oid), 'system:authenticated'],
    extra: { oid: [oid] },
    ...(profile.enableAzureRBAC ? { mayByAzure } : {}),
  }
}
