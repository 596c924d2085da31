import { createRouter } from '../router.ts'
import { deleteKeyValue, getKeyValue, listKeyValues, listNames, putKeyValue } from './key-values.ts'
import type { StoreRoute } from './request.ts'

const route = (method: string, path: string, action: string, handler: StoreRoute['handler']): StoreRoute => ({
  method,
  path,
  action: `keyValues/${action}`,
  handler,
})

export const findRoute = createRouter(
  [
    route('GET', '/kv', 'read', listKeyValues),
    route('HEAD', '/kv', 'read', listKeyValues),
    route('GET', '/keys', 'read', listNames('key')),
    route('GET', '/labels', 'read', listNames('label')),
    route('GET', '/kv/:key', 'read', getKeyValue),
    route('PUT', '/kv/:key', 'write', putKeyValue),
    route('DELETE', '/kv/:key', 'delete', deleteKeyValue),
  ],
  { caseSensitive: true },
)
