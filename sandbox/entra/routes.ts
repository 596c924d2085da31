import { createRouter, type Route } from '../router.ts'
import { issueDeviceCode } from './device-code.ts'
import { instanceDiscovery, openidConfiguration, signingKeys } from './discovery.ts'
import type { EntraRequest } from './request.ts'
import { issueToken } from './token.ts'

const get = (path: string, handler: Route<EntraRequest>['handler']) => ({ method: 'GET', path, handler })
const post = (path: string, handler: Route<EntraRequest>['handler']) => ({ method: 'POST', path, handler })

const routes: Route<EntraRequest>[] = [
  get('/:tenant/discovery/instance', instanceDiscovery),
  get('/:tenant/.well-known/openid-configuration', (request) => openidConfiguration(request, 'v1')),
  get('/:tenant/v2.0/.well-known/openid-configuration', (request) => openidConfiguration(request, 'v2')),
  get('/:tenant/discovery/keys', signingKeys),
  get('/:tenant/discovery/v2.0/keys', signingKeys),
  post('/:tenant/oauth2/token', (request) => issueToken(request, 'v1')),
  post('/:tenant/oauth2/v2.0/token', (request) => issueToken(request, 'v2')),
  post('/:tenant/oauth2/v2.0/devicecode', issueDeviceCode),
]

export const findRoute = createRouter(routes)
