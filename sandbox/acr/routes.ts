import { createRouter } from '../router.ts'
import {
  getBlob,
  getManifest,
  getRepository,
  getTag,
  listRepositories,
  listTagNames,
  listTags,
} from './repositories.ts'
import type { RegistryRoute } from './request.ts'
import { exchangeToken, issueAccessToken } from './token-exchange.ts'

const read = (
  path: string,
  action: NonNullable<RegistryRoute['action']>,
  handler: RegistryRoute['handler'],
) => ['GET', 'HEAD'].map((method): RegistryRoute => ({ method, path, action, handler }))

const routes: RegistryRoute[] = [
  { method: 'POST', path: '/oauth2/exchange', handler: exchangeToken },
  { method: 'POST', path: '/oauth2/token', handler: issueAccessToken },
  { method: 'GET', path: '/oauth2/token', handler: issueAccessToken },
  ...read('/v2', 'any', () => ({ status: 200, body: {} })),
  ...read('/v2/_catalog', 'catalog', listRepositories),
  ...read('/acr/v1/_catalog', 'catalog', listRepositories),
  ...read('/acr/v1/:repository*/_tags', 'metadata_read', listTags),
  ...read('/acr/v1/:repository*/_tags/:tag', 'metadata_read', getTag),
  ...read('/acr/v1/:repository*', 'metadata_read', getRepository),
  ...read('/v2/:repository*/tags/list', 'metadata_read', listTagNames),
  ...read('/v2/:repository*/manifests/:reference', 'pull', getManifest),
  ...read('/v2/:repository*/blobs/:digest', 'pull', getBlob),
]

export const findRoute = createRouter(routes, { caseSensitive: true })
