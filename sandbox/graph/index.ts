import { type CallerClaims, checkBearerToken } from '../entra/access-tokens.ts'
import type { Call, Reply } from '../http.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { graphAudiences } from './audiences.ts'
import { GraphError, graphErrorReply, type RequestIds } from './errors.ts'
import { graphFailure } from './failures.ts'
import { purgeExpiredObjects } from './replication.ts'
import { type GraphCall, requireJsonObject } from './request.ts'
import { requireRoute } from './routes.ts'
import { newDirectoryState } from './state.ts'

const successContentType =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'
const diagnostic = JSON.stringify({
  ServerInfo: {
    DataCenter: 'West Europe',
    Slice: 'E',
    Ring: '5',
    ScaleUnit: '002',
    RoleInstance: 'AM1PEPF0001',
  },
})

/** Checks the token. Throws 401 `InvalidAuthenticationToken`. */
async function authenticate(call: Call, simulator: Simulator): Promise<CallerClaims> {
  const check = await checkBearerToken(call, simulator, [
    simulator.addresses.graph,
    'https://graph.microsoft.com',
  ])
  const refuse = (message: string) => new GraphError(401, 'InvalidAuthenticationToken', message)
  switch (check.state) {
    case 'valid':
      return check.caller
    case 'missing':
      throw refuse('Access token is empty.')
    case 'expired':
      throw refuse('Lifetime validation failed, the token is expired.')
    case 'wrongAudience':
      throw refuse('Access token validation failure. Invalid audience.')
    case 'badSignature':
      throw refuse('CompactToken validation failed with reason code: 80049228.')
    case 'malformed':
      throw refuse('CompactToken parsing failed with error code: 80049217')
  }
}

function dispatch(call: GraphCall): Reply | Promise<Reply> {
  const { route, params } = requireRoute(call)
  return route.handler({ ...call, params })
}

async function replyOrError(call: Call, simulator: Simulator, ids: RequestIds): Promise<Reply> {
  try {
    const caller = await authenticate(call, simulator)
    const [version = '', ...segments] = call.segments
    if (!/^(v1\.0|beta)$/i.test(version))
      throw new GraphError(400, 'BadRequest', `Invalid version: ${version}`)
    return await dispatch({
      method: call.method,
      version: version.toLowerCase(),
      segments,
      params: {},
      url: call.url,
      query: call.query,
      header: (name) => call.headers[name.toLowerCase()]?.toString(),
      body: () => requireJsonObject(call.json()),
      caller,
      simulator,
      dispatch: async (batched) => {
        try {
          return await dispatch(batched)
        } catch (error) {
          return graphErrorReply(error, simulator, ids)
        }
      },
    })
  } catch (error) {
    return graphErrorReply(error, simulator, ids)
  }
}

const handle: Service['handle'] = async (call, simulator) => {
  const clientRequestId = call.headers['client-request-id']
  const request = crypto.randomUUID()
  const ids = { request, client: typeof clientRequestId === 'string' ? clientRequestId : request }
  const reply = await replyOrError(call, simulator, ids)
  const isError = reply.status >= 400
  const isFiltered = /\/applications$/i.test(call.path) && call.query('$filter') !== undefined
  return {
    ...reply,
    headers: {
      'content-type': isError || reply.body === undefined ? undefined : successContentType,
      'cache-control': 'no-cache',
      'odata-version': isError ? undefined : '4.0',
      'request-id': ids.request,
      'client-request-id': ids.client,
      'x-ms-ags-diagnostic': diagnostic,
      'x-ms-resource-unit': isFiltered ? '2' : '1',
      'strict-transport-security': 'max-age=31536000',
      'www-authenticate':
        reply.status === 401
          ? `Bearer realm="", authorization_uri="${simulator.addresses.login}/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`
          : undefined,
      ...reply.headers,
    },
  }
}

export const graphService: Service = {
  name: 'graph',
  address: { label: 'graph', basePath: '/graph', ownPaths: /^\/(v1\.0|beta)(?=\/|$)/i },
  handle,
  audiences: graphAudiences,
  state: { key: 'directory', create: newDirectoryState },
  advance: purgeExpiredObjects,
  failure: graphFailure,
  readOnlyPosts: /\/(directoryobjects\/getbyids|\$batch)$/i,
}
