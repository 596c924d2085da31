import type { Settings } from '../../src/settings/settings.ts'
import type { ClusterEnvironment } from '../support/environment.ts'
import type { InProcessEnvironment } from '../support/in-process.ts'
import type { Apis, KubeRequest } from './apis.ts'

/** A principal with few permissions, as which the program runs. */
export interface RestrictedCaller {
  principalId: string
  env: Record<string, string>
}

export interface SimulatedClock {
  ahead: number
  stopped: boolean
}

/** A healthy set-up and access to everything around it. */
export interface Fixture {
  environment: ClusterEnvironment
  apis: Apis
  kube: KubeRequest
  settings: Settings
  /** Outputs of the set-up. */
  outputs: { issuer: string; clientId: string; principalId: string; credential: string; vaultUri: string }
  /** Its folder, which contains wi-setup.yaml. */
  cwd: string
  /** The simulator's clock: its offset from this machine's in ms, and whether it is stopped. */
  clock: SimulatedClock
  /** Runs verify, if not the subscription's owner. */
  caller?: RestrictedCaller
}

/** The kind of set-up on which a fault is seeded. */
export type FixtureKind =
  | 'app'
  | 'hardened'
  | 'without-purge-protection'
  | 'default-namespace'
  | 'default-account'
  | 'empty'
  | 'restricted'
  | 'managed'
  | 'policy'
  | 'real-time'
  | 'kubeconfig'
  | 'published-issuer'
  | 'grants'
  | 'grants-real-time'
  | 'storage'
  | 'queue'
  | 'table'
  | 'databases'
  | 'services'
  | 'job'

export interface SeededFault {
  code: `WI${number}`
  description: string
  fixture?: FixtureKind
  /** The public API that seeds the fault, or why there is none. */
  api: 'Graph' | 'Resource Manager' | 'Key Vault' | 'Kubernetes' | { none: string }
  seed(fixture: Fixture): Promise<unknown>
  /** Why the fault only occurs on AKS. */
  aksOnly?: string
  /** Additional arguments of verify. */
  args?: (fixture: Fixture) => string[]
  /** Arguments of verify after the remedy, if different. */
  argsAfterRemedy?: (fixture: Fixture) => string[]
  /** Other codes that the seeding also causes. */
  alsoReported?: readonly `WI${number}`[]
  /** Does what a remedy describes that no command can run. */
  manualRemedy?: (fixture: Fixture) => Promise<unknown>
  /** Ends the condition that the remedy waits for. */
  stopWaiting?: (fixture: Fixture) => void
  /** The fixture can't be reused afterwards, because the remedy recreates the identity. */
  discardFixture?: true
}

/** Returns the sandbox of a fixture in this process. */
export function sandboxOf({ environment }: Fixture): InProcessEnvironment {
  if (!('sandbox' in environment)) throw new Error('The sandbox runs in another process')
  return environment as InProcessEnvironment
}

export const applicationPath = ({ outputs }: Fixture) => `/applications(appId='${outputs.clientId}')`
export const credentialsPath = async ({ apis, outputs }: Fixture) => {
  const { id } = await apis.graph('GET', `/applications(appId='${outputs.clientId}')`)
  return `/applications/${id}/federatedIdentityCredentials`
}
/** Returns the webhook's namespace. */
export const webhookNamespace = ({ settings }: Fixture) =>
  settings.webhook === 'helm' ? 'azure-workload-identity-system' : 'kube-system'
export const accountPath = ({ settings }: Fixture) =>
  `/api/v1/namespaces/${settings.namespace}/serviceaccounts/${settings.serviceAccount}`
export const clusterPath = ({ settings }: Fixture) =>
  `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${settings.cluster}`
export const vaultPath = ({ settings }: Fixture) =>
  `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.KeyVault/vaults/${settings.vault}`
/** The storage account of the fixtures `storage`, `queue` and `table`. */
export const storagePath = ({ settings }: Pick<Fixture, 'settings'>) =>
  `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.Storage/storageAccounts/st${settings.namespace.replace('-', '')}`
export const expectedSubject = ({ settings }: Fixture) =>
  `system:serviceaccount:${settings.namespace}:${settings.serviceAccount}`
export const annotateAccount = (fixture: Fixture, annotations: Record<string, string | null>) =>
  fixture.kube('PATCH', accountPath(fixture), { metadata: { annotations } })
