import type { Reply } from '../../http.ts'
import { dataOf, hasService } from '../../storage/accounts.ts'
import type { Website } from '../../storage/state.ts'
import { setWebsite } from '../../storage/website.ts'
import { ArmError } from '../errors.ts'
import { listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody, type Shape } from '../request-body.ts'
import type { Resource } from '../state.ts'
import { accountPath, requireParent } from './children.ts'

const services = ['blobServices', 'queueServices', 'tableServices'] as const
type ServiceType = (typeof services)[number]

const shape: Shape = {
  properties: {
    staticWebsite: {
      enabled: 'boolean',
      indexDocument: 'string',
      defaultIndexDocumentPath: 'string',
      errorDocument404Path: 'string',
    },
  },
}

function view({ simulator }: ArmRequest, { body }: Resource, service: ServiceType) {
  const isBlob = service === 'blobServices'
  return {
    ...(isBlob && { sku: body.sku }),
    id: `${body.id}/${service}/default`,
    name: 'default',
    type: `Microsoft.Storage/storageAccounts/${service}`,
    properties: {
      cors: { corsRules: [] },
      ...(isBlob && {
        deleteRetentionPolicy: { allowPermanentDelete: false, enabled: false },
        staticWebsite: dataOf(simulator, body.name).website,
      }),
    },
  }
}

/** Turns the static website on or off, which is the only setting of a service that the simulator has. */
function put(request: ArmRequest): Reply {
  const account = requireParent(request)
  const { properties = {} } = parseBody<{ properties?: { staticWebsite?: Website } }>(request.call, shape)
  const { staticWebsite } = properties
  if (staticWebsite) {
    if (!hasService(String(account.body.kind), 'web'))
      throw new ArmError(
        400,
        'FeatureNotSupportedForAccount',
        'Static website is not supported for the account.',
      )
    setWebsite(request.simulator, dataOf(request.simulator, account.body.name), staticWebsite)
  }
  return { status: 200, body: view(request, account, 'blobServices') }
}

const routesOf = (service: ServiceType): ArmRoute[] => [
  {
    method: 'GET',
    path: `${accountPath}/${service}`,
    action: `Microsoft.Storage/storageAccounts/${service}/read`,
    handler: (request) => ({
      status: 200,
      body: listBody(request, [view(request, requireParent(request), service)]),
    }),
  },
  {
    method: 'GET',
    path: `${accountPath}/${service}/:service`,
    handler: (request) => ({ status: 200, body: view(request, requireParent(request), service) }),
  },
]

export const storageServiceRoutes: ArmRoute[] = [
  ...services.flatMap(routesOf),
  { method: 'PUT', path: `${accountPath}/blobServices/:service`, handler: put },
]
