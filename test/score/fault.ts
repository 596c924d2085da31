import type { Settings } from '../../src/settings/settings.ts'
import type { ClusterEnvironment } from '../support/environment.ts'
import type { InProcessEnvironment } from '../support/in-process.ts'
import type { Apis, KubeRequest } from './apis.ts'

/** A principal other than the subscription's owner, as whom the program runs. */
export interface RestrictedCaller {
  principalId: string
  env: Record<string, string>
}

/** A healthy set-up, and the ways to break it. */
export interface Fixture {
  environment: ClusterEnvironment
  apis: Apis
  kube: KubeRequest
  settings: Settings
  /** What the set-up made. */
  outputs: { issuer: string; clientId: string; principalId: string; credential: string; vaultUri: string }
  /** Its folder, with the answers. */
  cwd: string
  /** Moves the cloud's clock against this machine's (ms), or lets it stand. */
  clock: { ahead: number; stand: boolean }
  /** Who asks, if not the owner of all. */
  caller?: RestrictedCaller
}

/** Which set-up it is seeded on. */
export type FixtureKind =
  | 'app'
  | 'tight'
  | 'unpurged'
  | 'shared'
  | 'default'
  | 'nothing'
  | 'somebody'
  | 'managed'
  | 'policy'
  | 'paced'
  | 'kubeconfig'

export interface SeededFault {
  code: `WI${number}`
  description: string
  fixture?: FixtureKind
  /** By which public API, or why none could be used. */
  api: 'Graph' | 'Resource Manager' | 'Key Vault' | 'Kubernetes' | { none: string }
  seed(scene: Fixture): Promise<unknown>
  /** What does not happen on a cluster of others than AKS, and why. */
  aksOnly?: string
  /** More words for verify. */
  args?: (scene: Fixture) => string[]
  /** The words for the look after the remedy, if they are others. */
  argsAfterRemedy?: (scene: Fixture) => string[]
  /** Found besides, before the remedy or after it, and why is plain from how it is seeded. */
  alsoReported?: readonly `WI${number}`[]
  /** What the remedy stands for that this machine cannot run. */
  manualRemedy?: (scene: Fixture) => Promise<unknown>
  /** Ends what the remedy only waits for. */
  stopWaiting?: (scene: Fixture) => void
  /** The remedy makes the identity anew. */
  discardFixture?: true
}

/** Of a scene in this process: the sandbox itself. */
export function sandboxOf({ environment }: Fixture): InProcessEnvironment {
  if (!('sandbox' in environment)) throw new Error('This sandbox is served by another process')
  return environment as InProcessEnvironment
}

export const applicationPath = ({ outputs }: Fixture) => `/applications(appId='${outputs.clientId}')`
export const credentialsPath = async ({ apis, outputs }: Fixture) => {
  const { id } = await apis.graph('GET', `/applications(appId='${outputs.clientId}')`)
  return `/applications/${id}/federatedIdentityCredentials`
}
/** The namespace of the webhook. */
export const webhookNamespace = ({ settings }: Fixture) =>
  settings.webhook === 'helm' ? 'azure-workload-identity-system' : 'kube-system'
export const accountPath = ({ settings }: Fixture) =>
  `/api/v1/namespaces/${settings.namespace}/serviceaccounts/${settings.serviceAccount}`
export const clusterPath = ({ settings }: Fixture) =>
  `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${settings.cluster}`
export const vaultPath = ({ settings }: Fixture) =>
  `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.KeyVault/vaults/${settings.vault}`
export const expectedSubject = ({ settings }: Fixture) =>
  `system:serviceaccount:${settings.namespace}:${settings.serviceAccount}`
export const annotateAccount = (scene: Fixture, annotations: Record<string, string | null>) =>
  scene.kube('PATCH', accountPath(scene), { metadata: { annotations } })
