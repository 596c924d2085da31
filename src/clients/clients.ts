import type { Account } from './account.ts'
import type { AksClusters } from './aks-clusters.ts'
import type { Clock } from './clock.ts'
import type { Cloud } from './cloud.ts'
import type { Directory } from './directory.ts'
import type { Entra } from './entra.ts'
import type { Groups } from './groups.ts'
import type { Helm } from './helm.ts'
import type { Identities } from './identities.ts'
import type { Issuers } from './issuers.ts'
import type { Connection, Kubernetes } from './kubernetes.ts'
import type { Providers } from './providers.ts'
import type { Roles } from './roles.ts'
import type { Secrets } from './secrets.ts'
import type { Vaults } from './vaults.ts'

/**
 * The services that steps and checks use. Reads return `undefined` if the resource does not exist; all other errors of
 * a service are thrown as `ServiceError`.
 */
export interface Clients {
  cloud: Cloud
  clock: Clock
  account: Account
  providers: Providers
  groups: Groups
  aksClusters: AksClusters
  identities: Identities
  directory: Directory
  roles: Roles
  vaults: Vaults
  secrets: Secrets
  entra: Entra
  issuers: Issuers
  helm: Helm
  /** Returns the API of a cluster, which connects at the first call. */
  kubernetes(connection: Connection): Kubernetes
}
