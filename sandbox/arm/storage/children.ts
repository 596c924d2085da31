import type { Reply } from '../../http.ts'
import { dataOf } from '../../storage/accounts.ts'
import {
  deleteCollection,
  findCollection,
  isBeingDeleted,
  listCollections,
} from '../../storage/collections.ts'
import { beingDeleted, collectionNotFound, invalidResourceName } from '../../storage/errors.ts'
import { newEtag } from '../../storage/etag.ts'
import type { Collection } from '../../storage/state.ts'
import { notFound } from '../errors.ts'
import { listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody, type Shape } from '../request-body.ts'
import { findResource } from '../resources/resources.ts'
import type { Resource } from '../state.ts'
import { type ChildProperties, type ChildType, childTypes } from './child-types.ts'
import { withDataPlaneErrors } from './data-plane-errors.ts'

/** The resource types of all storage accounts have one service of each kind: `default`. */
export const accountPath =
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.Storage/storageAccounts/:account'

/** Returns the account of a resource below it. Throws 404. */
export function requireParent({ simulator, id, params }: ArmRequest): Resource {
  const account = findResource(simulator, id.split('/').slice(0, 9).join('/'))
  if (!account || (params.service !== undefined && params.service.toLowerCase() !== 'default'))
    throw notFound(id)
  return account
}

const shape: Shape = { properties: { metadata: { '*': 'string' }, publicAccess: 'string' } }

/** The key in the state: names of tables are compared without case. */
const keyOf = ({ name }: ChildType, child: string) => (name === 'tables' ? child.toLowerCase() : child)

const itemsOf = ({ simulator }: ArmRequest, account: Resource, type: ChildType) =>
  type.all(dataOf(simulator, account.body.name))

const view = (account: Resource, type: ChildType, item: Collection) => ({
  id: `${account.body.id}/${type.service}/default/${type.name}/${item.name}`,
  name: item.name,
  type: `Microsoft.Storage/storageAccounts/${type.service}/${type.name}`,
  ...(type.name === 'containers' && { etag: `"${item.etag}"` }),
  properties: type.properties(item),
})

function find(request: ArmRequest, type: ChildType): { account: Resource; item: Collection | undefined } {
  const account = requireParent(request)
  return {
    account,
    item: findCollection(itemsOf(request, account, type), keyOf(type, request.params.child!)),
  }
}

function requireItem(request: ArmRequest, type: ChildType): { account: Resource; item: Collection } {
  const { account, item } = find(request, type)
  if (!item) throw collectionNotFound(type.noun)
  return { account, item }
}

const readProperties = ({ call }: ArmRequest): ChildProperties =>
  parseBody<{ properties?: ChildProperties }>(call, shape).properties ?? {}

function put(request: ArmRequest, type: ChildType): Reply {
  const { simulator, params } = request
  const name = params.child!
  if (!type.isName(name)) throw invalidResourceName()
  const { account, item: existing } = find(request, type)
  const all = itemsOf(request, account, type)
  const key = keyOf(type, name)
  if (!existing && isBeingDeleted(simulator, all, key)) throw beingDeleted(type.noun)
  const item = existing ?? type.create(simulator, name)
  type.update(account, item, readProperties(request))
  all[key] = item
  return { status: existing ? 200 : type.created, body: view(account, type, item) }
}

function patch(request: ArmRequest, type: ChildType): Reply {
  const { simulator } = request
  const { account, item } = requireItem(request, type)
  type.update(account, item, readProperties(request))
  Object.assign(item, { changedAt: simulator.now(), etag: newEtag(simulator.now()) })
  return { status: 200, body: view(account, type, item) }
}

function get(request: ArmRequest, type: ChildType): Reply {
  const { account, item } = requireItem(request, type)
  return { status: 200, body: view(account, type, item) }
}

function remove(request: ArmRequest, type: ChildType): Reply {
  const { item } = find(request, type)
  if (!item) return { status: 204 }
  deleteCollection(request.simulator, item)
  return { status: 200 }
}

function list(request: ArmRequest, type: ChildType): Reply {
  const account = requireParent(request)
  const items = listCollections(itemsOf(request, account, type))
  return {
    status: 200,
    body: listBody(
      request,
      items.map((item) => view(account, type, item)),
    ),
  }
}

const routesOf = (type: ChildType): ArmRoute[] => {
  const path = `${accountPath}/${type.service}/:service/${type.name}`
  const handlers = { PUT: put, PATCH: patch, GET: get, DELETE: remove }
  return [
    {
      method: 'GET',
      path,
      action: `Microsoft.Storage/storageAccounts/${type.service}/${type.name}/read`,
      handler: (request) => list(request, type),
    },
    ...Object.entries(handlers).map(
      ([method, handle]): ArmRoute => ({
        method,
        path: `${path}/:child`,
        handler: withDataPlaneErrors((request) => handle(request, type)),
      }),
    ),
  ]
}

export const storageChildRoutes: ArmRoute[] = childTypes.flatMap(routesOf)
