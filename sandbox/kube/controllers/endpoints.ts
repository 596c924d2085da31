import { isDeepStrictEqual } from 'node:util'
import type { Simulator } from '../../simulator.ts'
import { resourceForKind } from '../objects/resources.ts'
import { matchesSelector } from '../objects/selectors.ts'
import { getObject, listObjects, storeObject } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { newObject } from './bootstrap.ts'

export const isPodReady = (pod: StoredObject): boolean =>
  (pod.status?.conditions ?? []).some((each: JsonObject) => each.type === 'Ready' && each.status === 'True')

/** Returns the ready pods that a service's selector matches. */
export const readyPods = (cluster: KubeCluster, service: StoredObject): StoredObject[] =>
  service.spec?.selector
    ? listObjects(cluster, resourceForKind('Pod'), service.metadata.namespace!).filter(
        (pod) =>
          matchesSelector({ matchLabels: service.spec.selector }, pod.metadata.labels) &&
          !pod.metadata.deletionTimestamp &&
          isPodReady(pod),
      )
    : []

/** Returns the container port of a service port, which can name it. */
export function targetPort(pod: StoredObject, port: JsonObject): number {
  const target = port.targetPort ?? port.port
  if (typeof target === 'number') return target
  const named = (pod.spec.containers as JsonObject[])
    .flatMap((each) => (each.ports ?? []) as JsonObject[])
    .find((each) => each.name === target)
  return named?.containerPort ?? Number(target)
}

/** Stores the `Endpoints` and `EndpointSlice` of each service with a selector. */
export function reconcileEndpoints(simulator: Simulator, cluster: KubeCluster): void {
  for (const service of listObjects(cluster, resourceForKind('Service'))) {
    if (!service.spec?.selector) continue
    const { name, namespace = '' } = service.metadata
    const pods = readyPods(cluster, service)
    const targets = pods.map((pod) => ({
      kind: 'Pod',
      namespace,
      name: pod.metadata.name,
      uid: pod.metadata.uid,
    }))
    const ports = ((service.spec.ports ?? []) as JsonObject[]).map((port) => ({
      ...(port.name ? { name: port.name } : {}),
      port: pods[0] ? targetPort(pods[0], port) : Number(port.targetPort) || port.port,
      protocol: port.protocol,
    }))
    const addresses = pods.map((pod, index) => ({
      ip: pod.status.podIP,
      nodeName: pod.spec.nodeName,
      targetRef: targets[index],
    }))
    storeEndpoints(simulator, cluster, 'Endpoints', service, name, {
      ...(pods.length ? { subsets: [{ addresses, ports }] } : {}),
    })
    storeEndpoints(
      simulator,
      cluster,
      'EndpointSlice',
      service,
      `${name}-${service.metadata.uid.slice(0, 5)}`,
      {
        addressType: 'IPv4',
        endpoints: pods.map((pod, index) => ({
          addresses: [pod.status.podIP],
          conditions: { ready: true, serving: true, terminating: false },
          nodeName: pod.spec.nodeName,
          targetRef: targets[index],
        })),
        ports: ports.map((port) => ({ name: '', ...port })),
      },
    )
  }
}

function storeEndpoints(
  simulator: Simulator,
  cluster: KubeCluster,
  kind: string,
  service: StoredObject,
  name: string,
  body: JsonObject,
): void {
  const resource = resourceForKind(kind)
  const { namespace = '' } = service.metadata
  const found = getObject(cluster, resource, namespace, name)
  if (found) {
    const { kind: _k, apiVersion: _a, metadata, ...rest } = found
    if (!isDeepStrictEqual(rest, body))
      storeObject(simulator, cluster, resource, { kind, apiVersion: found.apiVersion, metadata, ...body })
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
  storeObject(
    simulator,
    cluster,
    resource,
    newObject(
      simulator,
      kind,
      { name, namespace, ...(labels ? { labels } : {}), ownerReferences: [owner] },
      body,
    ),
  )
}
