import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { FederatedCredentialObject } from '../../graph/state.ts'
import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { ArmError, notFound } from '../errors.ts'
import { listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody, type Shape } from '../request-body.ts'
import { findResource } from '../resources/resources.ts'
import type { Resource } from '../state.ts'

const type = 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials'
const most = 20

const shape: Shape = { properties: { issuer: 'string', subject: 'string', audiences: ['string'] } }

const body = (identity: Resource, { name, issuer, subject, audiences }: FederatedCredentialObject) => ({
  id: `${identity.body.id}/federatedIdentityCredentials/${name}`,
  name,
  type,
  properties: { issuer, subject, audiences },
})

function identityOf({ call, simulator, id }: ArmRequest): Resource {
  const identity = findResource(simulator, id.replace(/\/federatedIdentityCredentials.*/i, ''))
  if (!identity) throw noParent(id, verbs[call.method] ?? 'read')
  return identity
}

const verbs: Record<string, string> = { PUT: 'write', DELETE: 'delete' }

/** Resource Manager itself sees that the identity is missing. */
const noParent = (id: string, verb: string) =>
  new ArmError(
    404,
    'ParentResourceNotFound',
    `Failed to perform '${verb}' on resource(s) of type 'userAssignedIdentities/federatedIdentityCredentials', because the parent resource '${id.replace(/\/federatedIdentityCredentials.*/i, '')}' could not be found.`,
    { by: 'gateway' },
  )

const named = (identity: Resource, name: string) =>
  identity.credentials!.find((credential) => credential.name.toLowerCase() === name.toLowerCase())

const bad = (message: string) => new ArmError(400, 'BadRequest', message)

/** What the body asks for; throws for whatever the service does not take. */
function wanted({ call, params }: ArmRequest) {
  const { properties } = parseBody<{ properties?: Partial<FederatedCredentialObject> }>(call, shape)
  const { issuer, subject, audiences } = properties ?? {}
  if (!issuer || !subject || !audiences)
    throw bad('Federated Identity Credential from HTTP body has empty properties')
  if (!/^[a-z0-9][a-z0-9_-]{2,119}$/i.test(params.credential!))
    throw bad(`Federated Identity Credential name '${params.credential}' is invalid.`)
  if (!Array.isArray(audiences) || audiences.length !== 1)
    throw new ArmError(
      400,
      'InvalidFederatedIdentityCredentialsAudienceLength',
      'Federated identity credentials must have exactly one audience.',
    )
  if (
    typeof issuer !== 'string' ||
    !URL.canParse(issuer) ||
    !issuer.startsWith('https://') ||
    issuer.length > 600
  )
    throw bad(`Federated Identity Credential issuer '${issuer}' is invalid: it must be an HTTPS URL.`)
  if (typeof subject !== 'string' || subject.length > 600)
    throw bad('Federated Identity Credential subject is invalid.')
  return { issuer, subject, audiences: audiences.map(String) }
}

/** The identities that a credential is being written on. */
const written = new WeakMap<Simulator, Set<string>>()

/** One write at a time: it takes as long as a request does, and who comes meanwhile is sent away. */
async function put(request: ArmRequest): Promise<Reply> {
  const { simulator } = request
  const { id } = identityOf(request).body
  const now = written.get(simulator) ?? new Set()
  written.set(simulator, now)
  const key = id.toLowerCase()
  if (now.has(key))
    throw new ArmError(
      409,
      'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity',
      `Too many Federated Identity Credentials are written concurrently for the managed identity '${id.replace(/\/providers\/.*/, (rest) => rest.toLowerCase())}'. Concurrent Federated Identity Credentials writes under the same managed identity are not supported.`,
    )
  const takes = simulator.durationOf('request')
  if (takes === 0) return write(request)
  now.add(key)
  try {
    await delay(takes)
    return write(request)
  } finally {
    now.delete(key)
  }
}

function write(request: ArmRequest): Reply {
  const { simulator, params } = request
  const identity = identityOf(request)
  const properties = wanted(request)
  if (simulator.isPending(identity.createdAt, 'directoryLag'))
    throw new ArmError(
      404,
      'ParentResourceNotFound',
      'MS Graph resource not found during Federated Identity Credential creation',
    )
  const found = named(identity, params.credential!)
  const twin = identity.credentials!.find(
    ({ issuer, subject }) => issuer === properties.issuer && subject === properties.subject,
  )
  if (twin && twin !== found)
    throw new ArmError(
      409,
      'Conflict',
      'Issuer and subject combination already exists for this Managed Identity.',
    )
  if (found) {
    const same = twin === found && found.audiences[0] === properties.audiences[0]
    if (!same) Object.assign(found, properties, { changedAt: simulator.now() })
    return { status: 200, body: body(identity, found) }
  }
  if (identity.credentials!.length >= most)
    throw new ArmError(
      400,
      'FederatedIdentityCredentialsLimitExceeded',
      `The maximum number of ${most} federated identity credentials for the managed identity has been reached.`,
    )
  const made: FederatedCredentialObject = {
    id: randomUUID(),
    name: params.credential!,
    description: null,
    ...properties,
    createdAt: simulator.now(),
    changedAt: simulator.now(),
  }
  identity.credentials!.push(made)
  return { status: 201, headers: { location: body(identity, made).id }, body: body(identity, made) }
}

function get(request: ArmRequest): Reply {
  const identity = findResource(
    request.simulator,
    request.id.replace(/\/federatedIdentityCredentials.*/i, ''),
  )
  if (!identity) throw notFound(request.id)
  const found = named(identity, request.params.credential!)
  if (!found) throw new ArmError(404, 'NotFound', `Resource '${request.id}' was not found.`)
  return { status: 200, body: body(identity, found) }
}

function list(request: ArmRequest): Reply {
  const identity = identityOf(request)
  return {
    status: 200,
    body: listBody(
      request,
      identity.credentials!.map((credential) => body(identity, credential)),
    ),
  }
}

function remove(request: ArmRequest): Reply {
  const identity = identityOf(request)
  const found = named(identity, request.params.credential!)
  if (!found) return { status: 204 }
  identity.credentials!.splice(identity.credentials!.indexOf(found), 1)
  return { status: 200 }
}

const all =
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/:name/federatedIdentityCredentials'

export const federatedCredentialRoutes: ArmRoute[] = [
  { method: 'GET', path: all, handler: list },
  { method: 'PUT', path: `${all}/:credential`, handler: put },
  { method: 'GET', path: `${all}/:credential`, handler: get },
  { method: 'DELETE', path: `${all}/:credential`, handler: remove },
]
