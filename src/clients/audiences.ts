import { withoutTrailingSlash } from '../base/trailing-slash.ts'
import type { Cloud } from './cloud.ts'
import { dataServices } from './data-services.ts'
import { isRecipient, type Recipient, refusal } from './recipients.ts'
import { ServiceError } from './service-error.ts'

/** The application of all AKS API servers in Microsoft Entra. */
export const aksServerApplication = '6dae42f8-4368-4678-94ff-3960e28e3630'

interface ProtectedService {
  service: string
  /** The resource that tokens are for, with or without `/.default`. */
  audience: (cloud: Cloud) => string
  /** The origins of the audience's service. */
  origins: (cloud: Cloud) => string[]
}

/** The services that get Microsoft Entra tokens. For any other audience no token is requested. */
const services: readonly ProtectedService[] = [
  {
    service: 'Microsoft Graph',
    audience: (cloud) => cloud.graphScope,
    origins: (cloud) => [cloud.graph],
  },
  ...Object.values(dataServices).map(({ title, audience, origins }) => ({
    service: title,
    audience,
    origins,
  })),
  // The client of a cluster adds the origin of its own API server.
  { service: 'the Kubernetes API server', audience: () => aksServerApplication, origins: () => [] },
]

const resourceOf = (scope: string) => withoutTrailingSlash(scope.replace(/\/\.default$/, ''))

/** Returns the origin of an address or pattern as `URL` writes it: in lower case, without a default port or a path. */
const originOf = (address: string) => new URL(address).origin

const recipient = (cloud: Cloud, { service, origins }: ProtectedService): Recipient => ({
  service,
  origins: origins(cloud).map(originOf),
})

/** Returns who may receive a token with these scopes. Throws `ServiceError` if that is no service of the cloud. */
export function recipientOf(cloud: Cloud, scopes: readonly string[]): Recipient {
  const service = services.find(
    ({ audience }) =>
      scopes.length > 0 && scopes.every((scope) => resourceOf(scope) === resourceOf(audience(cloud))),
  )
  if (service) return recipient(cloud, service)
  throw new ServiceError({
    service: 'network',
    code: 'AudienceNotAllowed',
    message: `No token was requested for ${scopes.map(resourceOf).join(' ') || '(no scope)'}: not a service of the cloud ${cloud.name}`,
  })
}

/** Throws `ServiceError` if the address, which a service returned, is not a vault of the cloud. */
export function requireVault(cloud: Cloud, vaultUri: string): void {
  const vaults = recipientOf(cloud, [`https://${cloud.vaultSuffix}`])
  if (isRecipient(vaults, vaultUri)) return
  if (URL.canParse(vaultUri)) throw refusal('The token for Key Vault', [vaults], vaultUri)
  throw new ServiceError({
    service: 'vault',
    code: 'TokenNotForHost',
    message: `The vault's address ${JSON.stringify(vaultUri)} is not a URL`,
  })
}

/** Returns who may receive secrets, assertions and refresh tokens. */
export const signInRecipient = (cloud: Cloud): Recipient => ({
  service: 'Microsoft Entra ID',
  origins: [cloud.login, ...cloud.loginAliases].map(originOf),
})
