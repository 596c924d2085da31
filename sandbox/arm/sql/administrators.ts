import { isGuid } from '../../guid.ts'
import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { ArmError, notFound } from '../errors.ts'
import { listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody } from '../request-body.ts'
import { findResource } from '../resources/resources.ts'
import type { Resource } from '../state.ts'

/** The Microsoft Entra administrator of a server. `sid` is the object ID, of an application the client ID. */
interface Administrator {
  administratorType: 'ActiveDirectory'
  principalType?: string
  login: string
  sid: string
  tenantId: string
  azureADOnlyAuthentication: boolean
}

const invalid = (message: string) => new ArmError(400, 'InvalidParameterValue', message)

/** Returns an administrator with its defaults. Throws 400. */
export function administratorOf(simulator: Simulator, input: unknown): Administrator {
  const { login, sid, tenantId, principalType, azureADOnlyAuthentication } = input as Partial<Administrator>
  if (!login) throw invalid('Invalid value given for parameter Login. Specify a valid parameter value.')
  if (!isGuid(sid)) throw invalid('Invalid value given for parameter Sid. Specify a valid parameter value.')
  return {
    administratorType: 'ActiveDirectory',
    ...(principalType !== undefined && { principalType }),
    login,
    sid,
    tenantId: tenantId ?? simulator.state.tenant.id,
    azureADOnlyAuthentication: azureADOnlyAuthentication ?? false,
  }
}

const administratorIn = ({ body }: Resource) => body.properties.administrators as Administrator | undefined

function serverOf({ simulator, id }: ArmRequest): Resource {
  const serverId = id.split('/').slice(0, 9).join('/')
  const server = findResource(simulator, serverId)
  if (!server) throw notFound(serverId)
  return server
}

const absent = () =>
  new ArmError(404, 'ResourceNotFound', 'The requested resource of type administrators was not found.')

const view = (server: Resource, administrator: Administrator) => ({
  id: `${server.body.id}/administrators/ActiveDirectory`,
  name: 'ActiveDirectory',
  type: 'Microsoft.Sql/servers/administrators',
  properties: administrator,
})

const onlyView = (server: Resource) => ({
  id: `${server.body.id}/azureADOnlyAuthentications/Default`,
  name: 'Default',
  type: 'Microsoft.Sql/servers/azureADOnlyAuthentications',
  properties: { azureADOnlyAuthentication: administratorIn(server)?.azureADOnlyAuthentication ?? false },
})

function putAdministrator(request: ArmRequest): Reply {
  const server = serverOf(request)
  const current = administratorIn(server)
  const { properties = {} } = parseBody<{ properties?: object }>(request.call, {
    properties: { login: 'string', sid: 'string', tenantId: 'string', principalType: 'string' },
  })
  const wanted = {
    ...properties,
    azureADOnlyAuthentication: current?.azureADOnlyAuthentication ?? false,
  }
  const administrator = administratorOf(request.simulator, wanted)
  server.body.properties.administrators = administrator
  return { status: current ? 200 : 201, body: view(server, administrator) }
}

function getAdministrator(request: ArmRequest): Reply {
  const server = serverOf(request)
  const administrator = administratorIn(server)
  if (!administrator) throw absent()
  return { status: 200, body: view(server, administrator) }
}

function removeAdministrator(request: ArmRequest): Reply {
  const server = serverOf(request)
  const current = administratorIn(server)
  if (!current) return { status: 204 }
  if (current.azureADOnlyAuthentication)
    throw new ArmError(
      400,
      'AADAdminCannotBeDeleted',
      'The Microsoft Entra administrator cannot be deleted while Microsoft Entra-only authentication is enabled.',
    )
  delete server.body.properties.administrators
  return { status: 200 }
}

function putOnly(request: ArmRequest): Reply {
  const server = serverOf(request)
  const { properties } = parseBody<{ properties?: { azureADOnlyAuthentication?: boolean } }>(request.call, {
    properties: { azureADOnlyAuthentication: 'boolean' },
  })
  const administrator = administratorIn(server)
  if (!administrator)
    throw new ArmError(
      400,
      'AADAdminNotConfigured',
      'Microsoft Entra-only authentication needs a Microsoft Entra administrator.',
    )
  administrator.azureADOnlyAuthentication = properties?.azureADOnlyAuthentication ?? false
  return { status: 200, body: onlyView(server) }
}

const path = '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.Sql/servers/:name'
const administrators = `${path}/administrators`
const only = `${path}/azureADOnlyAuthentications`

export const administratorRoutes: ArmRoute[] = [
  {
    method: 'GET',
    path: administrators,
    handler(request) {
      const server = serverOf(request)
      const administrator = administratorIn(server)
      return { status: 200, body: listBody(request, administrator ? [view(server, administrator)] : []) }
    },
  },
  { method: 'PUT', path: `${administrators}/:administrator`, handler: putAdministrator },
  { method: 'GET', path: `${administrators}/:administrator`, handler: getAdministrator },
  { method: 'DELETE', path: `${administrators}/:administrator`, handler: removeAdministrator },
  {
    method: 'GET',
    path: only,
    handler: (request) => ({ status: 200, body: listBody(request, [onlyView(serverOf(request))]) }),
  },
  {
    method: 'GET',
    path: `${only}/:setting`,
    handler: (request) => ({ status: 200, body: onlyView(serverOf(request)) }),
  },
  { method: 'PUT', path: `${only}/:setting`, handler: putOnly },
]
