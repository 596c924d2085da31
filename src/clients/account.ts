export interface Subscription {
  id: string
  name: string
  tenantId: string
  state: string
}

/** The signed-in user or application. */
export interface Caller {
  /** The user name, or the application's name or client ID. */
  name: string
  objectId: string
  clientId: string
  tenantId: string
  kind: 'user' | 'app'
}

export interface Account {
  subscriptions(): Promise<Subscription[]>
  /** Returns the subscription's regions; `name` as in `westeurope`. */
  locations(): Promise<{ name: string; displayName: string }[]>
  caller(): Promise<Caller>
  /** Returns the vCPU quota in a region; undefined if Azure does not report it. */
  cores(location: string): Promise<{ limit: number; used: number } | undefined>
  /** Returns the Kubernetes versions that AKS offers in a region, newest first. */
  kubernetesVersions(location: string): Promise<{ version: string; isDefault: boolean }[]>
}
