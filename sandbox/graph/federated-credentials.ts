import type { Reply } from '../http.ts'
import { requireWritePermission } from './authorization.ts'
import { badRequest, duplicateKey, GraphError, notFound } from './errors.ts'
import { credentialFilters } from './filterable-properties.ts'
import { isReplicated } from './replication.ts'
import { equalsIgnoreCase, type GraphCall, parsePath, prefersCreateIfMissing } from './request.ts'
import { collectionReply, createdLocation, entityReply, type View } from './responses.ts'
import type { ApplicationObject, FederatedCredentialObject } from './state.ts'
import { credentialProperties, readProperties } from './writable-properties.ts'

const most = 20
const longest = 600
// azwi names its credentials in base64, padding included.
const nameShape = /^(?=.{3,120}$)[a-zA-Z0-9][a-zA-Z0-9_-]*={0,2}$/

const view = ({ id, name, issuer, subject, description, audiences }: FederatedCredentialObject): View => ({
  id,
  name,
  issuer,
  subject,
  description,
  audiences,
})

const badValue = (message: string) => new GraphError(400, 'InvalidFederatedIdentityCredentialValue', message)

/** Requests below `/applications/{id}/federatedIdentityCredentials`. */
export function federatedCredentials(call: GraphCall, application: ApplicationObject, path: string[]): Reply {
  const { key, rest } = parsePath(path)
  const context = `applications('${application.id}')/federatedIdentityCredentials`
  if (rest.length > 0 || !key) return onCollection(call, application, context, rest)
  const found = application.credentials.find(
    (each) =>
      isReplicated(call.simulator, each.createdAt) &&
      ((key.by === 'id' && equalsIgnoreCase(each.id, key.value)) || equalsIgnoreCase(each.name, key.value)),
  )
  if (call.method === 'GET') {
    if (!found) throw notFound(key.value)
    return entityReply(call, context, view(found))
  }
  requireWritePermission(call, application)
  if (call.method === 'PATCH') {
    const hidden = application.credentials.find((each) => equalsIgnoreCase(each.name, key.value))
    if (found ?? hidden) {
      update(call, application, (found ?? hidden)!)
      return { status: 204 }
    }
    if (!prefersCreateIfMissing(call) || key.by !== 'name') throw notFound(key.value)
    return create(call, application, context, { name: key.value, ...call.body() })
  }
  if (call.method !== 'DELETE')
    throw badRequest('Specified HTTP method is not allowed for the request target.')
  if (!found) throw notFound(key.value)
  application.credentials = application.credentials.filter((each) => each !== found)
  call.simulator.markChanged()
  return { status: 204 }
}

function onCollection(
  call: GraphCall,
  application: ApplicationObject,
  context: string,
  rest: string[],
): Reply {
  if (call.method === 'GET' && rest.length === 0)
    return collectionReply(call, {
      context,
      resource: 'FederatedIdentityCredential',
      filterable: credentialFilters,
      rows: application.credentials.filter((each) => isReplicated(call.simulator, each.createdAt)).map(view),
    })
  if (call.method !== 'POST') throw badRequest('Specified HTTP method is not allowed for the request target.')
  requireWritePermission(call, application)
  return create(call, application, context, call.body())
}

function requireValues({ issuer, subject, description, audiences }: Record<string, unknown>): void {
  for (const [name, value] of Object.entries({ issuer, subject }))
    if (typeof value !== 'string' || value === '')
      throw badValue(`FederatedIdentityCredential ${name} must not be empty.`)
  if (!Array.isArray(audiences) || audiences.length !== 1 || audiences[0] === '')
    throw badValue('FederatedIdentityCredential audiences must have exactly one value.')
  for (const [name, value] of Object.entries({ issuer, subject, description, audience: audiences[0] }))
    if (String(value ?? '').length > longest)
      throw badValue(`FederatedIdentityCredential ${name} must not be longer than ${longest} characters.`)
}

function requireUniquePair(
  application: ApplicationObject,
  { issuer, subject }: { issuer: string; subject: string },
  except?: FederatedCredentialObject,
): void {
  const others = application.credentials.filter((each) => each !== except)
  if (others.some((each) => each.issuer === issuer && each.subject === subject))
    throw badValue(
      `The combination of issuer and subject must be unique for the application. Issuer ${issuer} and Subject: ${subject} already exist. paramName: FederatedIdentityCredential.Subject, paramValue: ${subject}, objectType: Microsoft.Online.DirectoryServices.Application`,
    )
}

function create(
  call: GraphCall,
  application: ApplicationObject,
  context: string,
  body: Record<string, unknown>,
): Reply {
  const { simulator } = call
  const values = readProperties(body, credentialProperties, 'FederatedIdentityCredential')
  const name = String(values.name ?? '')
  if (!nameShape.test(name))
    throw badValue(
      `FederatedIdentityCredential name '${name}' is not valid: 3 to 120 letters, digits, '-' or '_', beginning with a letter or digit.`,
    )
  requireValues(values)
  if (application.credentials.some((each) => equalsIgnoreCase(each.name, name)))
    throw duplicateKey(`FederatedIdentityCredential with name ${name} already exists.`)
  const pair = { issuer: String(values.issuer), subject: String(values.subject) }
  requireUniquePair(application, pair)
  if (application.credentials.length >= most)
    throw new GraphError(
      400,
      'Directory_QuotaExceeded',
      `The application already has the maximum of ${most} federated identity credentials.`,
    )
  const credential: FederatedCredentialObject = {
    id: crypto.randomUUID(),
    name,
    ...pair,
    description: (values.description as string | undefined) ?? null,
    audiences: values.audiences as string[],
    createdAt: simulator.now(),
    changedAt: simulator.now(),
  }
  application.credentials.push(credential)
  simulator.markChanged()
  const location = createdLocation(call, `federatedIdentityCredentials/${credential.id}`)
  return entityReply(call, context, view(credential), 201, location)
}

function update(
  call: GraphCall,
  application: ApplicationObject,
  credential: FederatedCredentialObject,
): void {
  const values = readProperties(call.body(), credentialProperties, 'FederatedIdentityCredential')
  const { name, ...rest } = values
  if (name !== undefined && name !== credential.name)
    throw badRequest("Property 'name' is read-only and cannot be set.")
  const wanted = { ...credential, ...rest } as FederatedCredentialObject
  requireValues({ ...wanted })
  requireUniquePair(application, wanted, credential)
  Object.assign(credential, rest, { changedAt: call.simulator.now() })
  call.simulator.markChanged()
}
