import { type CallerClaims, checkBearerToken } from '../entra/access-tokens.ts'
import { type Call, InvalidBodyError, type Reply } from '../http.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { applications } from './applications.ts'
import { batch } from './batch.ts'
import { deletedItems } from './deleted-items.ts'
import { directoryObjects } from './directory-objects.ts'
import { GraphError, unknownSegment } from './errors.ts'
import { graphFailure } from './failures.ts'
import { purgeExpiredObjects } from './replication.ts'
import { type GraphCall, parsePath, requireObject } from './request.ts'
import { servicePrincipals } from './service-principals.ts'
import { newDirectoryState } from './state.ts'
import { authorizationPolicy, domains, me, organization, usersAndGroups } from './tenant.ts'

const streamed =
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
  const shown = await checkBearerToken(call, simulator, [
    simulator.addresses.graph,
    'https://graph.microsoft.com',
  ])
  const refuse = (message: string) => new GraphError(401, 'InvalidAuthenticationToken', message)
  switch (shown.state) {
    case 'valid':
      return shown.caller
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

function route(call: GraphCall): Reply {
  const path = parsePath(call.segments)
  switch (path.collection) {
    case 'applications':
      return applications(call, path)
    case 'serviceprincipals':
      return servicePrincipals(call, path)
    case 'directory':
      if (path.key?.value.toLowerCase() !== 'deleteditems')
        throw unknownSegment(path.key?.value ?? 'directory')
      return deletedItems(call, ['deletedItems', ...path.rest])
    case 'directoryobjects':
      return directoryObjects(call, path)
    case 'organization':
      return organization(call, path)
    case 'domains':
      return domains(call, path)
    case 'users':
    case 'groups':
      return usersAndGroups(call, path)
    case 'me':
      return me()
    case 'policies':
      if (path.key?.value.toLowerCase() !== 'authorizationpolicy')
        throw unknownSegment(path.key?.value ?? 'policies')
      return authorizationPolicy(call)
    default:
      throw unknownSegment(call.segments[0] ?? '')
  }
}

/** Answers one request, with a refusal as an answer too. */
function answer(call: GraphCall, ids: Ids): Reply {
  try {
    return route(call)
  } catch (error) {
    return refusal(error, call.simulator, ids)
  }
}

interface Ids {
  request: string
  client: string
}

function refusal(error: unknown, simulator: Simulator, ids: Ids): Reply {
  const fault =
    error instanceof InvalidBodyError
      ? new GraphError(
          400,
          'BadRequest',
          'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
        )
      : error
  if (!(fault instanceof GraphError)) throw error
  const { status, code, message, details } = fault
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: {
      error: {
        code,
        message,
        ...(details ? { details } : {}),
        innerError: {
          date: new Date(simulator.now()).toISOString().slice(0, 19),
          'request-id': ids.request,
          'client-request-id': ids.client,
        },
      },
    },
  }
}

async function whole(call: Call, simulator: Simulator, ids: Ids): Promise<Reply> {
  const caller = await authenticate(call, simulator)
  const [version = '', ...segments] = call.segments
  if (!/^(v1\.0|beta)$/i.test(version)) throw new GraphError(400, 'BadRequest', `Invalid version: ${version}`)
  const graphCall: GraphCall = {
    method: call.method,
    version: version.toLowerCase(),
    segments,
    url: call.url,
    query: call.query,
    header: (name) => call.headers[name.toLowerCase()]?.toString(),
    body: () => requireObject(call.json()),
    caller,
    simulator,
  }
  purgeExpiredObjects(simulator)
  if (segments[0]?.toLowerCase() === '$batch') return batch(graphCall, (each) => answer(each, ids))
  return answer(graphCall, ids)
}

const handle: Service['handle'] = async (call, simulator) => {
  const asked = call.headers['client-request-id']
  const request = crypto.randomUUID()
  const ids = { request, client: typeof asked === 'string' ? asked : request }
  const reply = await whole(call, simulator, ids).catch((error: unknown) => refusal(error, simulator, ids))
  const refused = reply.status >= 400
  const filtered = /\/applications$/i.test(call.path) && call.query('$filter') !== undefined
  return {
    ...reply,
    headers: {
      'content-type': refused || reply.body === undefined ? undefined : streamed,
      'cache-control': 'no-cache',
      'odata-version': refused ? undefined : '4.0',
      'request-id': ids.request,
      'client-request-id': ids.client,
      'x-ms-ags-diagnostic': diagnostic,
      'x-ms-resource-unit': filtered ? '2' : '1',
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
  state: { key: 'directory', create: newDirectoryState },
  failure: graphFailure,
  readOnlyPosts: /\/(directoryobjects\/getbyids|\$batch)$/i,
}
