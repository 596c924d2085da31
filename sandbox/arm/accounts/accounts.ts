import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { deleteAssignmentsAt } from '../authorization/assignment-removal.ts'
import { covers } from '../authorization/permissions.ts'
import { ArmError, notFound } from '../errors.ts'
import { listBody } from '../lists.ts'
import { operationUrl, retryAfter, runningOperation, startOperation } from '../operations.ts'
import type { OperationType } from '../provider.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { commonMembers, parseBody } from '../request-body.ts'
import { requireRegion } from '../resources/regions.ts'
import {
  findResource,
  groupId,
  groupName,
  listScope,
  readTags,
  requireSameLocation,
  resourcesOfType,
} from '../resources/resources.ts'
import type { Operation, Resource } from '../state.ts'
import type { AccountBody, AccountType } from './account-type.ts'

const namespaceOf = ({ type }: AccountType) => type.split('/')[0]!

/** Returns the headers of a reply whose operation goes on. */
const operationHeaders = (account: AccountType, request: ArmRequest, operation: Operation) => ({
  'azure-asyncoperation': operationUrl(request, namespaceOf(account), operation, account.operations),
  location: operationUrl(request, namespaceOf(account), operation, 'operationResults'),
  'retry-after': retryAfter(request.simulator, operation),
})

const viewOf = (account: AccountType, { body }: Resource, { version }: ArmRequest) =>
  account.view?.(body, version) ?? body

const readBody = (account: AccountType, { call }: ArmRequest) =>
  parseBody<AccountBody>(call, { ...commonMembers, ...account.shape })

function create(account: AccountType, request: ArmRequest, input: AccountBody, region: string): Reply {
  const { simulator, params, id } = request
  const name = params.name!
  account.requireName(request, name)
  const createdAt = simulator.now()
  const { properties, ...members } = account.members(request, input, undefined, createdAt)
  const resource: Resource = {
    body: {
      id: `${groupId(id, groupName(simulator, id, params.group!))}/providers/${account.type}/${name}`,
      name,
      type: account.type,
      location: region,
      tags: readTags(input),
      ...members,
      properties: { ...properties, provisioningState: 'Creating' },
    },
    createdAt,
    changedAt: createdAt,
  }
  simulator.state.arm.resources[resource.body.id.toLowerCase()] = resource
  const operation = startOperation(
    simulator,
    `create ${account.type}`,
    { id: resource.body.id, region },
    'accountCreate',
  )
  return {
    status: account.createdStatus,
    headers: operationHeaders(account, request, operation),
    body: viewOf(account, resource, request),
  }
}

function update(
  account: AccountType,
  request: ArmRequest,
  resource: Resource,
  input: AccountBody,
  tags: Record<string, string> | undefined,
): Reply {
  requireIdle(request.simulator, resource)
  const { properties, ...members } = account.members(request, input, resource, resource.createdAt)
  const { provisioningState } = resource.body.properties
  resource.body = {
    ...resource.body,
    ...members,
    ...(tags && { tags }),
    properties: { ...properties, provisioningState },
  }
  resource.changedAt = request.simulator.now()
  return { status: 200, body: viewOf(account, resource, request) }
}

/** Throws 409 while the resource is created or deleted. */
function requireIdle(simulator: Simulator, { body }: Resource): void {
  if (!runningOperation(simulator, body.id)) return
  throw new ArmError(
    409,
    'Conflict',
    `The resource '${body.name}' has an operation in progress (provisioningState '${body.properties.provisioningState}').`,
  )
}

function requireAccount({ simulator, id }: ArmRequest): Resource {
  const resource = findResource(simulator, id)
  if (!resource) throw notFound(id)
  return resource
}

function put(account: AccountType, request: ArmRequest): Reply {
  const input = readBody(account, request)
  const region = requireRegion(input.location, { type: account.type })
  const existing = findResource(request.simulator, request.id)
  if (!existing) return create(account, request, input, region)
  requireSameLocation(existing, region)
  return update(account, request, existing, input, readTags(input))
}

function patch(account: AccountType, request: ArmRequest): Reply {
  const resource = requireAccount(request)
  const { tags, ...input } = readBody(account, request)
  const current = resource.body as AccountBody
  const merged = { ...current, ...input, properties: { ...current.properties, ...input.properties } }
  return update(account, request, resource, merged, tags && readTags({ tags }))
}

function remove(account: AccountType, request: ArmRequest): Reply {
  const { simulator } = request
  const resource = findResource(simulator, request.id)
  if (!resource) return { status: 204 }
  resource.body.properties.provisioningState = 'Deleting'
  const target = { id: resource.body.id, region: String(resource.body.location) }
  const operation =
    runningOperation(simulator, target.id) ??
    startOperation(simulator, `delete ${account.type}`, target, 'accountDelete')
  return { status: 202, headers: operationHeaders(account, request, operation) }
}

/** Deletes a resource with its parts, its role assignments and its data. */
export function deleteAccount(simulator: Simulator, account: AccountType, resource: Resource): void {
  const { resources, proxyResources = {} } = simulator.state.arm
  const { id } = resource.body
  account.onDelete?.(simulator, resource)
  for (const key of Object.keys(proxyResources)) if (covers(id, key)) delete proxyResources[key]
  deleteAssignmentsAt(simulator, id)
  delete resources[id.toLowerCase()]
}

const list = (account: AccountType, request: ArmRequest): Reply => ({
  status: 200,
  body: listBody(
    request,
    resourcesOfType(request.simulator, account.type, listScope(request)).map((each) =>
      viewOf(account, each, request),
    ),
  ),
})

/** Returns the routes that create, read, list, update and delete resources of the type. */
export function accountRoutes(account: AccountType): ArmRoute[] {
  const inGroup = `/subscriptions/:subscription/resourceGroups/:group/providers/${account.type}`
  const path = `${inGroup}/:name`
  return [
    {
      method: 'GET',
      path: `/subscriptions/:subscription/providers/${account.type}`,
      handler: (request) => list(account, request),
    },
    { method: 'GET', path: inGroup, handler: (request) => list(account, request) },
    { method: 'PUT', path, handler: (request) => put(account, request) },
    { method: 'PATCH', path, handler: (request) => patch(account, request) },
    {
      method: 'GET',
      path,
      handler: (request) => ({ status: 200, body: viewOf(account, requireAccount(request), request) }),
    },
    { method: 'DELETE', path, handler: (request) => remove(account, request) },
  ]
}

/** Returns the long-running operations of the type, for the provider's `operations`. */
export const accountOperations = (account: AccountType): Record<string, OperationType> => ({
  [`create ${account.type}`]: {
    finish(simulator, { resourceId }) {
      const resource = findResource(simulator, resourceId)
      if (resource) resource.body.properties.provisioningState = 'Succeeded'
    },
  },
  [`delete ${account.type}`]: {
    finish(simulator, { resourceId }) {
      const resource = findResource(simulator, resourceId)
      if (resource) deleteAccount(simulator, account, resource)
    },
  },
})
