import type { Reply } from '../http.ts'
import { requireWritePermission } from './authorization.ts'
import { badRequest, duplicateKey, GraphError, notFound } from './errors.ts'
import { credentialFilters } from './filterable-properties.ts'
import { readExpression } from './flexible-credentials.ts'
import { requireApplication } from './lookup.ts'
import { isReplicated } from './replication.ts'
import { equalsIgnoreCase, type GraphCall, type Key, keyOf, prefersCreateIfMissing } from './request.ts'
import { collectionReply, createdLocation, entityReply, type View } from './responses.ts'
import type { ApplicationObject, FederatedCredentialObject } from './state.ts'
import { credentialProperties, readProperties } from './writable-properties.ts'

const maxCredentials = 20
const maxLength = 600
// azwi names credentials in padded base64.
const namePattern = /^(?=.{3,120}$)[a-zA-Z0-9][a-zA-Z0-9_-]*={0,2}$/

const view =
  ({ version }: GraphCall) =>
  (credential: FederatedCredentialObject): View => {
    const { id, name, issuer, subject, description, audiences, claimsMatchingExpression } = credential
    return {
      id,
      name,
      issuer,
      subject,
      description,
      audiences,
      ...(version === 'beta' ? { claimsMatchingExpression: claimsMatchingExpression ?? null } : {}),
    }
  }

/**
 * In v1.0, a subject can't be null, and Graph notices that only while it writes the response: the status is 200, and the
 * body breaks off and goes on with the error.
 */
function breakOffAtNullSubject(call: GraphCall, reply: Reply): Reply {
  if (call.version !== 'v1.0') return reply
  const [written, ...rest] = JSON.stringify(reply.body).split(',"subject":null')
  if (!rest.length) return reply
  const error = {
    code: 'InternalServerError',
    message:
      "The property 'subject[Nullable=False]' of type 'Edm.String' has a null value, which is not allowed.",
  }
  return {
    ...reply,
    headers: { ...reply.headers, 'content-type': 'application/json' },
    body: `${written}${JSON.stringify({ error })}`,
  }
}

const invalidCredential = (message: string) =>
  new GraphError(400, 'InvalidFederatedIdentityCredentialValue', message)

const contextOf = ({ id }: ApplicationObject) => `applications('${id}')/federatedIdentityCredentials`

/** Finds the credential that the path names, by ID or name, unless it is not replicated yet. */
function findCredential(call: GraphCall, { credentials }: ApplicationObject, key: Key) {
  return credentials.find(
    (each) =>
      isReplicated(call.simulator, each.createdAt) &&
      ((key.by === 'id' && equalsIgnoreCase(each.id, key.value)) || equalsIgnoreCase(each.name, key.value)),
  )
}

export function listFederatedCredentials(call: GraphCall): Reply {
  const application = requireApplication(call)
  const visible = application.credentials.filter((each) => isReplicated(call.simulator, each.createdAt))
  const reply = collectionReply(call, {
    context: contextOf(application),
    resource: 'FederatedIdentityCredential',
    filterable: credentialFilters,
    rows: visible.map(view(call)),
  })
  return breakOffAtNullSubject(call, reply)
}

export function getFederatedCredential(call: GraphCall): Reply {
  const application = requireApplication(call)
  const key = keyOf(call, 'credential')
  const found = findCredential(call, application, key)
  if (!found) throw notFound(key.value)
  return breakOffAtNullSubject(call, entityReply(call, contextOf(application), view(call)(found)))
}

export function createFederatedCredential(call: GraphCall): Reply {
  const application = requireApplication(call)
  requireWritePermission(call, application)
  return create(call, application, call.body())
}

/** Updates a credential, or with `Prefer: create-if-missing` creates one by its name. */
export function updateFederatedCredential(call: GraphCall): Reply {
  const application = requireApplication(call)
  requireWritePermission(call, application)
  const key = keyOf(call, 'credential')
  // Writes reach a credential before it is replicated, but only by name.
  const found =
    findCredential(call, application, key) ??
    application.credentials.find((each) => equalsIgnoreCase(each.name, key.value))
  if (found) {
    update(call, application, found)
    return { status: 204 }
  }
  if (!prefersCreateIfMissing(call) || key.by !== 'name') throw notFound(key.value)
  return create(call, application, { name: key.value, ...call.body() })
}

