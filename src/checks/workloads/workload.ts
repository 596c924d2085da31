import type { Kind, KubeObject } from '../../clients/kubernetes.ts'

// biome-ignore lint/suspicious/noExplicitAny: a Kubernetes object's body is open
export type OpenObject = Record<string, any>

/** Where an object stands in what was given with `-f`. */
export interface ManifestLocation {
  /** The file as it was named; `stdin` for the standard input. */
  file: string
  /** Counted from 1; undefined where the file has one only. */
  document: number | undefined
  /** The line of a field, or of the nearest thing around it that is there. */
  line(path: readonly (string | number)[]): number
  /** The field's path in the document, also inside a List. */
  path(path: readonly (string | number)[]): string
}

/** What makes pods, or a pod that nothing else made. */
export interface Workload {
  kind: WorkloadKind
  namespace: string
  name: string
  object: KubeObject
  /** The pods that it has made and that are not over; none where only a manifest is known. */
  pods: KubeObject[]
  /** Asked for by name, and not found while looking around. */
  selectedByName: boolean
  location: ManifestLocation | undefined
  /** What makes it, of a kind whose pod template is not known here, or that may not be read: `Rollout web`. */
  owner: string | undefined
}

export type WorkloadKind = Extract<
  Kind,
  'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet' | 'Job' | 'CronJob' | 'Pod'
>

/** kubectl's spellings. */
const spellings: Record<WorkloadKind, string[]> = {
  Deployment: ['deploy', 'deployment', 'deployments', 'deployment.apps', 'deployments.apps'],
  StatefulSet: ['sts', 'statefulset', 'statefulsets', 'statefulset.apps', 'statefulsets.apps'],
  DaemonSet: ['ds', 'daemonset', 'daemonsets', 'daemonset.apps', 'daemonsets.apps'],
  ReplicaSet: ['rs', 'replicaset', 'replicasets', 'replicaset.apps', 'replicasets.apps'],
  Job: ['job', 'jobs', 'job.batch', 'jobs.batch'],
  CronJob: ['cj', 'cronjob', 'cronjobs', 'cronjob.batch', 'cronjobs.batch'],
  Pod: ['po', 'pod', 'pods'],
}

export const workloadKinds = Object.keys(spellings) as WorkloadKind[]

/** The kind that kubectl means by this word. */
export const parseWorkloadKind = (word: string): WorkloadKind | undefined =>
  workloadKinds.find((kind) => spellings[kind].includes(word.toLowerCase()))

export const isWorkloadKind = (kind: string): kind is WorkloadKind => kind in spellings

/** Where the pod template stands in an object of this kind; a pod is its own. */
export const templatePath = (kind: WorkloadKind): string[] =>
  kind === 'Pod'
    ? []
    : kind === 'CronJob'
      ? ['spec', 'jobTemplate', 'spec', 'template']
      : ['spec', 'template']

export const podTemplateOf = ({ kind, object }: Pick<Workload, 'kind' | 'object'>): OpenObject =>
  templatePath(kind).reduce<OpenObject>((at, step) => at?.[step] ?? {}, object)

export const podSpecOf = (workload: Pick<Workload, 'kind' | 'object'>): OpenObject =>
  podTemplateOf(workload).spec ?? {}
export const labelsOf = (workload: Workload): OpenObject => podTemplateOf(workload).metadata?.labels ?? {}
export const annotationsOf = (workload: Workload): OpenObject =>
  podTemplateOf(workload).metadata?.annotations ?? {}

/** A container with the list that it stands in and its place there. */
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

/** `Deployment shop/checkout`. */
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

/** Means the label to be `"true"`, even if it forgot the quotes. */
export const isLabelled = (workload: Workload): boolean => String(labelsOf(workload)[useLabel]) === 'true'

/** Containers that the webhook is told to leave alone. */
export const skippedContainers = (workload: Workload): string[] =>
  String(annotationsOf(workload)[identityKey('skip-containers')] ?? '')
    .split(';')
    .map((each) => each.trim())
    .filter(Boolean)

/** Bound to an AKS identity binding: its token has another audience and another way to Entra. */
export const hasIdentityBinding = (workload: Workload): boolean =>
  String(annotationsOf(workload)[identityKey('use-identity-binding')] ?? '').toLowerCase() === 'true'
