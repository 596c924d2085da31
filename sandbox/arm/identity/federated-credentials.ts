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
const maxCredentials = 20

const shape: Shape = { properties: { issuer: 'string', subject: 'string', audiences: ['string'] } }

const credentialView = (
  identity: Resource,
  { name, issuer, subject, audiences }: FederatedCredentialObject,
) => ({
  id: `${identity.body.id}/federatedIdentityCredentials/${name}`,
  name,
  type,
  properties: { issuer, subject, audiences },
})

const verbs: Record<string, string> = { PUT: 'write', DELETE: 'delete' }

const identityId = (id: string) => id.replace(/\/federatedIdentityCredentials.*/i, '')

/** Returns the identity of a path. Throws Resource Manager's 404 for a missing parent. */
function requireIdentity({ call, simulator, id }: ArmRequest): Resource {
  const identity = findResource(simulator, identityId(id))
  if (!identity)
    throw new ArmError(
      404,
      'ParentResourceNotFound',
      `Failed to perform '${verbs[call.method] ?? 'read'}' on resource(s) of type 'userAssignedIdentities/federatedIdentityCredentials', because the parent resource '${identityId(id)}' could not be found.`,
      { by: 'gateway' },
    )
  return identity
}

const findCredential = (identity: Resource, name: string) =>
  identity.credentials!.find((credential) => credential.name.toLowerCase() === name.toLowerCase())

const badRequest = (message: string) => new ArmError(400, 'BadRequest', message)

/** Reads and checks the properties of a PUT. Throws 400. */
function parseProperties({ call, params }: ArmRequest) {
  const { properties } = parseBody<{ properties?: Partial<FederatedCredentialObject> }>(call, shape)
  const { issuer, subject, audiences } = properties ?? {}
  if (!issuer || !subject || !audiences)
    throw badRequest('Federated Identity Credential from HTTP body has empty properties')
  if (!/^[a-z0-9][a-z0-9_-]{2,119}$/i.test(params.credential!))
    throw badRequest(`Federated Identity Credential name '${params.credential}' is invalid.`)
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
    throw badRequest(`Federated Identity Credential issuer '${issuer}' is invalid: it must be an HTTPS URL.`)
  if (typeof subject !== 'string' || subject.length > 600)
    throw badRequest('Federated Identity Credential subject is invalid.')
  return { issuer, subject, audiences: audiences.map(String) }
}

/** The identities with a write in progress. */
const writesInProgress = new WeakMap<Simulator, Set<string>>()

/** Allows one write per identity at a time, and rejects others with 409. */
async function put(request: ArmRequest): Promise<Reply> {
  const { simulator } = request
  const { id } = requireIdentity(request).body
  const inProgress = writesInProgress.get(simulator) ?? new Set()
  writesInProgress.set(simulator, inProgress)
  const key = id.toLowerCase()
  if (inProgress.has(key))
    throw new ArmError(
      409,
      'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity',
      `Too many Federated Identity Credentials are written concurrently for the managed identity '${id.replace(/\/providers\/.*/, (rest) => rest.toLowerCase())}'. Concurrent Federated Identity Credentials writes under the same managed identity are not supported.`,
    )
  const duration = simulator.durationOf('request')
  if (duration === 0) return write(request)
  inProgress.add(key)
  try {
    await delay(duration)
    return write(request)
  } finally {
    inProgress.delete(key)
  }
}

function write(request: ArmRequest): Reply {
  const { simulator, params } = request
  const identity = requireIdentity(request)
  const properties = parseProperties(request)
  if (simulator.isPending(identity.createdAt, 'directoryLag'))
    throw new ArmError(
      404,
      'ParentResourceNotFound',
      'MS Graph resource not found during Federated Identity Credential creation',
    )
  const existing = findCredential(identity, params.credential!)
  const duplicate = identity.credentials!.find(
    ({ issuer, subject }) => issuer === properties.issuer && subject === properties.subject,
  )
  if (duplicate && duplicate !== existing)
    throw new ArmError(
      409,
      'Conflict',
      'Issuer and subject combination already exists for this Managed Identity.',
    )
  if (existing) {
    const unchanged = duplicate === existing && existing.audiences[0] === properties.audiences[0]
    if (!unchanged) Object.assign(existing, properties, { changedAt: simulator.now() })
    return { status: 200, body: credentialView(identity, existing) }
  }
  if (identity.credentials!.length >= maxCredentials)
    throw new ArmError(
      400,
      'FederatedIdentityCredentialsLimitExceeded',
      `The maximum number of ${maxCredentials} federated identity credentials for the managed identity has been reached.`,
    )
  const credential: FederatedCredentialObject = {
    id: randomUUID(),
    name: params.credential!,
    description: null,
    ...properties,
    createdAt: simulator.now(),
    changedAt: simulator.now(),
  }
  identity.credentials!.push(credential)
  const body = credentialView(identity, credential)
  return { status: 201, headers: { location: body.id }, body }
}

function get({ simulator, id, params }: ArmRequest): Reply {
  const identity = findResource(simulator, identityId(id))
  if (!identity) throw notFound(id)
  const credential = findCredential(identity, params.credential!)
  if (!credential) throw new ArmError(404, 'NotFound', `Resource '${id}' was not found.`)
  return { status: 200, body: credentialView(identity, credential) }
}

function list(request: ArmRequest): Reply {
  const identity = requireIdentity(request)
  return {
    status: 200,
    body: listBody(
      request,
      identity.credentials!.map((credential) => credentialView(identity, credential)),
    ),
  }
}

function remove(request: ArmRequest): Reply {
  const identity = requireIdentity(request)
  const credential = findCredential(identity, request.params.credential!)
  if (!credential) return { status: 204 }
  identity.credentials!.splice(identity.credentials!.indexOf(credential), 1)
  return { status: 200 }
}

const path =
  '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/:name/federatedIdentityCredentials'

export const federatedCredentialRoutes: ArmRoute[] = [
  { method: 'GET', path, handler: list },
  { method: 'PUT', path: `${path}/:credential`, handler: put },
  { method: 'GET', path: `${path}/:credential`, handler: get },
  { method: 'DELETE', path: `${path}/:credential`, handler: remove },
]
