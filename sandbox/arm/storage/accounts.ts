import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { findAccountResource, primaryEndpoints, accountType as type } from '../../storage/accounts.ts'
import { deleteAssignmentsAt } from '../authorization/assignment-removal.ts'
import { ArmError, notFound } from '../errors.ts'
import { listBody } from '../lists.ts'
import { operationUrl, runningOperation, startOperation } from '../operations.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody } from '../request-body.ts'
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
import { accountKeys } from './keys.ts'
import { invalidNameMessage, isTakenElsewhere, isValidName, takenMessage } from './names.ts'
import { type AccountBody, accountProperties, accountShape, checkAccount, skuOf } from './properties.ts'

/** Throws 409 while the account is being created. */
function requireIdle(simulator: Simulator, id: string): void {
  if (runningOperation(simulator, id))
    throw new ArmError(
      409,
      'StorageAccountOperationInProgress',
      'An operation is currently performing on this storage account that requires exclusive access.',
    )
}

/** Throws unless a new account can have the name. */
function requireFreeName(simulator: Simulator, name: string, id: string): void {
  if (!isValidName(name)) throw new ArmError(400, 'AccountNameInvalid', invalidNameMessage(name))
  const existing = findAccountResource(simulator, name)
  const isOwn = existing?.body.id.split('/')[2]?.toLowerCase() === id.split('/')[2]?.toLowerCase()
  if (existing && isOwn)
    throw new ArmError(
      409,
      'StorageAccountAlreadyExists',
      `The storage account named ${name} already exists under the subscription.`,
    )
  if (existing || isTakenElsewhere(name))
    throw new ArmError(409, 'StorageAccountAlreadyTaken', takenMessage(name))
}

/** Starts the creation, or starts it again after a failure. The result is at the URL in `Location`. */
function startCreation(request: ArmRequest, { body }: Resource): Reply {
  const { simulator } = request
  const region = String(body.location)
  body.properties.provisioningState = 'Creating'
  const operation = startOperation(
    simulator,
    'createStorageAccount',
    { id: body.id, region },
    'storageCreate',
  )
  return {
    status: 202,
    headers: {
      location: `${operationUrl(request, 'Microsoft.Storage', operation, 'asyncoperations')}&monitor=true`,
      'retry-after': String(Math.max(1, Math.round(simulator.durationOf('storageCreate') / 1000))),
    },
  }
}

function create(request: ArmRequest, input: AccountBody, region: string): Reply {
  const { simulator, params, id } = request
  const name = params.account!
  requireFreeName(simulator, name, id)
  checkAccount(input)
  const body = {
    sku: skuOf(input.sku!.name!),
    kind: input.kind!,
    id: `${groupId(id, groupName(simulator, id, params.group!))}/providers/${type}/${name}`,
    name,
    type,
    location: region,
    tags: readTags(input),
    properties: {
      ...accountProperties(simulator, input.properties ?? {}),
      primaryEndpoints: primaryEndpoints(simulator, name, input.kind!),
      primaryLocation: region,
      statusOfPrimary: 'available',
    },
  }
  const account: Resource = { body, createdAt: simulator.now(), changedAt: simulator.now() }
  simulator.state.arm.resources[body.id.toLowerCase()] = account
  return startCreation(request, account)
}

function change(request: ArmRequest, account: Resource, input: AccountBody): Reply {
  const { simulator } = request
  const { body } = account
  requireIdle(simulator, body.id)
  checkAccount(input, { kind: String(body.kind), properties: body.properties })
  const kind = input.kind ?? String(body.kind)
  account.body = {
    ...body,
    ...(input.sku?.name && { sku: skuOf(input.sku.name) }),
    kind,
    ...(input.tags && { tags: readTags(input) }),
    properties: {
      ...accountProperties(simulator, input.properties ?? {}, body.properties),
      primaryEndpoints: primaryEndpoints(simulator, body.name, kind),
    },
  }
  account.changedAt = simulator.now()
  const isCreated = account.body.properties.provisioningState === 'Succeeded'
  return isCreated ? { status: 200, body: account.body } : startCreation(request, account)
}

function put(request: ArmRequest): Reply {
  const input = parseBody<AccountBody>(request.call, accountShape)
  const region = requireRegion(input.location, { type })
  const existing = findResource(request.simulator, request.id)
  if (!existing) return create(request, input, region)
  requireSameLocation(existing, input.location!)
  return change(request, existing, input)
}

function requireAccount({ simulator, id }: ArmRequest): Resource {
  const account = findResource(simulator, id)
  if (!account) throw notFound(id)
  return account
}

const patch = (request: ArmRequest): Reply =>
  change(request, requireAccount(request), parseBody<AccountBody>(request.call, accountShape))

/** Deletes an account with its contents and the role assignments on them. */
export function deleteAccount(simulator: Simulator, { body }: Resource): void {
  deleteAssignmentsAt(simulator, body.id)
  delete simulator.state.arm.resources[body.id.toLowerCase()]
  delete simulator.state.storage[body.name]
}

function remove({ simulator, id }: ArmRequest): Reply {
  const account = findResource(simulator, id)
  if (!account) return { status: 204 }
  requireIdle(simulator, account.body.id)
  deleteAccount(simulator, account)
  return { status: 200 }
}

/** Finishes the creation: the host names resolve now. */
export function finishAccount(simulator: Simulator, { resourceId }: Operation): void {
  const properties = findResource(simulator, resourceId)?.body.properties
  if (properties) properties.provisioningState = 'Succeeded'
}

const list = (request: ArmRequest): Reply => ({
  status: 200,
  body: listBody(
    request,
    resourcesOfType(request.simulator, type, listScope(request)).map(({ body }) => body),
  ),
})

function listKeys(request: ArmRequest): Reply {
  const account = findResource(request.simulator, request.id.replace(/\/listKeys$/i, ''))
  if (!account) throw notFound(request.id)
  return { status: 200, body: { keys: accountKeys(request.simulator, account) } }
}

const subscription = '/subscriptions/:subscription/providers/Microsoft.Storage'
const group = '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.Storage'
const path = `${group}/storageAccounts/:account`

export const accountRoutes: ArmRoute[] = [
  { method: 'GET', path: `${subscription}/storageAccounts`, handler: list },
  { method: 'GET', path: `${group}/storageAccounts`, handler: list },
  { method: 'PUT', path, handler: put },
  { method: 'PATCH', path, handler: patch },
  { method: 'GET', path, handler: (request) => ({ status: 200, body: requireAccount(request).body }) },
  { method: 'DELETE', path, handler: remove },
  {
    method: 'POST',
    path: `${path}/listKeys`,
    action: 'Microsoft.Storage/storageAccounts/listKeys/action',
    handler: listKeys,
  },
]
