import type { KubeObject, Open } from '../state.ts'

/** Without a priority it stands before the age; 0 is after it, 1 is shown only by `-o wide`. */
type Column = [name: string, of: (object: KubeObject, now: number) => string | number, priority?: number]

const none = '<none>'

/** A time span as kubectl prints it: `45s`, `3m10s`, `2h`, `5d`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return seconds % 60 ? `${minutes}m${seconds % 60}s` : `${minutes}m`
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return minutes % 60 ? `${hours}h${minutes % 60}m` : `${hours}h`
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`
}

const statuses = (pod: KubeObject) => (pod.status?.containerStatuses ?? []) as Open[]

function podState(pod: KubeObject): string {
  if (pod.metadata.deletionTimestamp) return 'Terminating'
  const told = statuses(pod)
    .map(({ state }) => state.waiting?.reason ?? state.terminated?.reason)
    .find(Boolean)
  return told ?? pod.status?.phase ?? 'Unknown'
}

const count = (map: unknown) => Object.keys((map ?? {}) as Open).length
const ports = (service: KubeObject) =>
  ((service.spec?.ports ?? []) as Open[]).map((port) => `${port.port}/${port.protocol}`).join(',') || none
const images = (of: KubeObject) =>
  ((of.spec.template.spec.containers ?? []) as Open[]).map((each) => each.image).join(',')

const names = (of: KubeObject) =>
  ((of.spec.template.spec.containers ?? []) as Open[]).map((each) => each.name).join(',')
const pairs = (map: Open | undefined) =>
  Object.entries(map ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',') || none

function duration({ startTime, completionTime }: Open, now: number): string {
  if (!startTime) return ''
  return age((completionTime ? Date.parse(completionTime) : now) - Date.parse(startTime))
}

const columns: Record<string, Column[]> = {
  Pod: [
    ['Ready', (of) => `${statuses(of).filter((each) => each.ready).length}/${of.spec.containers.length}`],
    ['Status', podState],
    ['Restarts', (of) => statuses(of).reduce((sum, each) => sum + each.restartCount, 0)],
    ['IP', (of) => of.status?.podIP ?? none, 1],
    ['Node', (of) => of.spec.nodeName ?? none, 1],
    ['Nominated Node', (of) => of.status?.nominatedNodeName ?? none, 1],
    ['Readiness Gates', () => none, 1],
  ],
  Deployment: [
    ['Ready', (of) => `${of.status?.readyReplicas ?? 0}/${of.spec.replicas}`],
    ['Up-to-date', (of) => of.status?.updatedReplicas ?? 0],
    ['Available', (of) => of.status?.availableReplicas ?? 0],
    ['Containers', names, 1],
    ['Images', images, 1],
    ['Selector', (of) => pairs(of.spec.selector?.matchLabels), 1],
  ],
  ReplicaSet: [
    ['Desired', (of) => of.spec.replicas],
    ['Current', (of) => of.status?.replicas ?? 0],
    ['Ready', (of) => of.status?.readyReplicas ?? 0],
    ['Containers', names, 1],
    ['Images', images, 1],
    ['Selector', (of) => pairs(of.spec.selector?.matchLabels), 1],
  ],
  Job: [
    [
      'Status',
      (of) => {
        const types = ((of.status?.conditions ?? []) as Open[]).map((each) => each.type)
        return types.includes('Complete') ? 'Complete' : types.includes('Failed') ? 'Failed' : 'Running'
      },
    ],
    ['Completions', (of) => `${of.status?.succeeded ?? 0}/${of.spec.completions}`],
    ['Duration', (of, now) => duration(of.status ?? {}, now)],
  ],
  Service: [
    ['Type', (of) => of.spec.type],
    ['Cluster-IP', (of) => of.spec.clusterIP ?? none],
    ['External-IP', () => none],
    ['Port(s)', ports],
    ['Selector', (of) => pairs(of.spec.selector), 1],
  ],
  Namespace: [['Status', (of) => of.status?.phase ?? '']],
  Node: [
    ['Status', () => 'Ready'],
    ['Roles', () => none],
    ['Version', (of) => of.status.nodeInfo.kubeletVersion, 0],
    ['Internal-IP', (of) => of.status.addresses.find((each: Open) => each.type === 'InternalIP').address, 1],
    ['External-IP', () => none, 1],
    ['OS-Image', (of) => of.status.nodeInfo.osImage, 1],
    ['Kernel-Version', (of) => of.status.nodeInfo.kernelVersion, 1],
    ['Container-Runtime', (of) => of.status.nodeInfo.containerRuntimeVersion, 1],
  ],
  ConfigMap: [['Data', (of) => count(of.data) + count(of.binaryData)]],
  Secret: [
    ['Type', (of) => of.type],
    ['Data', (of) => count(of.data)],
  ],
  ServiceAccount: [['Secrets', (of) => of.secrets?.length ?? 0]],
  Endpoints: [
    [
      'Endpoints',
      (of) =>
        ((of.subsets ?? []) as Open[])
          .flatMap((each) =>
            ((each.addresses ?? []) as Open[]).flatMap((at) =>
              ((each.ports ?? []) as Open[]).map((port) => `${at.ip}:${port.port}`),
            ),
          )
          .join(',') || none,
    ],
  ],
  MutatingWebhookConfiguration: [['Webhooks', (of) => of.webhooks?.length ?? 0]],
  RoleBinding: [['Role', (of) => `${of.roleRef.kind}/${of.roleRef.name}`]],
  ClusterRoleBinding: [['Role', (of) => `${of.roleRef.kind}/${of.roleRef.name}`]],
}

const definition = (name: string, type: string, priority = 0) => ({
  name,
  type,
  format: name === 'Name' ? 'name' : '',
  description: '',
  priority,
})

export const wantsTable = (accept: string): boolean => /as=Table;v=v1;g=meta\.k8s\.io/.test(accept)

const sinceTold = ({ lastTimestamp, metadata }: KubeObject, now: number) =>
  age(now - Date.parse(lastTimestamp ?? metadata.creationTimestamp))

/** Events stand apart: their name comes last. */
const eventColumns: Column[] = [
  ['Last Seen', sinceTold, 0],
  ['Type', (of) => of.type ?? '', 0],
  ['Reason', (of) => of.reason ?? '', 0],
  ['Object', (of) => `${String(of.involvedObject?.kind).toLowerCase()}/${of.involvedObject?.name}`, 0],
  ['Source', (of) => of.source?.component ?? '', 1],
  ['Message', (of) => of.message ?? '', 0],
  ['Count', (of) => of.count ?? 0, 1],
  ['Name', (of) => of.metadata.name, 1],
]

function columnsOf(kind: string): Column[] {
  if (kind === 'Event') return eventColumns
  const own = columns[kind] ?? []
  const early = own.filter(([, , priority]) => priority === undefined).length
  return [
    ['Name', (of) => of.metadata.name],
    ...own.slice(0, early),
    ['Age', (of, now) => age(now - Date.parse(of.metadata.creationTimestamp))],
    ...own.slice(early),
  ]
}

/** Objects as the table that kubectl prints. */
export function table(
  kind: string,
  objects: KubeObject[],
  metadata: Open,
  now: number,
  withObject: boolean,
): Open {
  const shown = columnsOf(kind)
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: shown.map(([name, , priority]) => definition(name, 'string', priority)),
    rows: objects.map((object) => ({
      cells: shown.map(([, of]) => of(object, now)),
      object: withObject
        ? object
        : { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
    })),
  }
}
