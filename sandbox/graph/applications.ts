import type { Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { withServerProperties } from './application-defaults.ts'
import { applicationView, mergeDeep } from './application-view.ts'
import {
  isLimitedToOwned,
  requireCreatePermission,
  requireReadPermission,
  requireWritePermission,
} from './authorization.ts'
import { badRequest, invalidProperty, valueInUse } from './errors.ts'
import { applicationFilters } from './filterable-properties.ts'
import { allApplications, allServicePrincipals, requireApplication } from './lookup.ts'
import { boundOwners } from './owners.ts'
import { isVisible } from './replication.ts'
import { equalsIgnoreCase, type GraphCall, keyOf, prefersCreateIfMissing } from './request.ts'
import { type Collection, collectionReply, countReply, createdLocation, entityReply } from './responses.ts'
import type { ApplicationObject } from './state.ts'
import { applicationProperties, readProperties } from './writable-properties.ts'

const signInAudiences = [
  'AzureADMyOrg',
  'AzureADMultipleOrgs',
  'AzureADandPersonalMicrosoftAccount',
  'PersonalMicrosoftAccount',
]

function visibleApplications(call: GraphCall): Collection {
  requireReadPermission(call)
  const { simulator } = call
  const visible = allApplications(simulator).filter((each) => isVisible(simulator, each))
  return {
    context: 'applications',
    resource: 'Application',
    rows: visible.map((each) => applicationView(simulator, each)),
    hidden: visible.map((each) => ({ federatedIdentityCredentials: each.credentials })),
    filterable: applicationFilters,
  }
}

export const listApplications = (call: GraphCall): Reply => collectionReply(call, visibleApplications(call))

export const countApplications = (call: GraphCall): Reply => countReply(call, visibleApplications(call))

export const getApplication = (call: GraphCall): Reply =>
  entityReply(call, 'applications', applicationView(call.simulator, requireApplication(call)))

export const createApplication = (call: GraphCall): Reply => createdReply(call, create(call, call.body()))

/** Updates an application, or with `Prefer: create-if-missing` creates one by its unique name. */
export function updateApplication(call: GraphCall): Reply {
  const key = keyOf(call)
  if (prefersCreateIfMissing(call) && key.by === 'uniquename') return upsert(call, key.value)
  const application = requireApplication(call)
  requireWritePermission(call, application)
  update(call, application, call.body())
  return { status: 204 }
}

/** Soft-deletes an application and its service principals. */
export function deleteApplication(call: GraphCall): Reply {
  const { simulator } = call
  const application = requireApplication(call)
  requireWritePermission(call, application)
  application.deletedAt = simulator.now()
  for (const principal of allServicePrincipals(simulator))
    if (equalsIgnoreCase(principal.appId, application.appId) && principal.type === 'Application')
      principal.deletedAt ??= simulator.now()
  return { status: 204 }
}

const createdReply = (call: GraphCall, application: ApplicationObject) =>
  entityReply(
    call,
    'applications',
    applicationView(call.simulator, application, true),
    201,
    createdLocation(call, `directoryObjects/${application.id}/Microsoft.DirectoryServices.Application`),
  )

/** Creates or updates by unique name. A soft-deleted application keeps its name reserved. */
function upsert(call: GraphCall, uniqueName: string): Reply {
  const found = allApplications(call.simulator).find((each) => equalsIgnoreCase(each.uniqueName, uniqueName))
  const body = call.body()
  if (!found) return createdReply(call, create(call, { ...body, uniqueName }))
  if (found.deletedAt !== undefined) throw valueInUse('uniqueName')
  requireWritePermission(call, found)
  update(call, found, body)
  return { status: 204 }
}

function validateProperties(
  simulator: Simulator,
  values: Record<string, unknown>,
  except?: ApplicationObject,
): void {
  const { displayName, signInAudience, uniqueName, identifierUris } = values
  if ('displayName' in values && (typeof displayName !== 'string' || !/^.{1,256}$/su.test(displayName)))
    throw invalidProperty('displayName', 'Application')
  if (signInAudience != null && !signInAudiences.includes(String(signInAudience)))
    throw invalidProperty('signInAudience', 'Application')
  if (uniqueName === '') throw invalidProperty('uniqueName', 'Application')
  // Soft-deleted applications keep their names reserved.
  const others = allApplications(simulator).filter((each) => each !== except)
  if (typeof uniqueName === 'string' && others.some((each) => equalsIgnoreCase(each.uniqueName, uniqueName)))
    throw valueInUse('uniqueName')
  const uris = (identifierUris ?? []) as string[]
  const urisInUse = others.flatMap((each) => (each.body.identifierUris as string[] | undefined) ?? [])
  if (uris.some((uri) => urisInUse.some((each) => equalsIgnoreCase(each, uri))))
    throw valueInUse('identifierUris')
}

function create(call: GraphCall, body: Record<string, unknown>): ApplicationObject {
  requireCreatePermission(call)
  const { simulator } = call
  const values = withServerProperties(
    readProperties(body, applicationProperties, 'Application'),
    simulator.now(),
  )
  if (values.displayName == null)
    throw badRequest("A value is required for property 'displayName' of resource 'Application'.")
  validateProperties(simulator, values)
  const { uniqueName, passwordCredentials, ...rest } = values
  if ((passwordCredentials as unknown[] | undefined)?.length)
    throw badRequest('New password credentials must be generated with service actions.')
  const id = crypto.randomUUID()
  const ownerIds = [...boundOwners(call, body), ...(isLimitedToOwned(call) ? [call.caller.oid] : [])]
  const application: ApplicationObject = {
    id,
    appId: crypto.randomUUID(),
    uniqueName: (uniqueName as string | undefined) ?? null,
    createdAt: simulator.now(),
    body: rest,
    secrets: [],
    credentials: [],
    owners: [...new Set(ownerIds)],
  }
  simulator.state.directory.applications[id] = application
  return application
}

function update(call: GraphCall, application: ApplicationObject, body: Record<string, unknown>): void {
  const values = withServerProperties(
    readProperties(body, applicationProperties, 'Application'),
    call.simulator.now(),
  )
  if (values.uniqueName !== undefined && values.uniqueName !== application.uniqueName) {
    if (application.uniqueName !== null)
      throw badRequest("Property 'uniqueName' is read-only and cannot be set.")
  }
  validateProperties(call.simulator, values, application)
  const { uniqueName, passwordCredentials, ...rest } = values
  if (passwordCredentials) retainSecrets(application, passwordCredentials as { keyId?: string }[])
  if (uniqueName !== undefined) application.uniqueName = uniqueName as string | null
  application.body = mergeDeep(application.body, rest)
}

/** An update of `passwordCredentials` can only remove secrets. */
function retainSecrets(application: ApplicationObject, retained: { keyId?: string }[]): void {
  const ids = retained.map(({ keyId }) => keyId)
  if (ids.some((id) => !application.secrets.some(({ keyId }) => keyId === id)))
    throw badRequest('New password credentials must be generated with service actions.')
  application.secrets = application.secrets.filter(({ keyId }) => ids.includes(keyId))
}
