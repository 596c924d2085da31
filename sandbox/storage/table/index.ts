import { type DataPlane, dataPlaneService } from '../data-plane.ts'
import { tableError } from '../error-bodies.ts'
import { headerOf } from '../headers.ts'
import { splitPath } from '../path.ts'
import { control, data, type StorageOperation, type Target } from '../request.ts'
import {
  deleteEntity,
  getEntity,
  insertEntity,
  mergeEntity,
  queryEntities,
  replaceEntity,
} from './entities.ts'
import { createTable, deleteTable, getTableProperties, listTables } from './tables.ts'

const service = 'tableServices'
const tables = `${service}/tables`
const entities = `${tables}/entities`
const writeEntity = data(`${entities}/write`)

// learn: "Permissions for table service operations". Operations on tables are control actions.
const operations: StorageOperation[] = [
  {
    method: 'GET',
    on: 'account',
    select: { restype: 'service', comp: 'properties' },
    permission: control(`${service}/read`),
    handler: getTableProperties,
  },
  { method: 'GET', on: 'tables', permission: control(`${tables}/read`), handler: listTables },
  { method: 'POST', on: 'tables', permission: control(`${tables}/write`), handler: createTable },
  { method: 'DELETE', on: 'table', permission: control(`${tables}/delete`), handler: deleteTable },
  { method: 'GET', on: 'collection', permission: data(`${entities}/read`), handler: queryEntities },
  {
    method: 'POST',
    on: 'collection',
    permission: data(`${entities}/write`, `${entities}/add/action`),
    handler: insertEntity,
  },
  { method: 'GET', on: 'item', permission: data(`${entities}/read`), handler: getEntity },
  {
    method: 'PUT',
    on: 'item',
    permission: data(`${entities}/write`, `${entities}/update/action`),
    handler: replaceEntity,
  },
  ...['MERGE', 'PATCH', 'POST'].map((method) => ({
    method,
    on: 'item',
    permission: writeEntity,
    handler: mergeEntity,
  })),
  { method: 'DELETE', on: 'item', permission: data(`${entities}/delete`), handler: deleteEntity },
]

/** Parses `/Tables`, `/Tables('t')`, `/t`, `/t()` and `/t(PartitionKey='p',RowKey='r')`. */
function parsePath(call: Parameters<DataPlane['parsePath']>[0]): Target {
  const { collection: first, item: rest } = splitPath(call)
  const [, name = '', keys] = /^([^(]*)(?:\((.*)\))?$/s.exec(rest === '' ? first : `${first}/${rest}`) ?? []
  if (name === '') return { on: 'account', collection: '', item: '' }
  if (name.toLowerCase() !== 'tables')
    return { on: keys ? 'item' : 'collection', collection: name, item: keys ?? '' }
  const table = /^'(.*)'$/.exec(keys ?? '')?.[1]
  return table === undefined
    ? { on: 'tables', collection: '', item: '' }
    : { on: 'table', collection: table, item: '' }
}

const plane: DataPlane = {
  name: 'table',
  server: 'Windows-Azure-Table/1.0',
  noun: 'Table',
  operations,
  parsePath,
  scopeOf: ({ collection }) => (collection === '' ? '' : `/${service}/default/tables/${collection}`),
  errorBody: (error, simulator, call) => tableError(error, simulator, headerOf(call, 'accept')),
}

/** Table storage. */
export const tableService = dataPlaneService(plane)
