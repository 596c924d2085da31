import { request } from 'node:http'
import type { Call, Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { readyPods, targetPort } from '../controllers/endpoints.ts'
import { serviceUnavailable } from '../errors.ts'
import { localPort } from '../pods/processes.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'

/** Parses `[scheme:]name[:port]` of a proxy path. */
export function proxyName(text: string): { name: string; port: string } {
  const parts = text.split(':')
  const [name = '', port = ''] =
    parts.length === 3 || ['http', 'https'].includes(parts[0]!) ? parts.slice(1) : parts
  return { name, port }
}

const headersNotForwarded = new Set([
  'authorization',
  'connection',
  'host',
  'content-length',
  'accept-encoding',
  'transfer-encoding',
])
const hopByHopHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length'])

function forward(call: Call, port: number, path: string, pod: StoredObject, podPort: number): Promise<Reply> {
  const headers = Object.fromEntries(
    Object.entries(call.headers).filter(([name]) => !headersNotForwarded.has(name)),
  )
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(
        serviceUnavailable(`error trying to reach service: dial tcp ${pod.status.podIP}:${podPort}: ${why}`),
      )
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        method: call.method,
        path: path + call.url.search,
        headers: { ...headers, 'content-length': call.body.length },
        timeout: 30_000,
      },
      (response) => {
        const parts: Buffer[] = []
        response
          .on('data', (part: Buffer) => parts.push(part))
          .on('error', () => fail('read: connection reset by peer'))
          .on('end', () =>
            resolve({
              status: response.statusCode ?? 502,
              headers: Object.fromEntries(
                Object.entries(response.headers)
                  .filter(([name]) => !hopByHopHeaders.has(name))
                  .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
              ),
              body: Buffer.concat(parts),
            }),
          )
      },
    )
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => fail('connect: connection refused'))
    outgoing.end(call.body)
  })
}

async function forwardToPod(
  simulator: Simulator,
  cluster: KubeCluster,
  call: Call,
  pod: StoredObject,
  podPort: number,
  path: string,
) {
  const port = await localPort(simulator, cluster, pod, podPort)
  if (port === undefined)
    throw serviceUnavailable(
      `error trying to reach service: dial tcp ${pod.status?.podIP}:${podPort}: connect: connection refused`,
    )
  return forward(call, port, path, pod, podPort)
}

/** Forwards the request to a ready pod of the service. Throws 503 if there is none. */
export async function proxyService(
  simulator: Simulator,
  cluster: KubeCluster,
  call: Call,
  service: StoredObject,
  port: string,
  path: string,
): Promise<Reply> {
  const { name } = service.metadata
  const ports = (service.spec.ports ?? []) as JsonObject[]
  const servicePort = port
    ? ports.find((each) => each.name === port || String(each.port) === port)
    : ports.length === 1 || !ports.some((each) => each.name === '')
      ? ports[0]
      : undefined
  if (!servicePort)
    throw serviceUnavailable(
      `no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`,
    )
  const pods = readyPods(cluster, service)
  const pod = pods[Math.floor(Math.random() * pods.length)]
  if (!pod) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`)
  return forwardToPod(simulator, cluster, call, pod, targetPort(pod, servicePort), path)
}

/** Forwards the request to a port of the pod, by default the first declared one. */
export const proxyPod = (
  simulator: Simulator,
  cluster: KubeCluster,
  call: Call,
  pod: StoredObject,
  port: string,
  path: string,
): Promise<Reply> => {
  const declaredPorts = (pod.spec.containers as JsonObject[]).flatMap(
    (each) => (each.ports ?? []) as JsonObject[],
  )
  const podPort = port
    ? targetPort(pod, { targetPort: Number(port) || port })
    : (declaredPorts[0]?.containerPort ?? 80)
  return forwardToPod(simulator, cluster, call, pod, podPort, path)
}
