import { RejectedRequest } from '../data-plane.ts'

/** The code of each status. */
const codes: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  408: 'RequestTimeout',
  409: 'Conflict',
  412: 'PreconditionFailed',
  429: '429',
  449: 'RetryWith',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
}

/** Returns a rejection. Clients tell the reasons of a status apart by the substatus. */
export const rejected = (status: number, substatus: number, message: string) => {
  const activity = crypto.randomUUID()
  return new RejectedRequest({
    status,
    headers: {
      'x-ms-activity-id': activity,
      ...(substatus ? { 'x-ms-substatus': String(substatus) } : {}),
    },
    body: { code: codes[status] ?? String(status), message: `${message}\r\nActivityId: ${activity}` },
  })
}

export const badRequest = (message: string) => rejected(400, 0, message)

/** `owner`: what the resource would be in does not exist. */
export const notFound = (what: 'resource' | 'owner') =>
  rejected(
    404,
    what === 'owner' ? 1003 : 0,
    what === 'owner'
      ? 'Message: {"Errors":["Owner resource does not exist"]}'
      : 'Message: {"Errors":["Resource Not Found. Learn more: https://aka.ms/cosmosdb-tsg-not-found"]}',
  )

export const unauthorized = (substatus: number, message: string) => rejected(401, substatus, message)

export const blockedByFirewall = (address: string) =>
  rejected(
    403,
    0,
    `Request originated from IP ${address} through public internet. This is blocked by your Cosmos DB account firewall settings. More info: https://aka.ms/cosmosdb-tsg-forbidden`,
  )

/** No data action lets a client create, replace or delete databases and containers. */
export const notByToken = (method: string, path: string) =>
  rejected(
    403,
    5300,
    `The given request [${method} ${path}] cannot be authorized by AAD token in data plane. Learn more: https://aka.ms/cosmos-native-rbac.`,
  )

/** `resource` is undefined if the action is allowed nowhere. The substatus differs if another action is. */
export const blockedByRoles = (
  principal: string,
  action: string,
  resource: string,
  hasOtherAction: boolean,
) =>
  rejected(
    403,
    hasOtherAction ? 5302 : 5301,
    `Request blocked by Auth a : Request is blocked because principal [${principal}] does not have required RBAC permissions to perform action [${action}] ${resource === '*' ? 'on any scope' : `on resource [${resource.replace(/^\/(?=.)/, '')}]`}. Learn more: https://aka.ms/cosmos-native-rbac.`,
  )
