import type { Reply } from '../../http.ts'
import { defaultProperties } from '../blob/account.ts'
import {
  deleteCollection,
  findCollection,
  isBeingDeleted,
  listCollections,
  newCollection,
} from '../collections.ts'
import { xmlReply } from '../enumeration.ts'
import { alreadyExists, beingDeleted, collectionNotFound, invalidResourceName } from '../errors.ts'
import { headerOf } from '../headers.ts'
import { isTableName } from '../names.ts'
import type { StorageRequest } from '../request.ts'
import type { Table } from '../state.ts'
import { element } from '../xml.ts'
import { readBody } from './body.ts'
import { filterOf } from './filter.ts'
import { jsonHeaders, metadataOf } from './format.ts'

/** Returns the table of the request. Throws 404. */
export function requireTable({ account, collection }: StorageRequest): Table {
  const table = findCollection(account.data.tables, collection.toLowerCase())
  if (!table) throw collectionNotFound('Table')
  return table
}

export function createTable(request: StorageRequest): Reply {
  const { call, simulator, account } = request
  const { TableName: name } = readBody(call)
  if (typeof name !== 'string' || !isTableName(name)) throw invalidResourceName()
  const [all, key] = [account.data.tables, name.toLowerCase()]
  if (findCollection(all, key)) throw alreadyExists('Table')
  if (isBeingDeleted(simulator, all, key)) throw beingDeleted('Table')
  all[key] = { ...newCollection(simulator, name), entities: [] }
  if (headerOf(call, 'prefer') === 'return-no-content')
    return { status: 204, headers: { 'preference-applied': 'return-no-content' } }
  return {
    status: 201,
    headers: jsonHeaders(request),
    body: { ...metadataOf(request, 'Tables/@Element'), TableName: name },
  }
}

export function deleteTable(request: StorageRequest): Reply {
  deleteCollection(request.simulator, requireTable(request))
  return { status: 204 }
}

export function listTables(request: StorageRequest): Reply {
  const { call, account } = request
  const filter = call.query('$filter')
  const matches = filter ? filterOf(filter) : () => true
  const tables = listCollections(account.data.tables).map(({ name }) => ({ TableName: name }))
  return {
    status: 200,
    headers: jsonHeaders(request),
    body: { ...metadataOf(request, 'Tables'), value: tables.filter(matches) },
  }
}

export const getTableProperties = (): Reply =>
  xmlReply(element('StorageServiceProperties', defaultProperties))
