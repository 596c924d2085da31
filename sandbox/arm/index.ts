import type { CallerClaims } from '../entra/access-tokens.ts'
import { type Call, InvalidBodyError, type Reply } from '../http.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { absentRoutes } from './absent.ts'
import { callerOf, requireRight } from './access.ts'
import { agentPoolRoutes } from './agent-pools.ts'
import { spend } from './allowance.ts'
import { answerHeaders } from './answer-headers.ts'
import { clusterCommandRoutes } from './cluster-commands.ts'
import { clusterRoutes } from './clusters.ts'
import { computeUsageRoutes } from './compute-usages.ts'
import { deletedVaultRoutes } from './deleted-vaults.ts'
import { finishDueOperations } from './due-operations.ts'
import { ArmError, groupNotFound, invalidContent, onlyHere } from './errors.ts'
import { armFailure } from './failures.ts'
import { federatedCredentialRoutes } from './federated-credentials.ts'
import { groupRoutes, requireLiving } from './groups.ts'
import { identityRoutes } from './identities.ts'
import { metadata } from './metadata.ts'
import { operationRoutes } from './operations.ts'
import { invalidNamespace, providerNamed, providerRoutes, requireRegistered } from './providers.ts'
import { findGroup, resourceRoutes } from './resources.ts'
import { roleAssignmentRoutes } from './role-assignments.ts'
import { roleDefinitionRoutes } from './role-definitions.ts'
import { actionOf, checkedScope, findRoute, type Route } from './route.ts'
import { newArmState } from './state.ts'
import { subscriptionRoutes } from './subscriptions.ts'
import { vaultContentRoutes } from './vault-contents.ts'
import { vaultNameRoutes } from './vault-names.ts'
import { vaultRoutes } from './vaults.ts'

const routes: Route[] = [
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
    caller = await callerOf(call, simulator)
    allowance = spend(simulator, caller.oid, call.method)
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
        ...answerHeaders(call, simulator, caller, refused),
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
  if (action !== 'none') requireRight(simulator, caller, action, checkedScope(route, id))
  const group = params.group === undefined ? undefined : findGroup(simulator, params.group)
  const isGroup = route.path.endsWith('/resourceGroups/{group}')
  if (params.group !== undefined && !isGroup && !group) throw groupNotFound(params.group)
  if ((call.method === 'PUT' || call.method === 'PATCH') && !isGroup) {
    if (group) requireLiving(group)
    const provider = providerNamed(/.*\/providers\/([^/]+)/i.exec(id)?.[1] ?? '')
    if (provider) requireRegistered(simulator, provider)
  }
  return route.to({ call, simulator, caller, params, id, version })
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
      `The requested resource does not support http method '${method}'.${onlyHere}`,
      { by: 'gateway', headers: { allow: [...new Set(methods)].join(', ') } },
    )
  const [, namespace] = /.*\/providers\/([^/]+)\//i.exec(path) ?? []
  if (!namespace)
    return new ArmError(404, 'NotFound', `The requested resource at '${path}' was not found.${onlyHere}`, {
      by: 'gateway',
    })
  if (!providerNamed(namespace)) return invalidNamespace(namespace)
  return new ArmError(
    404,
    'InvalidResourceType',
    `The resource type could not be found in the namespace '${namespace}' for api version '${version}'.${onlyHere}`,
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
