export interface AksCluster {
  id: string
  name: string
  group: string
  location: string
  tags: Record<string, string>
  kubernetesVersion: string
  /** Provisioning state: `Succeeded`, `Creating`, `Updating`, `Failed`, … */
  state: string
  running: boolean
  issuerEnabled: boolean
  /** With the trailing slash, exactly as in the tokens. */
  issuer: string | undefined
  workloadIdentity: boolean
  windowsPool: boolean
  privateCluster: boolean
  /** The addresses that may connect to the API server; all if empty. */
  authorizedRanges: readonly string[]
}

export interface NewAksCluster {
  location: string
  tags: Record<string, string>
  dnsPrefix: string
  kubernetesVersion: string | undefined
  nodeSize: string | undefined
  nodeCount: number
  windows: boolean
  /** Whether to enable workload identity in addition to the OIDC issuer. */
  workloadIdentity: boolean
}

/** Lets pods of the cluster use a managed identity without a federated credential of their own. */
export interface IdentityBinding {
  name: string
  /** Client ID of the managed identity. */
  clientId: string
}

export interface AksClusters {
  get(group: string, name: string): Promise<AksCluster | undefined>
  list(): Promise<AksCluster[]>
  identityBindings(group: string, name: string): Promise<IdentityBinding[]>
  /** Creates the cluster and waits for the operation to finish. */
  create(group: string, name: string, options: NewAksCluster): Promise<void>
  /** Enables features of an existing cluster, leaves all other properties unchanged, and waits for the operation. */
  enable(
    group: string,
    name: string,
    features: { issuer?: true; workloadIdentity?: true; windowsPool?: true },
  ): Promise<void>
  /** Waits for a running operation, deletes the cluster, and waits until it is gone. */
  remove(group: string, name: string): Promise<void>
  /** Returns the user's kubeconfig as YAML. */
  kubeconfig(group: string, name: string): Promise<string>
}
