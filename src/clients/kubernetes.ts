/** Where to get the kubeconfig of a cluster. */
export type Connection =
  | { kind: 'aks'; subscription?: string | undefined; group: string; cluster: string }
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

/** The kinds that wi-setup reads or writes. */
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
  | 'NetworkPolicy'
  | 'Secret'

/** A kind that only some clusters have. */
export interface CustomKind {
  group: string
  kind: string
  plural: string
  namespaced: boolean
}

export interface CustomObjects {
  objects: KubeObject[]
  /** The kinds that the caller may not list: `secretstores.external-secrets.io`. */
  forbidden: string[]
}

export interface ConnectionSecurity {
  /** Name of the cluster in the kubeconfig. */
  cluster: string
  /** The program that the kubeconfig runs to sign in, with its first arguments; undefined if it needs none. */
  signInProgram: string | undefined
  /** What turns the verification of certificates off; empty if nothing does. */
  insecure: readonly ('insecure-skip-tls-verify' | 'NODE_TLS_REJECT_UNAUTHORIZED')[]
}

/** A public key in the format JSON Web Key. */
export interface PublicKey {
  kid: string
  [member: string]: unknown
}

export interface Kubernetes {
  /** Returns the API server's address, for messages. */
  server(): Promise<string>
  /** Returns how requests are secured. Reads the kubeconfig, and sends nothing. */
  security(): Promise<ConnectionSecurity>
  /** Returns a kubeconfig for the cluster as YAML. */
  kubeconfig(): Promise<string>
  version(): Promise<string>
  get(kind: Kind, name: string, namespace?: string): Promise<KubeObject | undefined>
  list(kind: Kind, namespace?: string, labels?: string): Promise<KubeObject[]>
  /** Returns the objects of these kinds in a namespace and without one, as far as the cluster serves them. */
  customObjects(kinds: readonly CustomKind[], namespace: string): Promise<CustomObjects>
  /** Returns the objects of all kinds in a namespace, except those that Kubernetes creates or that another object owns. */
  contents(namespace: string): Promise<KubeObject[]>
  /** Sends a server-side apply with our field manager. `force` takes over fields of other managers. */
  apply(object: KubeObject, options?: { force?: boolean }): Promise<void>
  /** Returns a new object after defaulting and admission, without storing it. */
  dryRun(object: KubeObject): Promise<KubeObject>
  /** Deletes the object, even after an interruption. */
  remove(kind: Kind, name: string, namespace?: string): Promise<void>
  /** Returns a service account's token for an audience (TokenRequest). */
  token(
    namespace: string,
    serviceAccount: string,
    options: { audience: string; seconds: number },
  ): Promise<string>
  /** Returns the API server's issuer; undefined if the endpoint is missing or forbidden. */
  issuer(): Promise<string | undefined>
  /** Returns the IDs of the token signing keys; undefined if the endpoint is missing or forbidden. */
  keyIds(): Promise<string[] | undefined>
  /** Returns the public keys whose tokens the API server accepts; undefined if the endpoint is missing or forbidden. */
  keys(): Promise<PublicKey[] | undefined>
  /** Returns one of the nodes; undefined if there is none or the caller may not list them. */
  anyNode(): Promise<KubeObject | undefined>
  /** Returns whether the API server serves the API group. */
  servesGroup(name: string): Promise<boolean>
  /** Returns the log of a pod with a single container. */
  log(namespace: string, pod: string): Promise<string>
  /** Sends a GET request through the API server's service proxy. */
  proxyGet(namespace: string, service: string, path: string): Promise<{ status: number; body: string }>
  /** Returns whether the caller has the permission. */
  can(permission: {
    verb: string
    group?: string
    resource: string
    subresource?: string
    namespace?: string
    name?: string
  }): Promise<boolean>
  /** Returns the caller's permissions in a namespace and in the cluster; undefined if the authorizer can't list them. */
  ownRights(namespace: string): Promise<KubernetesRight[] | undefined>
  /** Returns the caller's Kubernetes user name; undefined before Kubernetes 1.28. */
  callerName(): Promise<string | undefined>
  /** Returns whether another user has the permission. Throws `Forbidden` if the caller can't check that. */
  canUser(
    user: string,
    permission: { verb: string; group?: string; resource: string; namespace?: string },
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
