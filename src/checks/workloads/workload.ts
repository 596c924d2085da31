import type { Kind, KubeObject } from '../../clients/kubernetes.ts'
import { bindingAnnotation } from '../../steps/identity-binding.ts'

// biome-ignore lint/suspicious/noExplicitAny: Kubernetes objects have arbitrary fields
export type OpenObject = Record<string, any>

/** Location of an object in the manifests given with `-f`. */
export interface ManifestLocation {
  /** The file as given; `stdin` for standard input. */
  file: string
  /** Document number, from 1; undefined if the file has only one. */
  document: number | undefined
  /** Returns the line of a field, or of its closest existing ancestor. */
  line(path: readonly (string | number)[]): number
  /** Returns the field's path in the document, including items of a List. */
  path(path: readonly (string | number)[]): string
}

/** An object that creates pods, or a pod without an owner. */
export interface Workload {
  kind: WorkloadKind
  namespace: string
  name: string
  object: KubeObject
  /** Its running pods; empty for a manifest. */
  pods: KubeObject[]
  /** Selected by name, as opposed to found in the namespace. */
  selectedByName: boolean
  location: ManifestLocation | undefined
  /** An owner of an unknown kind, or one that can't be read: `Rollout web`. */
  owner: string | undefined
}

export type WorkloadKind = Extract<
  Kind,
  'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet' | 'Job' | 'CronJob' | 'Pod'
>

/** Names of each kind that kubectl accepts. */
const kindNames: Record<WorkloadKind, string[]> = {
  Deployment: ['deploy', 'deployment', 'deployments', 'deployment.apps', 'deployments.apps'],
  StatefulSet: ['sts', 'statefulset', 'statefulsets', 'statefulset.apps', 'statefulsets.apps'],
  DaemonSet: ['ds', 'daemonset', 'daemonsets', 'daemonset.apps', 'daemonsets.apps'],
  ReplicaSet: ['rs', 'replicaset', 'replicasets', 'replicaset.apps', 'replicasets.apps'],
  Job: ['job', 'jobs', 'job.batch', 'jobs.batch'],
  CronJob: ['cj', 'cronjob', 'cronjobs', 'cronjob.batch', 'cronjobs.batch'],
  Pod: ['po', 'pod', 'pods'],
}

export const workloadKinds = Object.keys(kindNames) as WorkloadKind[]

/** Returns the kind that kubectl means by this name, such as `deploy` or `sts`. */
export const parseWorkloadKind = (name: string): WorkloadKind | undefined =>
  workloadKinds.find((kind) => kindNames[kind].includes(name.toLowerCase()))

export const isWorkloadKind = (kind: string): kind is WorkloadKind => Object.hasOwn(kindNames, kind)

/** Returns the path of the pod template in objects of this kind; empty for a Pod. */
export const templatePath = (kind: WorkloadKind): string[] =>
  kind === 'Pod'
    ? []
    : kind === 'CronJob'
      ? ['spec', 'jobTemplate', 'spec', 'template']
      : ['spec', 'template']

export const podTemplateOf = ({ kind, object }: Pick<Workload, 'kind' | 'object'>): OpenObject =>
  templatePath(kind).reduce<OpenObject>((parent, key) => parent?.[key] ?? {}, object)

export const podSpecOf = (workload: Pick<Workload, 'kind' | 'object'>): OpenObject =>
  podTemplateOf(workload).spec ?? {}
export const labelsOf = (workload: Workload): OpenObject => podTemplateOf(workload).metadata?.labels ?? {}
export const annotationsOf = (workload: Workload): OpenObject =>
  podTemplateOf(workload).metadata?.annotations ?? {}

/** A container with its list and index. */
export interface Container {
  list: 'containers' | 'initContainers'
  index: number
  name: string
  spec: OpenObject
}

export const containersOf = (workload: Workload): Container[] =>
  (['initContainers', 'containers'] as const).flatMap((list) =>
    ((podSpecOf(workload)[list] ?? []) as OpenObject[]).map((of, index) => ({
      list,
      index,
      name: String(of.name ?? index),
      spec: of,
    })),
  )

export const accountNameOf = (workload: Workload): string => {
  const { serviceAccountName, serviceAccount } = podSpecOf(workload)
  return serviceAccountName || serviceAccount || 'default'
}

/** Returns a title such as `Deployment shop/checkout`. */
export const workloadTitle = ({ kind, namespace, name }: Workload) => `${kind} ${namespace}/${name}`

export const isWindows = (workload: Workload): boolean => {
  const spec = podSpecOf(workload)
  return (
    spec.os?.name === 'windows' ||
    [spec.nodeSelector?.['kubernetes.io/os'], spec.nodeSelector?.['beta.kubernetes.io/os']].includes(
      'windows',
    )
  )
}

const prefix = 'azure.workload.identity/'
export const useLabel = `${prefix}use`
export const identityKey = (name: string) => `${prefix}${name}`

export const hasIdentityKeys = (map: OpenObject | undefined) =>
  Object.keys(map ?? {}).some((each) => each.startsWith(prefix))

/** Reports whether the label is `true`, with or without quotes. */
export const isLabelled = (workload: Workload): boolean => String(labelsOf(workload)[useLabel]) === 'true'

/** Returns the containers that the skip-containers annotation lists. */
export const skippedContainers = (workload: Workload): string[] =>
  String(annotationsOf(workload)[identityKey('skip-containers')] ?? '')
    .split(';')
    .map((each) => each.trim())
    .filter(Boolean)

/** Reports whether the workload uses an AKS identity binding, whose token has another audience and is exchanged by AKS's proxy. */
export const hasIdentityBinding = (workload: Workload): boolean =>
  String(annotationsOf(workload)[bindingAnnotation] ?? '').toLowerCase() === 'true'