export function deleteFederatedCredential(call: GraphCall): Reply {
  const application = requireApplication(call)
  requireWritePermission(call, application)
  const key = keyOf(call, 'credential')
  const found = findCredential(call, application, key)
  if (!found) throw notFound(key.value)
  application.credentials = application.credentials.filter((each) => each !== found)
  return { status: 204 }
}

function validateProperties(
  { version }: GraphCall,
  { issuer, subject, description, audiences, claimsMatchingExpression }: Record<string, unknown>,
): void {
  if (typeof issuer !== 'string' || issuer === '')
    throw invalidCredential('FederatedIdentityCredential issuer must not be empty.')
  const isFlexible = version === 'beta' && claimsMatchingExpression != null
  if (isFlexible && subject != null)
    throw invalidCredential(
      'FederatedIdentityCredential must have either a subject or a claimsMatchingExpression, not both.',
    )
  if (isFlexible) readExpression(claimsMatchingExpression, issuer)
  else if (typeof subject !== 'string' || subject === '')
    throw invalidCredential("Property 'subject' cannot be empty.")
  if (!Array.isArray(audiences) || audiences.length !== 1 || audiences[0] === '')
    throw invalidCredential('FederatedIdentityCredential audiences must have exactly one value.')
  for (const [name, value] of Object.entries({ issuer, subject, description, audience: audiences[0] }))
    if (String(value ?? '').length > maxLength)
      throw invalidCredential(
        `FederatedIdentityCredential ${name} must not be longer than ${maxLength} characters.`,
      )
}

function requireUniqueSubject(
  application: ApplicationObject,
  {
    issuer,
    subject,
    claimsMatchingExpression: expression,
  }: Pick<FederatedCredentialObject, 'issuer' | 'subject' | 'claimsMatchingExpression'>,
  except?: FederatedCredentialObject,
): void {
  const others = application.credentials.filter((each) => each !== except)
  const isSame = (each: FederatedCredentialObject) =>
    each.subject === subject && each.claimsMatchingExpression?.value === expression?.value
  if (others.some((each) => each.issuer === issuer && isSame(each)))
    throw invalidCredential(
      `The combination of issuer and subject must be unique for the application. Issuer ${issuer} and Subject: ${subject ?? ''} already exist. paramName: FederatedIdentityCredential.Subject, paramValue: ${subject ?? ''}, objectType: Microsoft.Online.DirectoryServices.Application`,
    )
}

function create(call: GraphCall, application: ApplicationObject, body: Record<string, unknown>): Reply {
  const { simulator } = call
  const values = readProperties(body, credentialProperties, 'FederatedIdentityCredential')
  const name = String(values.name ?? '')
  if (!namePattern.test(name))
    throw invalidCredential(
      `FederatedIdentityCredential name '${name}' is not valid: 3 to 120 letters, digits, '-' or '_', beginning with a letter or digit.`,
    )
  validateProperties(call, values)
  if (application.credentials.some((each) => equalsIgnoreCase(each.name, name)))
    throw duplicateKey(`FederatedIdentityCredential with name ${name} already exists.`)
  const issuer = String(values.issuer)
  const trusted =
    values.subject == null
      ? {
          issuer,
          subject: null,
          claimsMatchingExpression: readExpression(values.claimsMatchingExpression, issuer),
        }
      : { issuer, subject: String(values.subject) }
  requireUniqueSubject(application, trusted)
  if (application.credentials.length >= maxCredentials)
    throw new GraphError(
      400,
      'Directory_QuotaExceeded',
      `The application already has the maximum of ${maxCredentials} federated identity credentials.`,
    )
  const credential: FederatedCredentialObject = {
    id: crypto.randomUUID(),
    name,
    ...trusted,
    description: (values.description as string | undefined) ?? null,
    audiences: values.audiences as string[],
    createdAt: simulator.now(),
    changedAt: simulator.now(),
  }
  application.credentials.push(credential)
  const location = createdLocation(call, `federatedIdentityCredentials/${credential.id}`)
  return entityReply(call, contextOf(application), view(call)(credential), 201, location)
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
  const updated = { ...credential, ...rest } as FederatedCredentialObject
  validateProperties(call, { ...updated })
  requireUniqueSubject(application, updated, credential)
  Object.assign(credential, rest, { changedAt: call.simulator.now() })
}
