import type { TokenCredential } from '@azure/core-auth'
import type { Client } from '@microsoft/microsoft-graph-client'
import type { Cloud } from '../cloud.ts'
import { claimsOf } from '../credential.ts'
import type {
  Application,
  ApplicationKey,
  Directory,
  FederatedCredential,
  ServicePrincipal,
} from '../directory.ts'
import { guard, undefinedIfNotFound } from '../errors.ts'
import type { Http } from '../http.ts'
import { lazy } from '../lazy.ts'
import { hasCode } from '../service-error.ts'
import { makeGraphClient } from './graph-client.ts'

interface FoundApplication {
  id: string
  appId: string
  displayName: string
  uniqueName?: string | null
  tags?: string[]
  passwordCredentials?: unknown[]
  keyCredentials?: unknown[]
}

interface FoundPrincipal {
  id: string
  appId: string
  displayName: string
  accountEnabled?: boolean
  tags?: string[]
}

interface FoundCredential {
  id: string
  name: string
  issuer: string
  subject: string
  audiences: string[]
}

interface Page<T> {
  value: T[]
  '@odata.nextLink'?: string
}

/** Permissions of applications, and directory roles of users by their template ids. */
const registering = [
  'Application.ReadWrite.All',
  'Application.ReadWrite.OwnedBy',
  'Directory.ReadWrite.All',
  // Global Administrator, Application Administrator, Cloud Application Administrator, Application Developer.
  '62e90394-69f5-4237-9190-012177145e10',
  '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
  '158c047a-c907-4556-b7ef-446551a6b5f7',
  'cf1c38e5-3621-4004-a7cb-879624dced7c',
]

const applicationFields = 'id,appId,displayName,uniqueName,tags,passwordCredentials,keyCredentials'

const readApplication = (of: FoundApplication): Application => ({
  objectId: of.id,
  clientId: of.appId,
  displayName: of.displayName,
  uniqueName: of.uniqueName ?? undefined,
  tags: of.tags ?? [],
  keys: (of.passwordCredentials ?? []).length + (of.keyCredentials ?? []).length,
})

const readPrincipal = (of: FoundPrincipal): ServicePrincipal => ({
  objectId: of.id,
  clientId: of.appId,
  displayName: of.displayName,
  enabled: of.accountEnabled ?? true,
  tags: of.tags ?? [],
})

const readCredential = (of: FoundCredential): FederatedCredential => ({
  name: of.name,
  issuer: of.issuer,
  subject: of.subject,
  audience: of.audiences[0] ?? '',
})

/** An OData text literal, ready for an address. */
const quoted = (text: string) => `'${encodeURIComponent(text.replaceAll("'", "''"))}'`

