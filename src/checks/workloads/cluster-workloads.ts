import type { Kind, KubeObject, Kubernetes } from '../../clients/kubernetes.ts'
import { hasCode } from '../../clients/service-error.ts'
import { type LabelSelector, matchesSelector } from '../label-selector.ts'
import {
  accountNameOf,
  annotationsOf,
  hasIdentityKeys,
  isWorkloadKind,
  labelsOf,
  type OpenObject,
  useLabel,
  type Workload,
  type WorkloadKind,
  workloadKinds,
} from './workload.ts'

/** Reports whether a pod has ended or is being deleted. */
export const isTerminated = ({ metadata, status }: KubeObject) =>
  metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed'].includes(status?.phase)

const controllerOf = ({ metadata }: KubeObject): OpenObject | undefined =>
  ((metadata.ownerReferences ?? []) as OpenObject[]).find(({ controller }) => controller === true)

/** A workload without a selector has no pods. */
const selects = (selector: LabelSelector | undefined, labels: Record<string, string> | undefined) =>
  selector !== undefined && matchesSelector(selector, labels)

const podsOf = (object: KubeObject, pods: readonly KubeObject[]): KubeObject[] => {
  if (object.kind === 'Pod') return isTerminated(object) ? [] : [object]
  if (object.kind === 'CronJob') return []
  return pods.filter((pod) => !isTerminated(pod) && selects(object.spec?.selector, pod.metadata.labels))
}

const toWorkload = (
  object: KubeObject,
  pods: readonly KubeObject[],
  extra: Partial<Workload> = {},
): Workload => ({
  kind: object.kind as WorkloadKind,
  namespace: object.metadata.namespace!,
  name: object.metadata.name,
  object: object.kind === 'Pod' ? withoutInjection(object) : object,
  pods: podsOf(object, pods),
  selectedByName: false,
  location: undefined,
  owner: undefined,
  ...extra,
})

/** Reports whether a Job has finished, so that it starts no more pods. */
const isFinished = ({ kind, status }: KubeObject) =>
  kind === 'Job' &&
  ((status?.conditions ?? []) as OpenObject[]).some(
    ({ type, status: state }) => state === 'True' && (type === 'Complete' || type === 'Failed'),
  )

/** Reports whether a workload has a workload identity label or annotation, or runs as this service account. */
export const usesWorkloadIdentity = (each: Workload, account: string): boolean =>
  hasIdentityKeys(labelsOf(each)) ||
  hasIdentityKeys(annotationsOf(each)) ||
  hasIdentityKeys(each.object.metadata.labels) ||
  accountNameOf(each) === account

const ignoreForbidden = (error: unknown): undefined => {
  if (!hasCode(error, 'Forbidden')) throw error
}

/** Returns the topmost readable owner of an object (for a pod, its Deployment). `owner` names one above it of another kind. */
export async function topOwner(
  kube: Kubernetes,
  object: KubeObject,
): Promise<{ object: KubeObject; owner: string | undefined }> {
  const owner = controllerOf(object)
  if (!owner) return { object, owner: undefined }
  const parent = isWorkloadKind(owner.kind)
    ? await kube.get(owner.kind as Kind, owner.name, object.metadata.namespace).catch(ignoreForbidden)
    : undefined
  return parent ? topOwner(kube, parent) : { object, owner: `${owner.kind} ${owner.name}` }
}

/** Returns the workloads with these names; `undefined` for those that don't exist. */
export const getWorkloads = async (
  kube: Kubernetes,
  namespace: string,
  names: readonly { kind: WorkloadKind; name: string }[],
): Promise<(Workload | undefined)[]> => {
  const [pods, found] = await Promise.all([
    kube.list('Pod', namespace),
    Promise.all(names.map(({ kind, name }) => kube.get(kind, name, namespace))),
  ])
  const tops = await Promise.all(found.map((object) => object && topOwner(kube, object)))
  return tops.map((top) => top && toWorkload(top.object, pods, { selectedByName: true, owner: top.owner }))
}

/** Returns all workloads in the namespace, without those that another object owns or that have ended. */
export async function listWorkloads(kube: Kubernetes, namespace: string): Promise<Workload[]> {
  const lists = await Promise.all(workloadKinds.map((kind) => kube.list(kind, namespace)))
  const pods = lists[workloadKinds.indexOf('Pod')]!
  return lists
    .flat()
    .filter((object) => !controllerOf(object) && !isFinished(object))
    .filter((object) => object.kind !== 'Pod' || !isTerminated(object))
    .map((object) => toWorkload(object, pods))
}

/** Reports whether the webhook added a volume or mount. */
const isInjected = ({ name }: OpenObject) =>
  /^azure-(identity-token|workload-identity-reserved-|identity-binding)/.test(String(name))
const injectedVariables = /^AZURE_(CLIENT_ID|TENANT_ID|FEDERATED_TOKEN_FILE|AUTHORITY_HOST|KUBERNETES_\w+)$/

/** Returns a pod as its author wrote it, without what the webhook injected. */
function withoutInjection(pod: KubeObject): KubeObject {
  const { volumes = [], containers = [], initContainers } = pod.spec ?? {}
  if (!(volumes as OpenObject[]).some(isInjected)) return pod
  const withoutInjected = (container: OpenObject) => ({
    ...container,
    env: ((container.env ?? []) as OpenObject[]).filter(({ name }) => !injectedVariables.test(name)),
    volumeMounts: ((container.volumeMounts ?? []) as OpenObject[]).filter((each) => !isInjected(each)),
  })
  return {
    ...pod,
    spec: {
      ...pod.spec,
      volumes: (volumes as OpenObject[]).filter((each) => !isInjected(each)),
      containers: containers.map(withoutInjected),
      ...(initContainers ? { initContainers: initContainers.map(withoutInjected) } : {}),
    },
  }
}

/**
 * Returns the pods that run as the service account, from one request. For those that `findSuspects` returns, the
 * topmost owner replaces the pod. `undefined` if the caller isn't allowed to list pods.
 */
export async function runningWorkloads(
  kube: Kubernetes,
  options: {
    namespace: string
    account: string
    findSuspects: (running: Workload[]) => Promise<Workload[]>
  },
): Promise<Workload[] | undefined> {
  let pods: KubeObject[]
  try {
    pods = await kube.list('Pod', options.namespace)
  } catch (error) {
    if (hasCode(error, 'Forbidden')) return undefined
    throw error
  }
  const running = pods
    .filter((pod) => !isTerminated(pod))
    .map((pod) => toWorkload(pod, pods))
    .filter((each) => runsAs(each, options.account))
  const suspects = await options.findSuspects(running)
  const owners = new Map<string, Workload>()
  for (const suspect of suspects) {
    const { object, owner } = await topOwner(kube, suspect.object)
    owners.set(
      String(object.metadata.uid),
      // Without a readable owner, the pod itself is checked.
      object.kind === 'Pod' ? { ...suspect, owner } : toWorkload(object, pods, { owner }),
    )
  }
  return [...running.filter((each) => !suspects.includes(each)), ...owners.values()]
}

/** Reports whether a pod uses the account, or has the label but no account set. */
const runsAs = (each: Workload, account: string) =>
  accountNameOf(each) === account ||
  (labelsOf(each)[useLabel] !== undefined && accountNameOf(each) === 'default')
