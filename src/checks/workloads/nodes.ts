import { instruction } from '../../base/command.ts'
import { hasOldPath } from './replace-token-path.ts'
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

/** Fields of a pod's or container's securityContext that only exist on Linux. */
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

const linuxFieldsIn = (context: OpenObject | undefined) =>
  linuxOnly.filter((field) => context?.[field] !== undefined)
const setToNull = (fields: string[]) => Object.fromEntries(fields.map((field) => [field, null]))

const linuxPath = /\/var\/run\/secrets\/azure\S*/

export const windowsCompatible: WorkloadRule = {
  code: 'WI217',
  title: 'Windows pods use no Linux-only settings',
  level: 'warning',
  inspect(workload) {
    if (!isWindows(workload) || labelsOf(workload)[useLabel] === undefined) return []
    const spec = podSpecOf(workload)
    const containers = containersOf(workload)
    return [
      ...securityContextFindings(
        workload,
        spec.securityContext,
        'the pod',
        ['spec', 'securityContext'],
        (patch) => ({
          securityContext: patch,
        }),
      ),
      ...containers.flatMap((each) =>
        securityContextFindings(
          workload,
          each.spec.securityContext,
          `container ${each.name}`,
          ['spec', each.list, each.index, 'securityContext'],
          (patch) => ({ [each.list]: [{ name: each.name, securityContext: patch }] }),
        ),
      ),
      ...hostProcessFindings(workload, spec, containers),
      ...containers.flatMap((each) => fixedPathFindings(workload, each)),
    ]
  },
}

function securityContextFindings(
  workload: Workload,
  context: OpenObject | undefined,
  owner: string,
  path: FieldPath,
  patch: (fields: OpenObject) => OpenObject,
): RuleFinding[] {
  const fields = linuxFieldsIn(context)
  if (!fields.length) return []
  return [
    {
      detail: `${workloadTitle(workload)}: ${owner} sets ${fields.join(', ')}, which don't apply to Windows`,
      is: fields.join(', '),
      should: 'windowsOptions.runAsUserName, if needed',
      field: inTemplate(workload, ...path, fields[0]!),
      edit: `remove ${fields.join(', ')}`,
      change: { template: { spec: patch(setToNull(fields)) } },
    },
  ]
}

function hostProcessFindings(workload: Workload, spec: OpenObject, containers: Container[]): RuleFinding[] {
  const isHostProcess = (context: OpenObject | undefined) => context?.windowsOptions?.hostProcess === true
  const found = containers.find(({ spec }) => isHostProcess(spec.securityContext))
  if (!isHostProcess(spec.securityContext) && !found) return []
  return [
    {
      detail: `${workloadTitle(workload)}${found ? `, container ${found.name},` : ''} is a hostProcess container, which sees the node's files, so the token may be at a different path than AZURE_FEDERATED_TOKEN_FILE`,
      is: 'hostProcess: true',
      should: 'a regular container',
      field: found
        ? inTemplate(workload, 'spec', found.list, found.index, 'securityContext')
        : inTemplate(workload, 'spec', 'securityContext'),
      edit: 'remove hostProcess, or read the token under %CONTAINER_SANDBOX_MOUNT_POINT%',
      change: {
        instruction: instruction`Remove hostProcess, or read the token under %CONTAINER_SANDBOX_MOUNT_POINT%`,
      },
    },
  ]
}

function fixedPathFindings(workload: Workload, { list, index, name, spec }: Container): RuleFinding[] {
  const texts: [FieldPath, unknown][] = [
    ...((spec.env ?? []) as OpenObject[]).map((env, at): [FieldPath, unknown] => [['env', at], env.value]),
    ...((spec.command ?? []) as string[]).map((text, at): [FieldPath, unknown] => [['command', at], text]),
    ...((spec.args ?? []) as string[]).map((text, at): [FieldPath, unknown] => [['args', at], text]),
  ]
  const match = texts.find(([, text]) => linuxPath.test(String(text ?? '')))
  // WI207 covers the old webhook's path.
  if (!match || hasOldPath(match[1])) return []
  return [
    {
      detail: `${workloadTitle(workload)}, container ${name}: the token's Linux path is hard-coded, but the path differs on Windows`,
      is: linuxPath.exec(String(match[1]))![0],
      should: 'AZURE_FEDERATED_TOKEN_FILE',
      field: inTemplate(workload, 'spec', list, index, ...match[0]),
      edit: 'read AZURE_FEDERATED_TOKEN_FILE',
      change: {
        instruction: instruction`In container ${name}, read AZURE_FEDERATED_TOKEN_FILE instead of a fixed path`,
      },
    },
  ]
}

export const noVirtualNode: WorkloadRule = {
  code: 'WI218',
  title: "The workload's pods don't run on virtual nodes",
  inspect(workload) {
    if (labelsOf(workload)[useLabel] === undefined) return []
    const { nodeSelector = {}, tolerations = [], nodeName = '' } = podSpecOf(workload)
    const tolerationIndex = (tolerations as OpenObject[]).findIndex(
      ({ key: name }) => name === 'virtual-kubelet.io/provider' || name === 'azure.com/aci',
    )
    const selected =
      nodeSelector.type === 'virtual-kubelet' || String(nodeName).startsWith('virtual-node-aci')
    if (!selected && tolerationIndex < 0) return []
    const otherTolerations = (tolerations as OpenObject[]).filter(
      ({ key: name }) => name !== 'virtual-kubelet.io/provider' && name !== 'azure.com/aci',
    )
    return [
      {
        detail: `${workloadTitle(workload)} ${selected ? 'runs' : 'may run'} on virtual nodes, which don't support workload identity`,
        is: selected
          ? 'nodeSelector type: virtual-kubelet'
          : `toleration ${tolerations[tolerationIndex].key}`,
        should: '(none)',
        field: selected
          ? inTemplate(workload, 'spec', 'nodeSelector', 'type')
          : inTemplate(workload, 'spec', 'tolerations', tolerationIndex),
        edit: 'remove it',
        change: {
          template: {
            spec: {
              ...(nodeSelector.type === 'virtual-kubelet' ? { nodeSelector: { type: null } } : {}),
              tolerations: otherTolerations.length ? otherTolerations : null,
            },
          },
        },
        ...(selected ? {} : { warning: true }),
      },
    ]
  },
}
