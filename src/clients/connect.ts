import type { TokenCredential } from '@azure/core-auth'
import { makeAccount } from './azure/account.ts'
import { makeAksClusters } from './azure/aks-clusters.ts'
import { type ArmContext, makeArmContext } from './azure/arm-context.ts'
import { makeDataPlane } from './azure/data-plane.ts'
import { makeGroups } from './azure/groups.ts'
import { makeIdentities } from './azure/identities.ts'
import { makeLocks } from './azure/locks.ts'
import { makePolicies } from './azure/policies.ts'
import { makeProviders } from './azure/providers.ts'
import { makeResources } from './azure/resources.ts'
import { makeRoles } from './azure/roles.ts'
import { makeSecrets } from './azure/secrets.ts'
import { makeVaults } from './azure/vaults.ts'
import { makeWebsites } from './azure/websites.ts'
import type { Clients, SubscriptionClients } from './clients.ts'
import type { Cloud } from './cloud.ts'
import { makeGitHub } from './github-api.ts'
import { makeDirectory } from './graph/directory.ts'
import { makeHelm } from './helm-program.ts'
import type { Http } from './http.ts'
import { makeIssuers } from './issuer-documents.ts'
import { makeJob } from './job-tokens.ts'
import { makeKubernetes } from './kube/kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'
import { perSubscription } from './per-subscription.ts'
import { makeEntra } from './token-exchange.ts'

export interface ConnectOptions {
  cloud: Cloud
  /** If omitted, only subscriptions, the caller, the directory and clusters in a kubeconfig are available. */
  subscription?: string | undefined
  credential: TokenCredential
  http: Http
  /** Environment of kubeconfigs and programs. */
  env: Record<string, string | undefined>
  /** Cancels every call. */
  signal: AbortSignal
}

/** Returns the clients of a cloud. They load SDKs and send requests only when called. */
export function connect(options: ConnectOptions): Clients & { http: Http } {
  const { cloud, subscription, credential, http, env, signal } = options
  const arm = makeArmContext({ cloud, credential, http, signal, subscription })
  const main = connectSubscription(arm)
  const inSubscription = perSubscription(
    (id) => connectSubscription(makeArmContext({ cloud, credential, http, signal, subscription: id })),
    subscription === undefined ? [] : [[subscription, main]],
  )
  const clusters = new Map<string, Kubernetes>()
  return {
    http,
    cloud,
    clock: { skew: () => http.skew ?? 0 },
    ...main,
    inSubscription,
    directory: makeDirectory({ cloud, credential, http, signal }),
    locks: makeLocks(arm),
    policies: makePolicies(arm),
    roles: makeRoles(arm),
    secrets: makeSecrets(arm),
    dataPlane: makeDataPlane(arm),
    websites: makeWebsites(arm),
    entra: makeEntra({ cloud, http, signal }),
    issuers: makeIssuers({ http, signal }),
    helm: makeHelm({ env, signal }),
    job: makeJob({ env, http, signal }),
    github: (host) => makeGitHub({ host, env, http, signal }),
    kubernetes(connection) {
      const key = JSON.stringify(connection)
      // So that messages can name the cluster by its ID.
      const located = connection.kind === 'aks' ? { subscription, ...connection } : connection
      const { aksClusters } =
        connection.kind === 'aks' && connection.subscription !== undefined
          ? inSubscription(connection.subscription)
          : main
      const kubernetes =
        clusters.get(key) ??
        makeKubernetes({ connection: located, aksClusters, cloud, credential, env, http, signal })
      clusters.set(key, kubernetes)
      return kubernetes
    },
  }
}

const connectSubscription = (arm: ArmContext): SubscriptionClients => ({
  azureAccount: makeAccount(arm),
  providers: makeProviders(arm),
  groups: makeGroups(arm),
  aksClusters: makeAksClusters(arm),
  identities: makeIdentities(arm),
  vaults: makeVaults(arm),
  resources: makeResources(arm),
})
