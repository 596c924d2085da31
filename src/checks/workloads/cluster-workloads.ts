import type { Kind, KubeObject, Kubernetes } from '../../clients/kubernetes.ts'
import { hasCode } from '../../clients/service-error.ts'
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

/** Ended, or about to. */
export const isTerminated = ({ metadata, status }: KubeObject) =>
  metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed'].includes(status?.phase)

const controllerOf = ({ metadata }: KubeObject): OpenObject | undefined =>
  ((metadata.ownerReferences ?? []) as OpenObject[]).find(({ controller }) => controller === true)

/** Whether a label selector takes these labels. */
function selects(selector: OpenObject | undefined, labels: Record<string, string> = {}): boolean {
  if (!selector) return false
  const { matchLabels = {}, matchExpressions = [] } = selector
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    (matchExpressions as OpenObject[]).every(({ key, operator, values = [] }) => {
      const value = labels[key]
      if (operator === 'Exists') return value !== undefined
      if (operator === 'DoesNotExist') return value === undefined
      return (operator === 'In') === (value !== undefined && values.includes(value))
    })
  )
}

const podsOf = (object: KubeObject, pods: readonly KubeObject[]): KubeObject[] => {
  if (object.kind === 'Pod') return isTerminated(object) ? [] : [object]
  if (object.kind === 'CronJob') return []
  return pods.filter((pod) => !isTerminated(pod) && selects(object.spec?.selector, pod.metadata.labels))
}

const workload = (
  object: KubeObject,
  pods: readonly KubeObject[],
  more: Partial<Workload> = {},
): Workload => ({
  kind: object.kind as WorkloadKind,
  namespace: object.metadata.namespace!,
  name: object.metadata.name,
  object: object.kind === 'Pod' ? asWritten(object) : object,
  pods: podsOf(object, pods),
  selectedByName: false,
  location: undefined,
  owner: undefined,
  ...more,
})

/** Is done with its work, so that nothing comes of it any more. */
const isFinished = ({ kind, status }: KubeObject) =>
  kind === 'Job' &&
  ((status?.conditions ?? []) as OpenObject[]).some(
    ({ type, status: state }) => state === 'True' && (type === 'Complete' || type === 'Failed'),
  )

/** Has to do with workload identity: by its label, its annotations, or the service account that is being verified. */
export const usesWorkloadIdentity = (each: Workload, account: string): boolean =>
  hasIdentityKeys(labelsOf(each)) ||
  hasIdentityKeys(annotationsOf(each)) ||
  hasIdentityKeys(each.object.metadata.labels) ||
  accountNameOf(each) === account

const hidden = (error: unknown): undefined => {
  if (!hasCode(error, 'Forbidden')) throw error
}

/** The object at the top: what made what made the pod. A owner of a kind that is not known here is only named. */
/** What made it, as far up as may be read: of a pod its Deployment. */
export async function topOwner(
  kube: Kubernetes,
  object: KubeObject,
): Promise<{ object: KubeObject; owner: string | undefined }> {
  const owner = controllerOf(object)
  if (!owner) return { object, owner: undefined }
  const above = isWorkloadKind(owner.kind)
    ? await kube.get(owner.kind as Kind, owner.name, object.metadata.namespace).catch(hidden)
    : undefined
  return above ? topOwner(kube, above) : { object, owner: `${owner.kind} ${owner.name}` }
}

/** Those that were asked for by name; `undefined` for what does not exist. */
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
  return tops.map((top) => top && workload(top.object, pods, { selectedByName: true, owner: top.owner }))
}

/** All in the namespace that have to do with workload identity. */
export async function listWorkloads(
  kube: Kubernetes,
  namespace: string,
  account: string,
): Promise<Workload[]> {
  const lists = await Promise.all(workloadKinds.map((kind) => kube.list(kind, namespace)))
  const pods = lists[workloadKinds.indexOf('Pod')]!
  return lists
    .flat()
    .filter((object) => !controllerOf(object) && !isFinished(object))
    .filter((object) => object.kind !== 'Pod' || !isTerminated(object))
    .map((object) => workload(object, pods))
    .filter((each) => usesWorkloadIdentity(each, account))
}

/** What the webhook adds to a pod. */
const isInjected = ({ name }: OpenObject) =>
  /^azure-(identity-token|workload-identity-reserved-|identity-binding)/.test(String(name))
const variables = /^AZURE_(CLIENT_ID|TENANT_ID|FEDERATED_TOKEN_FILE|AUTHORITY_HOST|KUBERNETES_\w+)$/

/** A running pod as its author wrote it: without what the webhook has put in. */
function asWritten(pod: KubeObject): KubeObject {
  const { volumes = [], containers = [], initContainers } = pod.spec ?? {}
  if (!(volumes as OpenObject[]).some(isInjected)) return pod
  const written = (container: OpenObject) => ({
    ...container,
    env: ((container.env ?? []) as OpenObject[]).filter(({ name }) => !variables.test(name)),
    volumeMounts: ((container.volumeMounts ?? []) as OpenObject[]).filter((each) => !isInjected(each)),
  })
  return {
    ...pod,
    spec: {
      ...pod.spec,
      volumes: (volumes as OpenObject[]).filter((each) => !isInjected(each)),
      containers: containers.map(written),
      ...(initContainers ? { initContainers: initContainers.map(written) } : {}),
    },
  }
}

/**
 * What runs as the service account, looked at by its pods alone: one request while all is well. Only where `suspect`
 * finds something, what made the pods is read too. `undefined` if the caller may not list pods.
 */
export async function runningWorkloads(
  kube: Kubernetes,
  of: { namespace: string; account: string; suspect: (found: Workload[]) => Promise<Workload[]> },
): Promise<Workload[] | undefined> {
  let pods: KubeObject[]
  try {
    pods = await kube.list('Pod', of.namespace)
  } catch (error) {
    if (hasCode(error, 'Forbidden')) return undefined
    throw error
  }
  const running = pods
    .filter((pod) => !isTerminated(pod))
    .map((pod) => workload(pod, pods))
    .filter((each) => runsAs(each, of.account))
  const suspects = await of.suspect(running)
  const made = new Map<string, Workload>()
  for (const suspect of suspects) {
    const { object, owner } = await topOwner(kube, suspect.object)
    made.set(
      String(object.metadata.uid),
      // Seen as it is even where what made it may not be read.
      object.kind === 'Pod' ? { ...suspect, owner } : workload(object, pods, { owner }),
    )
  }
  return [...running.filter((each) => !suspects.includes(each)), ...made.values()]
}

/** With the account, or with the label and no account said. */
const runsAs = (each: Workload, account: string) =>
  accountNameOf(each) === account ||
  (labelsOf(each)[useLabel] !== undefined && accountNameOf(each) === 'default')