export function makeDirectory(of: {
  cloud: Cloud
  credential: TokenCredential
  http: Http
  signal: AbortSignal
}): Directory {
  const client = lazy(() => makeGraphClient(of))
  const guarded = guard('graph', of.signal)
  const api = <T>(path: string, act: (request: ReturnType<Client['api']>) => Promise<T>): Promise<T> =>
    guarded(async () => act((await client()).api(path)))

  const get = <T>(path: string) => undefinedIfNotFound(api<T>(path, (request) => request.get()))
  const remove = async (path: string) =>
    void (await undefinedIfNotFound(api(path, (request) => request.delete())))

  async function every<T>(path: string, headers: Record<string, string> = {}): Promise<T[]> {
    const found: T[] = []
    for (let next: string | undefined = path; next; ) {
      const page: Page<T> = await api(next, (request) => request.headers(headers).get())
      found.push(...page.value)
      next = page['@odata.nextLink']
    }
    return found
  }

  const application = async (key: string) => {
    const found = await get<FoundApplication>(`/applications(${key})?$select=${applicationFields}`)
    return found && readApplication(found)
  }
  const credentialsAt = (objectId: string) => `/applications/${objectId}/federatedIdentityCredentials`
  const foundCredentials = async (objectId: string) =>
    (await undefinedIfNotFound(every<FoundCredential>(credentialsAt(objectId)))) ?? []

  return {
    canRegisterApplications: async () => {
      const claims = await guarded(async () => {
        const { token } = (await of.credential.getToken(of.cloud.graphScope, { enableCae: true })) ?? {
          token: '',
        }
        return claimsOf(token) as { idtyp?: string; roles?: string[]; wids?: string[] }
      })
      if (claims.roles?.some((each) => registering.includes(each))) return true
      if (claims.wids?.some((each) => registering.includes(each))) return true
      if (claims.idtyp === 'app') return false
      try {
        const policy = await api<{ defaultUserRolePermissions?: { allowedToCreateApps?: boolean } }>(
          '/policies/authorizationPolicy',
          (request) => request.get(),
        )
        return policy.defaultUserRolePermissions?.allowedToCreateApps
      } catch (error) {
        if (hasCode(error, 'Authorization_RequestDenied')) return undefined
        throw error
      }
    },
    application: (uniqueName) => application(`uniqueName=${quoted(uniqueName)}`),
    applicationByClientId: (clientId) => application(`appId=${quoted(clientId)}`),
    applicationsNamed: async (displayName) =>
      (
        await every<FoundApplication>(
          `/applications?$filter=displayName eq ${quoted(displayName)}&$select=${applicationFields}`,
        )
      ).map(readApplication),
    applicationsTrusting: async (subject) =>
      (
        await every<FoundApplication>(
          `/applications?$count=true&$filter=federatedIdentityCredentials/any(f:f/subject eq ${quoted(subject)})&$select=${applicationFields}`,
          // Graph finds by credentials in its index only.
          { ConsistencyLevel: 'eventual' },
        )
      ).map(readApplication),
    deletedApplication: async (uniqueName) => {
      const found = await every<FoundApplication>(
        `/directory/deletedItems/microsoft.graph.application?$select=${applicationFields}&$top=999`,
      )
      return found.map(readApplication).find((each) => each.uniqueName === uniqueName)
    },

    createApplication: async (body) => {
      await api('/applications', (request) => request.post({ signInAudience: 'AzureADMyOrg', ...body }))
    },
    restoreApplication: async (objectId) => {
      await api(`/directory/deletedItems/${objectId}/restore`, (request) => request.post({}))
    },
    removeApplication: (objectId) => remove(`/applications/${objectId}`),
    purgeApplication: async ({ objectId, clientId }) => {
      const principals = await every<FoundPrincipal>(
        `/directory/deletedItems/microsoft.graph.servicePrincipal?$select=id,appId&$top=999`,
      )
      for (const { id } of principals.filter((each) => each.appId === clientId))
        await remove(`/directory/deletedItems/${id}`)
      await remove(`/directory/deletedItems/${objectId}`)
    },

    servicePrincipal: async (clientId) => {
      const found = await get<FoundPrincipal>(
        `/servicePrincipals(appId=${quoted(clientId)})?$select=id,appId,displayName,accountEnabled,tags`,
      )
      return found && readPrincipal(found)
    },
    createServicePrincipal: async ({ clientId, tags }) => {
      await api('/servicePrincipals', (request) => request.post({ appId: clientId, tags }))
    },
    removeServicePrincipal: (objectId) => remove(`/servicePrincipals/${objectId}`),

    credentials: async (objectId) => (await foundCredentials(objectId)).map(readCredential),
    keys: async (objectId) => {
      const found = await get<FoundApplication>(
        `/applications/${objectId}?$select=id,passwordCredentials,keyCredentials`,
      )
      const read = (kind: ApplicationKey['kind'], of: unknown[] | undefined) =>
        ((of ?? []) as { keyId: string }[]).map(({ keyId }) => ({ id: keyId, kind }))
      return [...read('password', found?.passwordCredentials), ...read('certificate', found?.keyCredentials)]
    },
    owners: async (objectId) =>
      (await every<{ id: string }>(`/applications/${objectId}/owners?$select=id`)).map(({ id }) => id),
    permissions: async (principalId) =>
      (
        await every<{ id: string; resourceDisplayName?: string; appRoleId: string }>(
          `/servicePrincipals/${principalId}/appRoleAssignments`,
        )
      ).map((each) => ({
        id: each.id,
        resource: each.resourceDisplayName ?? 'an API',
        role: each.appRoleId,
      })),

    // Graph's own create-if-missing has been flaky: look first, then POST, or PATCH by id.
    putCredential: async (objectId, { name, issuer, subject, audience }) => {
      const found = (await foundCredentials(objectId)).find((each) => each.name === name)
      const body = { issuer, subject, audiences: [audience] }
      if (!found) await api(credentialsAt(objectId), (request) => request.post({ name, ...body }))
      else if (
        found.issuer !== issuer ||
        found.subject !== subject ||
        found.audiences.length !== 1 ||
        found.audiences[0] !== audience
      )
        await api(`${credentialsAt(objectId)}/${found.id}`, (request) => request.patch(body))
    },
    removeCredential: async (objectId, name) => {
      const found = (await foundCredentials(objectId)).find((each) => each.name === name)
      if (found) await remove(`${credentialsAt(objectId)}/${found.id}`)
    },
  }
}
