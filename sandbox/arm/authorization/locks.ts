import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { ArmError, invalidContent, notFound } from '../errors.ts'
import { listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody } from '../request-body.ts'
import type { Lock } from '../state.ts'
import { covers } from './permissions.ts'

const type = 'Microsoft.Authorization/locks'
const path = `:scope*/providers/${type}`

const locksOf = ({ state }: Simulator): Lock[] => Object.values(state.arm.locks ?? {})

const scopeOf = (id: string): string =>
  id.replace(/\/providers\/Microsoft\.Authorization\/locks(?:\/.*)?$/i, '')

/** Azure lists the keys of a storage account by POST, which a read-only lock forbids. */
const listsKeys = (method: string, id: string) => method === 'POST' && /\/listKeys$/i.test(id)

/** Throws 409 if a lock on the scope or above it forbids the request; on what is deleted, also one within it. */
export function requireUnlocked(simulator: Simulator, method: string, id: string): void {
  if (/\/providers\/Microsoft\.Authorization\/locks\//i.test(id)) return
  const isDelete = method === 'DELETE'
  if (!isDelete && method !== 'PUT' && method !== 'PATCH' && !listsKeys(method, id)) return
  const locked = locksOf(simulator)
    .filter(({ properties }) => isDelete || properties.level === 'ReadOnly')
    .map((lock) => scopeOf(lock.id))
    .filter((scope) => covers(scope, id) || (isDelete && covers(id, scope)))
  if (locked.length === 0) return
  throw new ArmError(
    409,
    'ScopeLocked',
    `The scope '${id}' cannot perform ${isDelete ? 'delete' : 'write'} operation because following scope(s) are locked: '${[...new Set(locked)].join(',')}'. Please remove the lock and try again.`,
    { by: 'gateway' },
  )
}

function put({ call, simulator, id, params }: ArmRequest): Reply {
  const { properties } = parseBody<{ properties?: { level?: string; notes?: string } }>(call, {
    properties: { level: 'string', notes: 'string' },
  })
  const level = properties?.level
  if (level !== 'CanNotDelete' && level !== 'ReadOnly')
    throw invalidContent(
      `The request content was invalid and could not be deserialized: 'The lock level '${level}' is not valid.'.`,
    )
  simulator.state.arm.locks ??= {}
  const { locks } = simulator.state.arm
  const isNew = locks[id.toLowerCase()] === undefined
  const lock: Lock = {
    id,
    name: params.lock!,
    type,
    properties: { level, ...(properties?.notes !== undefined && { notes: properties.notes }) },
  }
  locks[id.toLowerCase()] = lock
  return { status: isNew ? 201 : 200, body: lock }
}

function get({ simulator, id }: ArmRequest): Reply {
  const lock = simulator.state.arm.locks?.[id.toLowerCase()]
  if (!lock) throw notFound(id)
  return { status: 200, body: lock }
}

function remove({ simulator, id }: ArmRequest): Reply {
  const { locks = {} } = simulator.state.arm
  const exists = locks[id.toLowerCase()] !== undefined
  delete locks[id.toLowerCase()]
  return { status: exists ? 200 : 204 }
}

/** Lists the locks on the scope, above it and within it. */
function list(request: ArmRequest): Reply {
  const scope = scopeOf(request.id)
  const found = locksOf(request.simulator).filter(
    ({ id }) => covers(scope, scopeOf(id)) || covers(scopeOf(id), scope),
  )
  return { status: 200, body: listBody(request, found) }
}

export const lockRoutes: ArmRoute[] = [
  { method: 'GET', path, action: `${type}/read`, handler: list },
  { method: 'GET', path: `${path}/:lock`, action: `${type}/read`, handler: get },
  { method: 'PUT', path: `${path}/:lock`, action: `${type}/write`, handler: put },
  { method: 'DELETE', path: `${path}/:lock`, action: `${type}/delete`, handler: remove },
]
