import type { Call } from '../http.ts'
import { createRouter } from '../router.ts'
import { deleteItem, isQuery, isQueryPlan, isUpsert, postItems, readItem, replaceItem } from './items.ts'
import {
  listContainers,
  listDatabases,
  listPartitions,
  readAccount,
  readContainer,
  readDatabase,
} from './metadata.ts'
import type { CosmosRoute } from './request.ts'

const inContainer = (name: string) => `sqlDatabases/containers/${name}`

function actionOfPost(call: Call): string {
  if (isQueryPlan(call)) return 'readMetadata'
  if (isQuery(call)) return inContainer('executeQuery')
  return inContainer(isUpsert(call) ? 'items/upsert' : 'items/create')
}

const database = '/dbs/:database'
const container = `${database}/colls/:container`
const items = `${container}/docs`

const metadata = (path: string, handler: CosmosRoute['handler']): CosmosRoute => ({
  method: 'GET',
  path,
  action: 'readMetadata',
  handler,
})
const route = (
  method: string,
  path: string,
  action: Exclude<CosmosRoute['action'], undefined>,
  handler: CosmosRoute['handler'],
): CosmosRoute => ({ method, path, action, handler })

const notByToken = [
  ['POST', '/dbs'],
  ['DELETE', database],
  ['POST', `${database}/colls`],
  ['PUT', container],
  ['DELETE', container],
].map(
  ([method, path]): CosmosRoute => ({
    method: method!,
    path: path!,
    action: undefined,
    handler: () => ({ status: 403 }),
  }),
)

export const findRoute = createRouter(
  [
    metadata('/', readAccount),
    metadata('/dbs', listDatabases),
    metadata(database, readDatabase),
    metadata(`${database}/colls`, listContainers),
    metadata(container, readContainer),
    metadata(`${container}/pkranges`, listPartitions),
    route('POST', items, actionOfPost, postItems),
    route('GET', `${items}/:item`, inContainer('items/read'), readItem),
    route('PUT', `${items}/:item`, inContainer('items/replace'), replaceItem),
    route('DELETE', `${items}/:item`, inContainer('items/delete'), deleteItem),
    ...notByToken,
  ],
  { caseSensitive: true },
)
