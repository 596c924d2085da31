import { type FieldPath, inTemplate, type RuleFinding, type WorkloadRule } from './rule.ts'
import {
  type Container,
  containersOf,
  isWindows,
  labelsOf,
  type OpenObject,
  podSpecOf,
  useLabel,
  type Workload,
  workloadTitle,
} from './workload.ts'

/** Fields of a securityContext that Windows knows nothing of, for a pod or a container. */
const linuxOnly = [
  'runAsUser',
  'runAsGroup',
  'fsGroup',
  'supplementalGroups',
  'seLinuxOptions',
  'seccompProfile',
  'appArmorProfile',
  'sysctls',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
]

const strangeIn = (context: OpenObject | undefined) =>
  linuxOnly.filter((field) => context?.[field] !== undefined)
const nothing = (fields: string[]) => Object.fromEntries(fields.map((field) => [field, null]))

const linuxPath = /\/var\/run\/secrets\/azure\S*/

export const windowsCompatible: WorkloadRule = {
  code: 'WI217',
  title: 'Windows pods ask for nothing that only Linux has',
  level: 'warning',
  inspect(workload) {
    if (!isWindows(workload) || labelsOf(workload)[useLabel] === undefined) return []
    const spec = podSpecOf(workload)
    const containers = containersOf(workload)
    return [
      ...contextFault(workload, spec.securityContext, 'the pod', ['spec', 'securityContext'], (patch) => ({
        securityContext: patch,
      })),
      ...containers.flatMap((each) =>
        contextFault(
          workload,
          each.spec.securityContext,
          `container ${each.name}`,
          ['spec', each.list, each.index, 'securityContext'],
          (patch) => ({ [each.list]: [{ name: each.name, securityContext: patch }] }),
        ),
      ),
      ...hostProcess(workload, spec, containers),
      ...containers.flatMap((each) => fixedPath(workload, each)),
    ]
  },
}

function contextFault(
  workload: Workload,
  context: OpenObject | undefined,
  whose: string,
  path: FieldPath,
  patch: (fields: OpenObject) => OpenObject,
): RuleFinding[] {
  const fields = strangeIn(context)
  if (!fields.length) return []
  return [
    {
      detail: `${workloadTitle(workload)}: ${whose} sets ${fields.join(', ')}, which does not apply on Windows`,
      is: fields.join(', '),
      should: 'windowsOptions.runAsUserName, if any',
      field: inTemplate(workload, ...path, fields[0]!),
      edit: `take away ${fields.join(', ')}`,
      change: { template: { spec: patch(nothing(fields)) } },
    },
  ]
}

function hostProcess(workload: Workload, spec: OpenObject, containers: Container[]): RuleFinding[] {
  const asks = (context: OpenObject | undefined) => context?.windowsOptions?.hostProcess === true
  const found = containers.find(({ spec }) => asks(spec.securityContext))
  if (!asks(spec.securityContext) && !found) return []
  return [
    {
      detail: `${workloadTitle(workload)}${found ? `, container ${found.name},` : ''} is a hostProcess container: it sees the node's files, and the token may stand at another path than AZURE_FEDERATED_TOKEN_FILE says`,
      is: 'hostProcess: true',
      should: 'a container of its own',
      field: found
        ? inTemplate(workload, 'spec', found.list, found.index, 'securityContext')
        : inTemplate(workload, 'spec', 'securityContext'),
      edit: 'do without hostProcess, or read the token below %CONTAINER_SANDBOX_MOUNT_POINT%',
      change: { words: 'Do without hostProcess, or read the token below %CONTAINER_SANDBOX_MOUNT_POINT%' },
    },
  ]
}

function fixedPath(workload: Workload, { list, index, name, spec }: Container): RuleFinding[] {
  const texts: [FieldPath, unknown][] = [
    ...((spec.env ?? []) as OpenObject[]).map((env, at): [FieldPath, unknown] => [['env', at], env.value]),
    ...((spec.command ?? []) as string[]).map((word, at): [FieldPath, unknown] => [['command', at], word]),
    ...((spec.args ?? []) as string[]).map((word, at): [FieldPath, unknown] => [['args', at], word]),
  ]
  const hit = texts.find(([, text]) => linuxPath.test(String(text ?? '')))
  // A path of the old webhook has a rule that says more.
  if (!hit || String(hit[1]).includes('/azure/tokens')) return []
  return [
    {
      detail: `${workloadTitle(workload)}, container ${name}: a Linux path of the token is written down; on Windows it is another`,
      is: linuxPath.exec(String(hit[1]))![0],
      should: 'AZURE_FEDERATED_TOKEN_FILE',
      field: inTemplate(workload, 'spec', list, index, ...hit[0]),
      edit: 'read AZURE_FEDERATED_TOKEN_FILE',
      change: { words: `Read the variable AZURE_FEDERATED_TOKEN_FILE in container ${name}, not a path` },
    },
  ]
}

export const noVirtualNode: WorkloadRule = {
  code: 'WI218',
  title: 'No pod is for a virtual node',
  inspect(workload) {
    if (labelsOf(workload)[useLabel] === undefined) return []
    const { nodeSelector = {}, tolerations = [], nodeName = '' } = podSpecOf(workload)
    const tolerated = (tolerations as OpenObject[]).findIndex(
      ({ key: name }) => name === 'virtual-kubelet.io/provider' || name === 'azure.com/aci',
    )
    const meant = nodeSelector.type === 'virtual-kubelet' || String(nodeName).startsWith('virtual-node-aci')
    if (!meant && tolerated < 0) return []
    const left = (tolerations as OpenObject[]).filter(
      ({ key: name }) => name !== 'virtual-kubelet.io/provider' && name !== 'azure.com/aci',
    )
    return [
      {
        detail: `${workloadTitle(workload)} ${meant ? 'is for' : 'may run on'} virtual nodes, where workload identity is not supported`,
        is: meant ? 'nodeSelector type: virtual-kubelet' : `toleration ${tolerations[tolerated].key}`,
        should: '(none)',
        field: meant
          ? inTemplate(workload, 'spec', 'nodeSelector', 'type')
          : inTemplate(workload, 'spec', 'tolerations', tolerated),
        edit: 'take it away',
        change: {
          template: {
            spec: {
              ...(nodeSelector.type === 'virtual-kubelet' ? { nodeSelector: { type: null } } : {}),
              tolerations: left.length ? left : null,
            },
          },
        },
        ...(meant ? {} : { warning: true }),
      },
    ]
  },
}
