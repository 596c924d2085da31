import type { Script } from '../../base/command.ts'
import type { KubeObject } from '../../clients/kubernetes.ts'
import type { FieldPath, LintContext } from '../workloads/rule.ts'
import type { ManifestLocation, OpenObject, Workload } from '../workloads/workload.ts'

/** An object of another controller that has settings of workload identity. */
export interface IdentityObject {
  kind: ObjectKind
  object: KubeObject
  /** Undefined for an object in a cluster. */
  location: ManifestLocation | undefined
}

/** What is wrong with one object. */
export interface ObjectFinding {
  /** Its settings, the service account that it refers to, or the label of the pods that are created for it. */
  about: 'settings' | 'account' | 'label'
  /** Continues the object's title. */
  detail: string
  is: string
  should: string
  field: FieldPath
  /** How to edit that field in a manifest. */
  edit: string
  /** A merge patch of the object that fixes it. Without one, the edit is the instruction. */
  patch?: OpenObject
  /** A command that fixes it instead. */
  run?: Script
  /** It may be intended. */
  warning?: boolean
}

/** What an object is judged by. */
export type ObjectContext = Pick<LintContext, 'audience' | 'serviceAccount' | 'command'> & {
  /** All workloads of the same manifests or namespace. */
  workloads: readonly Workload[]
}

export interface AccountReference {
  namespace: string
  name: string
}

/** How the objects of one kind, or of several alike, use workload identity. */
export interface ObjectKind {
  /** API group; empty for the core group. */
  group: string
  /** The plural name of each kind. */
  kinds: Readonly<Record<string, string>>
  /** The kinds without a namespace. */
  clusterScoped?: readonly string[]
  /** Not read from clusters, because the objects contain secrets or are judged by other checks. */
  manifestsOnly?: true
  uses(object: KubeObject, context: ObjectContext): boolean
  /** The service accounts that the object refers to. */
  accounts?(object: KubeObject): AccountReference[]
  inspect(object: KubeObject, context: ObjectContext): ObjectFinding[]
}

export const isClusterScoped = ({ kind, object }: Pick<IdentityObject, 'kind' | 'object'>): boolean =>
  kind.clusterScoped?.includes(object.kind) ?? false

/** Returns a title such as `SecretStore shop/kv`. */
export const objectTitle = (of: Pick<IdentityObject, 'kind' | 'object'>): string => {
  const { kind, metadata } = of.object
  return `${kind} ${isClusterScoped(of) ? '' : `${metadata.namespace}/`}${metadata.name}`
}
