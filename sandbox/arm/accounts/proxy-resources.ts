import type { Duration } from '../../durations.ts'
import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { deleteAssignmentsAt } from '../authorization/assignment-removal.ts'
import { covers } from '../authorization/permissions.ts'
import { ArmError } from '../errors.ts'
import { listBody } from '../lists.ts'
import { operationUrl, retryAfter, startOperation } from '../operations.ts'
import type { OperationType } from '../provider.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { commonMembers, parseBody, type Shape } from '../request-body.ts'
import { findResource } from '../resources/resources.ts'
import type { Operation, Resource } from '../state.ts'
import type { AccountBody, AccountMembers, AccountType } from './account-type.ts'

/** A type of resource within an account, such as a database. */
export interface ProxyType {
  /** `Microsoft.DocumentDB/databaseAccounts/sqlDatabases` */
  type: string
  shape: { [name: string]: Shape }
  /** Returns everything but the ID, name and type after a write. Throws 400. */
  members(request: ArmRequest, input: AccountBody, current: Resource | undefined): AccountMembers
  /** How long a write takes, and what the reply to it says; none if it takes effect at once. */
  duration?: Duration
  acceptedBody?(kind: 'write' | 'delete', simulator: Simulator): unknown
  operations?: AccountType['operations']
  /** Answers 404 for an absent one. */
  absent(request: ArmRequest): ArmError
  /** Status of the reply to a creation that takes effect at once (default: 201). */
  createdStatus?: 200
  /** Resources that exist without having been created. */
  builtIn?(account: Resource, simulator: Simulator): Resource[]
  /** Deletes what the service stores outside Resource Manager. */
  onDelete?(simulator: Simulator, resource: Resource): void
}

function proxies({ state }: Simulator): Record<string, Resource> {
  state.arm.proxyResources ??= {}
  return state.arm.proxyResources
}

/** Returns the ID of the account that an ID is in. */
const accountId = (id: string) => id.split('/').slice(0, 9).join('/')

/** Returns the resources of a type within a resource, whose creation has ended. */
export function proxiesOf(simulator: Simulator, type: ProxyType, within: string): Resource[] {
  const account = findResource(simulator, accountId(within))
  const stored = Object.values(proxies(simulator)).filter(
    ({ body, awaits }) => awaits === undefined && body.type.toLowerCase() === type.type.toLowerCase(),
  )
  const all = [...((account && type.builtIn?.(account, simulator)) ?? []), ...stored]
  return all.filter(({ body }) => covers(within, body.id))
}

export const findProxy = (simulator: Simulator, type: ProxyType, id: string): Resource | undefined =>
  proxiesOf(simulator, type, id).find(({ body }) => body.id.toLowerCase() === id.toLowerCase())

function requireProxy(type: ProxyType, request: ArmRequest): Resource {
  const found = findProxy(request.simulator, type, request.id)
  if (!found) throw type.absent(request)
  return found
}

/** Throws 404 unless the resource that this one is in exists. */
function requireParent({ simulator, id }: ArmRequest): Resource {
  const parent = id.split('/').slice(0, -2).join('/')
  const account = findResource(simulator, accountId(id))
  const stored = proxies(simulator)[parent.toLowerCase()]
  const isThere = parent === accountId(id) ? account : stored?.awaits === undefined && stored
  if (account && isThere) return account
  throw new ArmError(
    404,
    'ParentResourceNotFound',
    `Failed to perform 'write' on resource(s) of type '${parent.split('/').slice(6).join('/')}', because the parent resource '${parent}' could not be found.`,
    { by: 'gateway' },
  )
}

function accepted(
  type: ProxyType,
  request: ArmRequest,
  operation: Operation,
  kind: 'write' | 'delete',
): Reply {
  const namespace = type.type.split('/')[0]!
  return {
    status: 202,
    headers: {
      'azure-asyncoperation': operationUrl(request, namespace, operation, type.operations ?? 'operations'),
      location: `${request.simulator.addresses.arm}${request.id}/operationResults/${operation.id}?api-version=${request.version}`,
      'retry-after': retryAfter(request.simulator, operation),
    },
    body: type.acceptedBody?.(kind, request.simulator),
  }
}

function put(type: ProxyType, request: ArmRequest): Reply {
  const { call, simulator, id } = request
  const account = requireParent(request)
  const current = findProxy(simulator, type, id)
  const input = parseBody<AccountBody>(call, { ...commonMembers, ...type.shape })
  const members = type.members(request, input, current)
  const resource: Resource = {
    body: { id: current?.body.id ?? id, name: id.split('/').at(-1)!, type: type.type, ...members },
    createdAt: current?.createdAt ?? simulator.now(),
    changedAt: simulator.now(),
  }
  proxies(simulator)[id.toLowerCase()] = resource
  if (!type.duration) return { status: current ? 200 : (type.createdStatus ?? 201), body: resource.body }
  const target = { id, region: String(account.body.location) }
  const operation = startOperation(simulator, `write ${type.type}`, target, type.duration)
  if (!current) resource.awaits = operation.id
  return accepted(type, request, operation, 'write')
}

function remove(type: ProxyType, request: ArmRequest): Reply {
  const { simulator, id } = request
  const resource = proxies(simulator)[id.toLowerCase()]
  if (!resource) return { status: 204 }
  if (!type.duration) {
    deleteProxy(simulator, type, resource)
    return { status: 200 }
  }
  const region = String(findResource(simulator, accountId(id))?.body.location)
  const operation = startOperation(simulator, `delete ${type.type}`, { id, region }, type.duration)
  return accepted(type, request, operation, 'delete')
}

function deleteProxy(simulator: Simulator, type: ProxyType, resource: Resource): void {
  type.onDelete?.(simulator, resource)
  const all = proxies(simulator)
  for (const key of Object.keys(all)) if (covers(resource.body.id, key)) delete all[key]
  deleteAssignmentsAt(simulator, resource.body.id)
}

/** Returns the routes that create, read, list and delete resources of the type. */
export function proxyRoutes(type: ProxyType): ArmRoute[] {
  const [namespace, account, ...parts] = type.type.split('/')
  const base = `/subscriptions/:subscription/resourceGroups/:group/providers/${namespace}/${account}/:name`
  const one = `${base}${parts.map((part, index) => `/${part}/:name${index + 1}`).join('')}`
  const collection = one.slice(0, one.lastIndexOf('/'))
  return [
    {
      method: 'GET',
      path: collection,
      handler(request) {
        const within = request.id.slice(0, request.id.lastIndexOf('/'))
        if (!findResource(request.simulator, accountId(within))) throw type.absent(request)
        const found = proxiesOf(request.simulator, type, within).map(({ body }) => body)
        return { status: 200, body: listBody(request, found) }
      },
    },
    { method: 'PUT', path: one, handler: (request) => put(type, request) },
    {
      method: 'GET',
      path: one,
      handler: (request) => ({ status: 200, body: requireProxy(type, request).body }),
    },
    { method: 'DELETE', path: one, handler: (request) => remove(type, request) },
  ]
}

/** Returns the long-running operations of the type, for the provider's `operations`. */
export const proxyOperations = (type: ProxyType): Record<string, OperationType> => ({
  [`write ${type.type}`]: {
    finish(simulator, { id, resourceId }) {
      const resource = proxies(simulator)[resourceId]
      if (resource?.awaits === id) delete resource.awaits
    },
  },
  [`delete ${type.type}`]: {
    finish(simulator, { resourceId }) {
      const resource = proxies(simulator)[resourceId]
      if (resource) deleteProxy(simulator, type, resource)
    },
  },
})
