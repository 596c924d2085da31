import { isDeepStrictEqual } from 'node:util'
import type { Cloud } from '../../cloud.ts'
import { resourceOf } from '../objects/resources.ts'
import { selects } from '../objects/selectors.ts'
import { list, read, write } from '../objects/store.ts'
import type { KubeCluster, KubeObject, Open } from '../state.ts'
import { born } from './bootstrap.ts'

export const isReady = (pod: KubeObject): boolean =>
  (pod.status?.conditions ?? []).some((each: Open) => each.type === 'Ready' && each.status === 'True')

/** The ready pods behind a service. */
export const backends = (cluster: KubeCluster, service: KubeObject): KubeObject[] =>
  service.spec?.selector
    ? list(cluster, resourceOf('Pod'), service.metadata.namespace!).filter(
        (pod) =>
          selects({ matchLabels: service.spec.selector }, pod.metadata.labels) &&
          !pod.metadata.deletionTimestamp &&
          isReady(pod),
      )
    : []

/** The number of a service's target port on a pod, by name or number. */
export function targetPort(pod: KubeObject, port: Open): number {
  const wanted = port.targetPort ?? port.port
  if (typeof wanted === 'number') return wanted
  const named = (pod.spec.containers as Open[])
    .flatMap((each) => (each.ports ?? []) as Open[])
    .find((each) => each.name === wanted)
  return named?.containerPort ?? Number(wanted)
}

/** Keeps `Endpoints` and `EndpointSlice` of each service with a selector. */
export function reconcileEndpoints(cloud: Cloud, cluster: KubeCluster): void {
  for (const service of list(cluster, resourceOf('Service'))) {
    if (!service.spec?.selector) continue
    const { name, namespace = '' } = service.metadata
    const pods = backends(cluster, service)
    const targets = pods.map((pod) => ({
      kind: 'Pod',
      namespace,
      name: pod.metadata.name,
      uid: pod.metadata.uid,
    }))
    const ports = ((service.spec.ports ?? []) as Open[]).map((port) => ({
      ...(port.name ? { name: port.name } : {}),
      port: pods[0] ? targetPort(pods[0], port) : Number(port.targetPort) || port.port,
      protocol: port.protocol,
    }))
    const addresses = pods.map((pod, index) => ({
      ip: pod.status.podIP,
      nodeName: pod.spec.nodeName,
      targetRef: targets[index],
    }))
    keep(cloud, cluster, 'Endpoints', service, name, {
      ...(pods.length ? { subsets: [{ addresses, ports }] } : {}),
    })
    keep(cloud, cluster, 'EndpointSlice', service, `${name}-${service.metadata.uid.slice(0, 5)}`, {
      addressType: 'IPv4',
      endpoints: pods.map((pod, index) => ({
        addresses: [pod.status.podIP],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: pod.spec.nodeName,
        targetRef: targets[index],
      })),
      ports: ports.map((port) => ({ name: '', ...port })),
    })
  }
}

function keep(
  cloud: Cloud,
  cluster: KubeCluster,
  kind: string,
  service: KubeObject,
  name: string,
  body: Open,
): void {
  const of = resourceOf(kind)
  const { namespace = '' } = service.metadata
  const found = read(cluster, of, namespace, name)
  if (found) {
    const { kind: _k, apiVersion: _a, metadata, ...rest } = found
    if (!isDeepStrictEqual(rest, body))
      write(cloud, cluster, of, { kind, apiVersion: found.apiVersion, metadata, ...body })
    return
  }
  const labels =
    kind === 'EndpointSlice'
      ? {
          'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
          'kubernetes.io/service-name': service.metadata.name,
        }
      : service.metadata.labels
  const owner = {
    apiVersion: 'v1',
    blockOwnerDeletion: true,
    controller: true,
    kind: 'Service',
    name: service.metadata.name,
    uid: service.metadata.uid,
  }
  write(
    cloud,
    cluster,
    of,
    born(cloud, kind, { name, namespace, ...(labels ? { labels } : {}), ownerReferences: [owner] }, body),
  )
}
