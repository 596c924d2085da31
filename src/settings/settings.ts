/** Every value that a user decides. `table.ts` defines how each is set, checked and described. */
export interface Settings {
  subscription: string
  tenant: string
  location: string
  resourceGroup: string
  clusterResourceGroup: string
  clusterSubscription: string
  vaultResourceGroup: string
  vaultSubscription: string
  cluster: string | undefined
  nodeSize: string | undefined
  nodeCount: number
  kubernetesVersion: string | undefined
  kubeconfig: string | undefined
  context: string | undefined
  issuer: string | undefined
  issuerHost: string | undefined
  project: string | undefined
  branch: string | undefined
  tag: string | undefined
  environment: string | undefined
  pullRequest: boolean | undefined
  subjectForm: 'names' | 'ids' | 'both' | undefined
  ownerId: string | undefined
  projectId: string | undefined
  subject: string | undefined
  matching: string | undefined
  identity: string
  identityKind: 'app' | 'managed'
  identityResourceGroup: string
  identitySubscription: string
  namespace: string
  serviceAccount: string
  audience: string
  webhook: 'auto' | 'addon' | 'helm' | 'none'
  chart: string
  chartVersion: string | undefined
  vault: string
  vaultAccess: 'rbac' | 'policy'
  secret: string
  /** What the workload may access besides: texts such as `storage:stshop/invoices=reader`. */
  grants: readonly string[] | undefined
  createStorage: boolean
  sample: boolean
  sampleImage: string | undefined
  os: 'linux' | 'windows'
}

export type SettingName = keyof Settings

/** The type of any setting's value. */
export type SettingValue = string | number | boolean | readonly string[]

/** Where a value came from, strongest first. */
export type Source = 'asked' | 'flag' | 'environment' | 'file' | 'found' | 'default'

/** The values known so far, each with its source; `from` names the flag, variable or file. */
export type KnownSettings = {
  [K in SettingName]?: { value: Exclude<Settings[K], undefined>; source: Source; from: string }
}

/** Returns the values without their sources. */
export const valuesOf = (known: KnownSettings): Partial<Settings> =>
  Object.fromEntries(Object.entries(known).map(([name, entry]) => [name, entry?.value])) as Partial<Settings>
