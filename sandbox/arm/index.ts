import type { CallerClaims } from '../entra/access-tokens.ts'
import { type Call, InvalidBodyError, type Reply } from '../http.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { agentPoolRoutes } from './aks/agent-pools.ts'
import { clusterCommandRoutes } from './aks/cluster-actions.ts'
import { clusterRoutes } from './aks/clusters.ts'
import { computeUsageRoutes } from './aks/compute-usages.ts'
import { authenticate, requirePermission } from './authorization/access.ts'
import { absentRoutes } from './authorization/empty-lists.ts'
import { roleAssignmentRoutes } from './authorization/role-assignments.ts'
import { roleDefinitionRoutes } from './authorization/role-definitions.ts'
import { finishDueOperations } from './due-operations.ts'
import { ArmError, groupNotFound, invalidContent, sandboxOnly } from './errors.ts'
import { armFailure } from './failures.ts'
import { federatedCredentialRoutes } from './identity/federated-credentials.ts'
import { identityRoutes } from './identity/identities.ts'
import { deletedVaultRoutes } from './keyvault/deleted-vaults.ts'
import { vaultNameRoutes } from './keyvault/names.ts'
import { vaultContentRoutes } from './keyvault/vault-contents.ts'
import { vaultRoutes } from './keyvault/vaults.ts'
import { operationRoutes } from './operations.ts'
import { countRequest } from './rate-limits.ts'
import { type ArmRoute, actionOf, checkedScope, findRoute } from './request.ts'
import { groupRoutes, requireNotDeleting } from './resources/groups.ts'
import { metadata } from './resources/metadata.ts'
import { findProvider, invalidNamespace, providerRoutes, requireRegistered } from './resources/providers.ts'
import { findGroup, resourceRoutes } from './resources/resources.ts'
import { subscriptionRoutes } from './resources/subscriptions.ts'
import { responseHeaders } from './response-headers.ts'
import { newArmState } from './state.ts'

const routes: ArmRoute[] = [
  ...subscriptionRoutes,
  ...groupRoutes,
  ...resourceRoutes,
  ...operationRoutes,
  ...clusterRoutes,
  ...clusterCommandRoutes,
  ...agentPoolRoutes,
  ...computeUsageRoutes,
  ...identityRoutes,
  ...federatedCredentialRoutes,
  ...vaultRoutes,
  ...vaultContentRoutes,
  ...vaultNameRoutes,
  ...deletedVaultRoutes,
  ...roleDefinitionRoutes,
  ...roleAssignmentRoutes,
  ...absentRoutes,
  ...providerRoutes,
]

/** Resource Manager: every request passes the same checks in the same order, then goes to its resource. */
const handle: Service['handle'] = async (call, simulator) => {
  let caller: CallerClaims | undefined
  let allowance: Record<string, string> = {}
  try {
    const version = versionOf(call)
    if (isMetadata(call)) {
      if (version instanceof ArmError) throw version
      return dressed(metadata(call, simulator))
    }
    caller = await authenticate(call, simulator)
    allowance = countRequest(simulator, caller.oid, call.method)
    if (version instanceof ArmError) throw version
    return dressed(await answer(call, simulator, caller, version))
  } catch (error) {
    if (error instanceof ArmError) return dressed(error.reply())
    if (error instanceof InvalidBodyError)
      return dressed(
        invalidContent(
          `The request content was invalid and could not be deserialized: '${error.message}'.`,
        ).reply(),
      )
    throw error
  }

  function dressed(reply: Reply): Reply {
    const refused = reply.headers?.['x-ms-failure-cause'] === 'gateway'
    return {
      ...reply,
      headers: {
        ...responseHeaders(call, simulator, caller, refused),
        ...(refused ? {} : allowance),
        ...reply.headers,
      },
    }
  }
}

const isMetadata = ({ path }: Call) => /^\/metadata\/endpoints$/i.test(path)

/** Any well-formed version will do: there is one behaviour, that of the newest, except where a default changed. */
function versionOf(call: Call): string | ArmError {
  const version = call.query('api-version')
  if (!version)
    return new ArmError(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
      { by: 'gateway' },
    )
  if (!/^\d{4}-\d{2}-\d{2}(-[a-z0-9.]+)?$/i.test(version) && !(isMetadata(call) && version === '1.0'))
    return new ArmError(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${version}' is invalid. The supported versions are '2025-04-01,2024-11-01,2022-12-01,2021-04-01'.`,
      { by: 'gateway' },
    )
  return version
}

async function answer(
  call: Call,
  simulator: Simulator,
  caller: CallerClaims,
  version: string,
): Promise<Reply> {
  const found = findRoute(routes, call.method, call.path)
  if ('methods' in found) throw unknown(call, version, found.methods)
  requireSubscription(call, simulator)
  const { route, params } = found
  const id = `/${call.segments.join('/')}`
  const action = actionOf(found)
  if (action !== 'none') requirePermission(simulator, caller, action, checkedScope(route, id))
  const group = params.group === undefined ? undefined : findGroup(simulator, params.group)
  const isGroup = route.path.endsWith('/resourceGroups/{group}')
  if (params.group !== undefined && !isGroup && !group) throw groupNotFound(params.group)
  if ((call.method === 'PUT' || call.method === 'PATCH') && !isGroup) {
    if (group) requireNotDeleting(group)
    const provider = findProvider(/.*\/providers\/([^/]+)/i.exec(id)?.[1] ?? '')
    if (provider) requireRegistered(simulator, provider)
  }
  return route.handler({ call, simulator, caller, params, id, version })
}

function requireSubscription({ segments }: Call, { state }: Simulator): void {
  const [first = '', id] = segments
  if (first.toLowerCase() === 'subscriptions' && id && id.toLowerCase() !== state.subscription.id)
    throw new ArmError(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`, {
      by: 'gateway',
    })
}

/** Why there is nothing at this path. */
function unknown({ path, method }: Call, version: string, methods: string[]): ArmError {
  if (methods.length > 0)
    return new ArmError(
      405,
      'MethodNotAllowed',
      `The requested resource does not support http method '${method}'.${sandboxOnly}`,
      { by: 'gateway', headers: { allow: [...new Set(methods)].join(', ') } },
    )
  const [, namespace] = /.*\/providers\/([^/]+)\//i.exec(path) ?? []
  if (!namespace)
    return new ArmError(404, 'NotFound', `The requested resource at '${path}' was not found.${sandboxOnly}`, {
      by: 'gateway',
    })
  if (!findProvider(namespace)) return invalidNamespace(namespace)
  return new ArmError(
    404,
    'InvalidResourceType',
    `The resource type could not be found in the namespace '${namespace}' for api version '${version}'.${sandboxOnly}`,
    { by: 'gateway' },
  )
}

export const armService: Service = {
  name: 'arm',
  address: {
    label: 'arm',
    ownPaths: /^\/(subscriptions|providers|tenants|metadata)(?=\/|$)/i,
    servesOtherPaths: true,
  },
  handle,
  state: { key: 'arm', create: newArmState },
  advance: finishDueOperations,
  failure: armFailure,
  readOnlyPosts: /\/(listcluster(user|admin)credential|checknameavailability)$/i,
}
