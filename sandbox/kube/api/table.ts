import type { JsonObject, StoredObject } from '../state.ts'

/** Columns without a priority come before the age, those with 0 after it; 1 is shown only by `-o wide`. */
type Column = [
  name: string,
  object: (object: StoredObject, now: number) => string | number,
  priority?: number,
]

const none = '<none>'

/** Formats a duration as kubectl does: `45s`, `3m10s`, `2h`, `5d`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return seconds % 60 ? `${minutes}m${seconds % 60}s` : `${minutes}m`
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return minutes % 60 ? `${hours}h${minutes % 60}m` : `${hours}h`
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`
}

const containerStatuses = (pod: StoredObject) => (pod.status?.containerStatuses ?? []) as JsonObject[]

function podStatusText(pod: StoredObject): string {
  if (pod.metadata.deletionTimestamp) return 'Terminating'
  const reason = containerStatuses(pod)
    .map(({ state }) => state.waiting?.reason ?? state.terminated?.reason)
    .find(Boolean)
  return reason ?? pod.status?.phase ?? 'Unknown'
}

const countKeys = (map: unknown) => Object.keys((map ?? {}) as JsonObject).length
const servicePorts = (service: StoredObject) =>
  ((service.spec?.ports ?? []) as JsonObject[]).map((port) => `${port.port}/${port.protocol}`).join(',') ||
  none
const containerImages = (object: StoredObject) =>
  ((object.spec.template.spec.containers ?? []) as JsonObject[]).map((each) => each.image).join(',')

const containerNames = (object: StoredObject) =>
  ((object.spec.template.spec.containers ?? []) as JsonObject[]).map((each) => each.name).join(',')
const formatSelector = (map: JsonObject | undefined) =>
  Object.entries(map ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',') || none

function jobDuration({ startTime, completionTime }: JsonObject, now: number): string {
  if (!startTime) return ''
  return formatAge((completionTime ? Date.parse(completionTime) : now) - Date.parse(startTime))
}

const columnsByKind: Record<string, Column[]> = {
  Pod: [
    [
      'Ready',
      (object) =>
        `${containerStatuses(object).filter((each) => each.ready).length}/${object.spec.containers.length}`,
    ],
    ['Status', podStatusText],
    ['Restarts', (object) => containerStatuses(object).reduce((sum, each) => sum + each.restartCount, 0)],
    ['IP', (object) => object.status?.podIP ?? none, 1],
    ['Node', (object) => object.spec.nodeName ?? none, 1],
    ['Nominated Node', (object) => object.status?.nominatedNodeName ?? none, 1],
    ['Readiness Gates', () => none, 1],
  ],
  Deployment: [
    ['Ready', (object) => `${object.status?.readyReplicas ?? 0}/${object.spec.replicas}`],
    ['Up-to-date', (object) => object.status?.updatedReplicas ?? 0],
    ['Available', (object) => object.status?.availableReplicas ?? 0],
    ['Containers', containerNames, 1],
    ['Images', containerImages, 1],
    ['Selector', (object) => formatSelector(object.spec.selector?.matchLabels), 1],
  ],
  ReplicaSet: [
    ['Desired', (object) => object.spec.replicas],
    ['Current', (object) => object.status?.replicas ?? 0],
    ['Ready', (object) => object.status?.readyReplicas ?? 0],
    ['Containers', containerNames, 1],
    ['Images', containerImages, 1],
    ['Selector', (object) => formatSelector(object.spec.selector?.matchLabels), 1],
  ],
  Job: [
    [
      'Status',
      (object) => {
        const types = ((object.status?.conditions ?? []) as JsonObject[]).map((each) => each.type)
        return types.includes('Complete') ? 'Complete' : types.includes('Failed') ? 'Failed' : 'Running'
      },
    ],
    ['Completions', (object) => `${object.status?.succeeded ?? 0}/${object.spec.completions}`],
    ['Duration', (object, now) => jobDuration(object.status ?? {}, now)],
  ],
  Service: [
    ['Type', (object) => object.spec.type],
    ['Cluster-IP', (object) => object.spec.clusterIP ?? none],
    ['External-IP', () => none],
    ['Port(s)', servicePorts],
    ['Selector', (object) => formatSelector(object.spec.selector), 1],
  ],
  Namespace: [['Status', (object) => object.status?.phase ?? '']],
  Node: [
    ['Status', () => 'Ready'],
    ['Roles', () => none],
    ['Version', (object) => object.status.nodeInfo.kubeletVersion, 0],
    [
      'Internal-IP',
      (object) => object.status.addresses.find((each: JsonObject) => each.type === 'InternalIP').address,
      1,
    ],
    ['External-IP', () => none, 1],
    ['OS-Image', (object) => object.status.nodeInfo.osImage, 1],
    ['Kernel-Version', (object) => object.status.nodeInfo.kernelVersion, 1],
    ['Container-Runtime', (object) => object.status.nodeInfo.containerRuntimeVersion, 1],
  ],
  ConfigMap: [['Data', (object) => countKeys(object.data) + countKeys(object.binaryData)]],
  Secret: [
    ['Type', (object) => object.type],
    ['Data', (object) => countKeys(object.data)],
  ],
  ServiceAccount: [['Secrets', (object) => object.secrets?.length ?? 0]],
  Endpoints: [
    [
      'Endpoints',
      (object) =>
        ((object.subsets ?? []) as JsonObject[])
          .flatMap((each) =>
            ((each.addresses ?? []) as JsonObject[]).flatMap((at) =>
              ((each.ports ?? []) as JsonObject[]).map((port) => `${at.ip}:${port.port}`),
            ),
          )
          .join(',') || none,
    ],
  ],
  MutatingWebhookConfiguration: [['Webhooks', (object) => object.webhooks?.length ?? 0]],
  RoleBinding: [['Role', (object) => `${object.roleRef.kind}/${object.roleRef.name}`]],
  ClusterRoleBinding: [['Role', (object) => `${object.roleRef.kind}/${object.roleRef.name}`]],
}

const columnDefinition = (name: string, type: string, priority = 0) => ({
  name,
  type,
  format: name === 'Name' ? 'name' : '',
  description: '',
  priority,
})

export const wantsTable = (accept: string): boolean => /as=Table;v=v1;g=meta\.k8s\.io/.test(accept)

const lastSeen = ({ lastTimestamp, metadata }: StoredObject, now: number) =>
  formatAge(now - Date.parse(lastTimestamp ?? metadata.creationTimestamp))

/** Events have the name in the last column. */
const eventColumns: Column[] = [
  ['Last Seen', lastSeen, 0],
  ['Type', (object) => object.type ?? '', 0],
  ['Reason', (object) => object.reason ?? '', 0],
  [
    'Object',
    (object) => `${String(object.involvedObject?.kind).toLowerCase()}/${object.involvedObject?.name}`,
    0,
  ],
  ['Source', (object) => object.source?.component ?? '', 1],
  ['Message', (object) => object.message ?? '', 0],
  ['Count', (object) => object.count ?? 0, 1],
  ['Name', (object) => object.metadata.name, 1],
]

function columnsOf(kind: string): Column[] {
  if (kind === 'Event') return eventColumns
  const kindColumns = columnsByKind[kind] ?? []
  const columnsBeforeAge = kindColumns.filter(([, , priority]) => priority === undefined).length
  return [
    ['Name', (object) => object.metadata.name],
    ...kindColumns.slice(0, columnsBeforeAge),
    ['Age', (object, now) => formatAge(now - Date.parse(object.metadata.creationTimestamp))],
    ...kindColumns.slice(columnsBeforeAge),
  ]
}

/** Converts objects to the `Table` that kubectl prints. */
export function toTable(
  kind: string,
  objects: StoredObject[],
  metadata: JsonObject,
  now: number,
  withObject: boolean,
): JsonObject {
  const columns = columnsOf(kind)
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(([name, , priority]) => columnDefinition(name, 'string', priority)),
    rows: objects.map((object) => ({
      cells: columns.map(([, value]) => value(object, now)),
      object: withObject
        ? object
        : { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  }
}
