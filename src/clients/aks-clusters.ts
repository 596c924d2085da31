export interface AksCluster {
  id: string
  name: string
  group: string
  location: string
  tags: Record<string, string>
  kubernetesVersion: string
  /** `Succeeded`, `Creating`, `Updating`, `Failed`, … */
  state: string
  running: boolean
  issuerEnabled: boolean
  /** With trailing slash, byte for byte as the tokens carry it. */
  issuer: string | undefined
  workloadIdentity: boolean
  windowsPool: boolean
  privateCluster: boolean
}

export interface NewAksCluster {
  location: string
  tags: Record<string, string>
  dnsPrefix: string
  kubernetesVersion: string | undefined
  nodeSize: string | undefined
  nodeCount: number
  windows: boolean
  /** Workload identity add-on beside the issuer. */
  workloadIdentity: boolean
}

export interface AksClusters {
  get(group: string, name: string): Promise<AksCluster | undefined>
  list(): Promise<AksCluster[]>
  /** Creates the cluster and waits for the end of the operation. */
  create(group: string, name: string, of: NewAksCluster): Promise<void>
  /** Sends the whole cluster back with these switched on (never off), and waits. */
  enable(
    group: string,
    name: string,
    what: { issuer?: true; workloadIdentity?: true; windowsPool?: true },
  ): Promise<void>
  /** Waits, read by read, until no operation is at work on it. */
  remove(group: string, name: string): Promise<void>
  /** The user's kubeconfig, YAML. */
  kubeconfig(group: string, name: string): Promise<string>
}
