/** How to reach a cluster's API. */
export type Connection =
  | { kind: 'aks'; group: string; cluster: string }
  | { kind: 'kubeconfig'; path: string | undefined; context: string | undefined }

export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    managedFields?: { manager: string; operation: string; fieldsV1?: Record<string, unknown> }[]
    creationTimestamp?: string
    [key: string]: unknown
  }
  // biome-ignore lint/suspicious/noExplicitAny: a Kubernetes object's body is open
  [key: string]: any
}

/** The kinds that wi-setup touches. */
export type Kind =
  | 'Namespace'
  | 'ServiceAccount'
  | 'ConfigMap'
  | 'Service'
  | 'Pod'
  | 'Deployment'
  | 'StatefulSet'
  | 'DaemonSet'
  | 'ReplicaSet'
  | 'Job'
  | 'CronJob'
  | 'Role'
  | 'RoleBinding'
  | 'ClusterRole'
  | 'ClusterRoleBinding'
  | 'MutatingWebhookConfiguration'
  | 'Secret'

export interface Kubernetes {
  /** The server's address, for messages. */
  server(): Promise<string>
  /** The kubeconfig that leads there, YAML, current context set. */
  kubeconfig(): Promise<string>
  version(): Promise<string>
  get(kind: Kind, name: string, namespace?: string): Promise<KubeObject | undefined>
  list(kind: Kind, namespace?: string, labels?: string): Promise<KubeObject[]>
  /** All that is in a namespace, of whatever kind, but what Kubernetes puts into each and what hangs on something else in it. */
  contents(namespace: string): Promise<KubeObject[]>
  /** Server-side apply with our field manager. `force` takes fields over from other managers. */
  apply(object: KubeObject, options?: { force?: boolean }): Promise<void>
  /** Admission and defaulting of a new object, nothing stored. */
  dryRun(object: KubeObject): Promise<KubeObject>
  /** Is sent also after an interruption. */
  remove(kind: Kind, name: string, namespace?: string): Promise<void>
  /** A service account's token for an audience (TokenRequest). */
  token(namespace: string, serviceAccount: string, of: { audience: string; seconds: number }): Promise<string>
  /** The issuer as the API server tells it; undefined where the endpoint is absent or closed to the caller. */
  issuer(): Promise<string | undefined>
  /** Ids of the keys that its tokens may be signed with; undefined where they are closed to the caller. */
  keyIds(): Promise<string[] | undefined>
  /** What a pod's only container wrote. */
  log(namespace: string, pod: string): Promise<string>
  /** GET through the API server's service proxy. */
  proxyGet(namespace: string, service: string, path: string): Promise<{ status: number; body: string }>
  can(of: {
    verb: string
    group?: string
    resource: string
    subresource?: string
    namespace?: string
    name?: string
  }): Promise<boolean>
  /** All that the caller may do in a namespace and in the cluster; undefined where the authorizers cannot list it. */
  ownRights(namespace: string): Promise<KubernetesRight[] | undefined>
  /** The caller's name as the API server knows it; undefined before 1.28. */
  callerName(): Promise<string | undefined>
  /** Whether somebody else may; throws `Forbidden` where the caller may not ask that. */
  canUser(
    user: string,
    of: { verb: string; group?: string; resource: string; namespace?: string },
  ): Promise<boolean>
}

export interface KubernetesRight {
  verbs: string[]
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
}

export const fieldManager = 'wi-setup'
