import type { Settings } from '../../src/settings/settings.ts'
import type { ClusterEnvironment, InProcessEnvironment } from '../support/in-process.ts'
import type { Apis, Kube } from './ask.ts'
import type { Caller } from './caller.ts'

/** A healthy set-up, and the ways to break it. */
export interface Scene {
  at: ClusterEnvironment
  to: Apis
  kube: Kube
  settings: Settings
  /** What the set-up made. */
  made: { issuer: string; clientId: string; principalId: string; credential: string; vaultUri: string }
  /** Its folder, with the answers. */
  cwd: string
  /** Moves the cloud's clock against this machine's (ms), or lets it stand. */
  clock: { ahead: number; stand: boolean }
  /** Who asks, if not the owner of all. */
  caller?: Caller
}

/** Which set-up it is seeded on. */
export type On =
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

export interface Fault {
  code: `WI${number}`
  says: string
  on?: On
  /** By which public API, or why none could be used. */
  by: 'Graph' | 'Resource Manager' | 'Key Vault' | 'Kubernetes' | { none: string }
  seed(scene: Scene): Promise<unknown>
  /** What does not happen on a cluster of others than AKS, and why. */
  aksOnly?: string
  /** More words for verify. */
  args?: (scene: Scene) => string[]
  /** The words for the look after the remedy, if they are others. */
  after?: (scene: Scene) => string[]
  /** Found besides, before the remedy or after it, and why is plain from how it is seeded. */
  beside?: readonly `WI${number}`[]
  /** What the remedy stands for that this machine cannot run. */
  instead?: (scene: Scene) => Promise<unknown>
  /** Ends what the remedy only waits for. */
  passes?: (scene: Scene) => void
  /** The remedy makes the identity anew. */
  renews?: true
}

/** Of a scene in this process: the sandbox itself. */
export function placeOf({ at }: Scene): InProcessEnvironment {
  if (!('sandbox' in at)) throw new Error('This sandbox is served by another process')
  return at as InProcessEnvironment
}

export const applicationOf = ({ made }: Scene) => `/applications(appId='${made.clientId}')`
export const credentialsOf = async ({ to, made }: Scene) => {
  const { id } = await to.graph('GET', `/applications(appId='${made.clientId}')`)
  return `/applications/${id}/federatedIdentityCredentials`
}
/** The namespace of the webhook. */
export const homeOf = ({ settings }: Scene) =>
  settings.webhook === 'helm' ? 'azure-workload-identity-system' : 'kube-system'
export const accountPath = ({ settings }: Scene) =>
  `/api/v1/namespaces/${settings.namespace}/serviceaccounts/${settings.serviceAccount}`
export const clusterPath = ({ settings }: Scene) =>
  `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${settings.cluster}`
export const vaultPath = ({ settings }: Scene) =>
  `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.KeyVault/vaults/${settings.vault}`
export const subjectOf = ({ settings }: Scene) =>
  `system:serviceaccount:${settings.namespace}:${settings.serviceAccount}`
export const annotate = (scene: Scene, annotations: Record<string, string | null>) =>
  scene.kube('PATCH', accountPath(scene), { metadata: { annotations } })
