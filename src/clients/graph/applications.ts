import type { ApplicationKey, Directory } from '../directory.ts'
import { undefinedIfNotFound } from '../errors.ts'
import { hasCode } from '../service-error.ts'
import { incompleteDocument } from './graph-client.ts'
import { type GraphRequests, literal } from './graph-requests.ts'
import {
  applicationFields,
  type GraphApplication,
  type GraphCredential,
  type GraphServicePrincipal,
  toApplication,
  toCredential,
} from './objects.ts'

type Applications = Pick<
  Directory,
  | 'application'
  | 'applicationByClientId'
  | 'applicationsNamed'
  | 'applicationsTrusting'
  | 'deletedApplication'
  | 'createApplication'
  | 'restoreApplication'
  | 'removeApplication'
  | 'purgeApplication'
  | 'keys'
  | 'owners'
>

export function makeApplications({ get, list, post, remove }: GraphRequests): Applications {
  const findByKey = async (key: string) => {
    const application = await get<GraphApplication>(`/applications(${key})?$select=${applicationFields}`)
    return application && toApplication(application)
  }
  const search = async (query: string, headers?: Record<string, string>) => {
    const applications = await list<GraphApplication>(`/applications?${query}&$select=${applicationFields}`, {
      headers: headers ?? {},
    })
    return applications.map(toApplication)
  }
  return {
    application: (uniqueName) => findByKey(`uniqueName=${literal(uniqueName)}`),
    applicationByClientId: (clientId) => findByKey(`appId=${literal(clientId)}`),
    applicationsNamed: (displayName) => search(`$filter=displayName eq ${literal(displayName)}`),
    applicationsTrusting: (subject) =>
      search(
        `$count=true&$filter=federatedIdentityCredentials/any(f:f/subject eq ${literal(subject)})`,
        // Graph filters by credentials only in its eventually consistent index.
        { ConsistencyLevel: 'eventual' },
      ),
    deletedApplication: async (uniqueName) => {
      const deleted = await list<GraphApplication>(
        `/directory/deletedItems/microsoft.graph.application?$select=${applicationFields}&$top=999`,
      )
      return deleted.map(toApplication).find((each) => each.uniqueName === uniqueName)
    },
    createApplication: (application) =>
      post('/applications', { signInAudience: 'AzureADMyOrg', ...application }),
    restoreApplication: (objectId) => post(`/directory/deletedItems/${objectId}/restore`, {}),
    removeApplication: (objectId) => remove(`/applications/${objectId}`),
    purgeApplication: async ({ objectId, clientId }) => {
      const principals = await list<GraphServicePrincipal>(
        `/directory/deletedItems/microsoft.graph.servicePrincipal?$select=id,appId&$top=999`,
      )
      for (const { id } of principals.filter((each) => each.appId === clientId))
        await remove(`/directory/deletedItems/${id}`)
      await remove(`/directory/deletedItems/${objectId}`)
    },
    keys: async (objectId) => {
      const application = await get<GraphApplication>(
        `/applications/${objectId}?$select=id,passwordCredentials,keyCredentials`,
      )
      const toKeys = (kind: ApplicationKey['kind'], credentials: unknown[] = []) =>
        (credentials as { keyId: string }[]).map(({ keyId }) => ({ id: keyId, kind }))
      return [
        ...toKeys('password', application?.passwordCredentials),
        ...toKeys('certificate', application?.keyCredentials),
      ]
    },
    owners: async (objectId) =>
      (await list<{ id: string }>(`/applications/${objectId}/owners?$select=id`)).map(({ id }) => id),
  }
}

type Credentials = Pick<Directory, 'credentials' | 'putCredential' | 'removeCredential'>

/** The federated credentials of applications. */
export function makeCredentials({ call, list, remove }: GraphRequests): Credentials {
  const pathOf = (objectId: string) => `/applications/${objectId}/federatedIdentityCredentials`
  const find = async (objectId: string) =>
    (await undefinedIfNotFound(
      list<GraphCredential>(pathOf(objectId)).catch((error) => {
        // v1.0 can't write a flexible credential: its subject is null.
        if (hasCode(error, incompleteDocument, 'EUNREADABLE'))
          return list<GraphCredential>(pathOf(objectId), { version: 'beta' })
        throw error
      }),
    )) ?? []
  const findByName = async (objectId: string, name: string) =>
    (await find(objectId)).find((each) => each.name === name)
  return {
    credentials: async (objectId) => (await find(objectId)).map(toCredential),
    // Graph's upsert (PATCH by name) has been unreliable, so this reads first.
    putCredential: async (objectId, { name, issuer, subject, expression, audience }) => {
      const existing = await findByName(objectId, name)
      const version = expression === undefined ? 'v1.0' : 'beta'
      const body = {
        issuer,
        ...(expression === undefined
          ? { subject }
          : { claimsMatchingExpression: { value: expression, languageVersion: 1 } }),
        audiences: [audience],
      }
      if (!existing)
        await call(pathOf(objectId), (request) => request.version(version).post({ name, ...body }))
      else if (
        existing.issuer !== issuer ||
        (existing.subject ?? '') !== subject ||
        existing.claimsMatchingExpression?.value !== expression ||
        existing.audiences.length !== 1 ||
        existing.audiences[0] !== audience
      )
        await call(`${pathOf(objectId)}/${existing.id}`, (request) => request.version(version).patch(body))
    },
    removeCredential: async (objectId, name) => {
      const existing = await findByName(objectId, name)
      if (existing) await remove(`${pathOf(objectId)}/${existing.id}`)
    },
  }
}
