import type { TokenCredential } from '@azure/core-auth'
import { makeAccount } from './azure/account.ts'
import { makeAksClusters } from './azure/aks-clusters.ts'
import { makeArmContext } from './azure/arm-context.ts'
import { makeGroups } from './azure/groups.ts'
import { makeIdentities } from './azure/identities.ts'
import { makeProviders } from './azure/providers.ts'
import { makeRoles } from './azure/roles.ts'
import { makeSecrets } from './azure/secrets.ts'
import { makeVaults } from './azure/vaults.ts'
import type { Clients } from './clients.ts'
import type { Cloud } from './cloud.ts'
import { makeDirectory } from './graph/directory.ts'
import { makeHelm } from './helm-program.ts'
import type { Http } from './http.ts'
import { makeIssuers } from './issuer-documents.ts'
import { makeKubernetes } from './kube/kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'
import { makeEntra } from './token-exchange.ts'

export interface ConnectOptions {
  cloud: Cloud
  /** Without one, only the account's subscriptions and caller, the directory and clusters by kubeconfig answer. */
  subscription?: string | undefined
  credential: TokenCredential
  http: Http
  /** For kubeconfigs, and for the programs that are run. */
  env: Record<string, string | undefined>
  /** Ends every call. */
  signal: AbortSignal
}

/** The real clients of a cloud. Nothing is loaded or asked before the first call. */
export function connect(of: ConnectOptions): Clients & { http: Http } {
  const { cloud, credential, http, env, signal } = of
  const arm = makeArmContext({ cloud, credential, http, signal, subscription: of.subscription })
  const aksClusters = makeAksClusters(arm)
  const clusters = new Map<string, Kubernetes>()
  return {
    http,
    cloud,
    clock: { skew: () => http.skew ?? 0 },
    account: makeAccount(arm),
    providers: makeProviders(arm),
    groups: makeGroups(arm),
    aksClusters,
    identities: makeIdentities(arm),
    directory: makeDirectory({ cloud, credential, http, signal }),
    roles: makeRoles(arm),
    vaults: makeVaults(arm),
    secrets: makeSecrets(arm),
    entra: makeEntra({ cloud, http, signal }),
    issuers: makeIssuers({ http, signal }),
    helm: makeHelm({ env, signal }),
    kubernetes(connection) {
      const key = JSON.stringify(connection)
      const made =
        clusters.get(key) ?? makeKubernetes({ connection, aksClusters, credential, env, http, signal })
      clusters.set(key, made)
      return made
    },
  }
}
