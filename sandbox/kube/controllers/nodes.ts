import type { Simulator } from '../../simulator.ts'
import { resourceForKind } from '../objects/resources.ts'
import { eraseObject, formatTime, getObject, listObjects, storeObject } from '../objects/store.ts'
import type { KubeCluster, StoredObject } from '../state.ts'
import { newObject } from './bootstrap.ts'

export interface NodePool {
  name: string
  count: number
  osType?: 'Linux' | 'Windows'
  vmSize?: string
  mode?: 'System' | 'User'
}

const vmssNumber = (pool: string, cluster: KubeCluster) =>
  String(
    [...`${pool}${cluster.resourceId}`].reduce(
      (sum, char) => (sum * 31 + char.charCodeAt(0)) % 90_000_000,
      7,
    ) + 10_000_000,
  )

function nodeOf(simulator: Simulator, cluster: KubeCluster, pool: NodePool, index: number): StoredObject {
  const isWindows = pool.osType === 'Windows'
  const [, subscription = '', , group = '', , , , name = ''] = cluster.resourceId.split('/')
  const nodeGroup = `MC_${group}_${name}_${cluster.region}`
  const scaleSet = isWindows ? `aks${pool.name}` : `aks-${pool.name}-${vmssNumber(pool.name, cluster)}-vmss`
  const host = `${scaleSet}${index.toString(36).padStart(6, '0')}`
  return newObject(
    simulator,
    'Node',
    { name: host, labels: nodeLabels(cluster, pool, host, nodeGroup) },
    {
      spec: {
        podCIDR: `10.244.${index}.0/24`,
        podCIDRs: [`10.244.${index}.0/24`],
        providerID: `azure:///subscriptions/${subscription}/resourceGroups/${nodeGroup.toLowerCase()}/providers/Microsoft.Compute/virtualMachineScaleSets/${scaleSet}/virtualMachines/${index}`,
      },
      status: {
        addresses: [
          { type: 'Hostname', address: host },
          { type: 'InternalIP', address: `10.224.0.${4 + index}` },
        ],
        allocatable: { cpu: '1900m', memory: '5368712Ki', pods: '110' },
        capacity: { cpu: '2', memory: '8129544Ki', pods: '110' },
        conditions: nodeConditions(formatTime(simulator.now())),
        nodeInfo: nodeInfo(cluster, isWindows),
      },
    },
  )
}

function nodeLabels(cluster: KubeCluster, pool: NodePool, host: string, nodeGroup: string) {
  const isWindows = pool.osType === 'Windows'
  const os = isWindows ? 'windows' : 'linux'
  return {
    agentpool: pool.name,
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': os,
    'kubernetes.azure.com/agentpool': pool.name,
    'kubernetes.azure.com/cluster': nodeGroup,
    'kubernetes.azure.com/mode': (pool.mode ?? 'System').toLowerCase(),
    'kubernetes.azure.com/os-sku': isWindows ? 'Windows2022' : 'Ubuntu',
    'kubernetes.azure.com/role': 'agent',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': host,
    'kubernetes.io/os': os,
    'node.kubernetes.io/instance-type': pool.vmSize || 'Standard_D2s_v5',
    'topology.kubernetes.io/region': cluster.region,
    'topology.kubernetes.io/zone': '0',
  }
}

const conditionReasons = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const

const nodeConditions = (now: string) =>
  conditionReasons.map(([type, status, reason, message]) => ({
    type,
    status,
    lastHeartbeatTime: now,
    lastTransitionTime: now,
    reason,
    message,
  }))

const nodeInfo = ({ version }: KubeCluster, isWindows: boolean) => ({
  architecture: 'amd64',
  containerRuntimeVersion: 'containerd://2.0.4-1',
  kernelVersion: isWindows ? '10.0.20348.4294' : '5.15.0-1098-azure',
  kubeProxyVersion: '',
  kubeletVersion: `v${version}`,
  operatingSystem: isWindows ? 'windows' : 'linux',
  osImage: isWindows ? 'Windows Server 2022 Datacenter' : 'Ubuntu 22.04.5 LTS',
})

/** Creates and erases nodes to match the node pools. */
export function placeNodes(simulator: Simulator, cluster: KubeCluster, pools: NodePool[]): void {
  const wanted = pools.flatMap((pool) =>
    Array.from({ length: Math.max(0, pool.count) }, (_, index) => nodeOf(simulator, cluster, pool, index)),
  )
  const names = new Set(wanted.map((node) => node.metadata.name))
  for (const node of listObjects(cluster, resourceForKind('Node')))
    if (!names.has(node.metadata.name)) eraseObject(simulator, cluster, resourceForKind('Node'), node)
  for (const node of wanted)
    if (!getObject(cluster, resourceForKind('Node'), '', node.metadata.name))
      storeObject(simulator, cluster, resourceForKind('Node'), node)
}
