import { graphAudiences } from '../graph/audiences.ts'
import type { Simulator } from '../simulator.ts'
import { EntraError, invalidRequest, missingParameter } from './errors.ts'

/** Azure services that clients get tokens for, but that aren't simulated. */
const otherResources = ({ addresses }: Simulator) => [
  'https://database.windows.net',
  'https://ossrdbms-aad.database.windows.net',
  // As the metadata document names it.
  `https://${addresses.vaultSuffix.replace(/^vault\./, 'ossrdbms-aad.')}`,
]

const normalize = (resource: string) => resource.replace(/\/+$/, '').toLowerCase()

/** True for any identifier of Microsoft Graph: only its tokens carry the caller's permissions as roles. */
export const isGraphAudience = (simulator: Simulator, audience: string) =>
  graphAudiences(simulator).map(normalize).includes(normalize(audience))

/** Returns the resource that a token request names, unchanged. Throws AADSTS900144, 901002 or 1002012. */
export function requestedResource(form: URLSearchParams, version: 'v1' | 'v2'): string {
  if (version === 'v1') {
    const resource = form.get('resource')
    if (!resource) throw missingParameter('resource')
    return resource
  }
  const scope = form.get('scope')?.trim()
  if (!scope) {
    if (form.has('resource'))
      throw invalidRequest(901002, "The 'resource' request parameter is not supported.")
    throw missingParameter('scope')
  }
  const firstScope = scope.split(/\s+/)[0]!
  if (!firstScope.endsWith('/.default') || firstScope === '/.default')
    throw new EntraError(
      1002012,
      'invalid_scope',
      400,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    )
  return firstScope.slice(0, -'/.default'.length)
}

/** Checks that the resource is an Azure service or an application of the tenant. Throws AADSTS500011. */
export function requireResource(simulator: Simulator, resource: string): void {
  const wanted = normalize(resource)
  if ([...simulator.audiences(), ...otherResources(simulator)].map(normalize).includes(wanted)) return
  for (const { appId, deletedAt, body } of Object.values(simulator.state.directory.applications)) {
    const uris = Array.isArray(body.identifierUris) ? body.identifierUris : []
    if (deletedAt === undefined && [appId, ...uris].some((known) => normalize(String(known)) === wanted))
      return
  }
  throw new EntraError(
    500011,
    'invalid_resource',
    400,
    `The resource principal named ${resource} was not found in the tenant named ${simulator.state.tenant.displayName}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
  )
}
