export interface Subscription {
  id: string
  name: string
  tenantId: string
  state: string
}

/** Who is signed in. `name` is a user name, or an application's id. */
export interface Caller {
  name: string
  objectId: string
  clientId: string
  tenantId: string
  kind: 'user' | 'app'
}

export interface Account {
  subscriptions(): Promise<Subscription[]>
  /** Locations of the subscription by name: `westeurope`. */
  locations(): Promise<{ name: string; displayName: string }[]>
  caller(): Promise<Caller>
  /** Processor cores that the subscription may use and uses at a location; undefined where Azure does not count them. */
  cores(location: string): Promise<{ limit: number; used: number } | undefined>
  /** Kubernetes versions offered at a location, newest first. */
  kubernetesVersions(location: string): Promise<{ version: string; isDefault: boolean }[]>
}
