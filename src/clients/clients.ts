import type { Account } from './account.ts'
import type { AksClusters } from './aks-clusters.ts'
import type { Clock } from './clock.ts'
import type { Cloud } from './cloud.ts'
import type { DataPlane } from './data-plane.ts'
import type { Directory } from './directory.ts'
import type { Entra } from './entra.ts'
import type { GitHub } from './github.ts'
import type { Groups } from './groups.ts'
import type { Helm } from './helm.ts'
import type { Identities } from './identities.ts'
import type { Issuers } from './issuers.ts'
import type { Job } from './job.ts'
import type { Connection, Kubernetes } from './kubernetes.ts'
import type { Locks } from './locks.ts'
import type { Policies } from './policies.ts'
import type { Providers } from './providers.ts'
import type { Resources } from './resources.ts'
import type { Roles } from './roles.ts'
import type { Secrets } from './secrets.ts'
import type { Vaults } from './vaults.ts'
import type { Websites } from './websites.ts'

/** The services of one subscription. */
export interface SubscriptionClients {
  azureAccount: Account
  providers: Providers
  groups: Groups
  aksClusters: AksClusters
  identities: Identities
  vaults: Vaults
  resources: Resources
}

/**
 * The services that steps and checks use. Reads return `undefined` if the resource does not exist; all other errors of
 * a service are thrown as `ServiceError`. `aksClusters`, `identities` and `vaults` are those of the subscription that the
 * settings name for the cluster, the identity and the vault; `azureAccount`, `providers` and `groups` are the main one's.
 */
export interface Clients extends SubscriptionClients {
  cloud: Cloud
  clock: Clock
  directory: Directory
  locks: Locks
  policies: Policies
  roles: Roles
  secrets: Secrets
  dataPlane: DataPlane
  websites: Websites
  entra: Entra
  issuers: Issuers
  helm: Helm
  job: Job
  /** Returns the API of a GitHub host; of the one that GITHUB_API_URL names, or github.com, if it is undefined. */
  github(host: string | undefined): GitHub
  /** Returns the API of a cluster, which connects at the first call. */
  kubernetes(connection: Connection): Kubernetes
  /** Returns the services of a subscription by its ID; they are made once each. */
  inSubscription(id: string): SubscriptionClients
}

/** The subscriptions of the parts of a set-up, by ID. */
export interface PartSubscriptions {
  subscription?: string | undefined
  clusterSubscription?: string | undefined
  identitySubscription?: string | undefined
  vaultSubscription?: string | undefined
}

/** Returns the clients with `aksClusters`, `identities` and `vaults` of the parts' subscriptions. */
export function withPartSubscriptions(clients: Clients, parts: PartSubscriptions): Clients {
  const { subscription, clusterSubscription, identitySubscription, vaultSubscription } = parts
  const inPart = (id = subscription) => (id === undefined ? clients : clients.inSubscription(id))
  return {
    ...clients,
    aksClusters: inPart(clusterSubscription).aksClusters,
    identities: inPart(identitySubscription).identities,
    vaults: inPart(vaultSubscription).vaults,
  }
}
