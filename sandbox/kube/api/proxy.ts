import { request } from 'node:http'
import type { Call, Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { readyPods, targetPort } from '../controllers/endpoints.ts'
import { serviceUnavailable } from '../errors.ts'
import { localPort } from '../pods/processes.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'

/** `[scheme:]name[:port]`, as proxy paths write it. */
export function proxyName(text: string): { name: string; port: string } {
  const parts = text.split(':')
  const [name = '', port = ''] =
    parts.length === 3 || ['http', 'https'].includes(parts[0]!) ? parts.slice(1) : parts
  return { name, port }
}

const dropped = new Set([
  'authorization',
  'connection',
  'host',
  'content-length',
  'accept-encoding',
  'transfer-encoding',
])
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length'])

function forward(call: Call, port: number, path: string, pod: StoredObject, wanted: number): Promise<Reply> {
  const headers = Object.fromEntries(Object.entries(call.headers).filter(([name]) => !dropped.has(name)))
  return new Promise((resolve, reject) => {
    const refused = (why: string) =>
      reject(
        serviceUnavailable(`error trying to reach service: dial tcp ${pod.status.podIP}:${wanted}: ${why}`),
      )
    const sent = request(
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
          .on('error', () => refused('read: connection reset by peer'))
          .on('end', () =>
            resolve({
              status: response.statusCode ?? 502,
              headers: Object.fromEntries(
                Object.entries(response.headers)
                  .filter(([name]) => !hopByHop.has(name))
                  .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
              ),
              body: Buffer.concat(parts),
            }),
          )
      },
    )
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => refused('connect: connection refused'))
    sent.end(call.body)
  })
}

async function reach(
  simulator: Simulator,
  cluster: KubeCluster,
  call: Call,
  pod: StoredObject,
  wanted: number,
  path: string,
) {
  const port = await localPort(simulator, cluster, pod, wanted)
  if (port === undefined)
    throw serviceUnavailable(
      `error trying to reach service: dial tcp ${pod.status?.podIP}:${wanted}: connect: connection refused`,
    )
  return forward(call, port, path, pod, wanted)
}

/** Sends the request to a ready pod of the service. Throws 503 while there is none. */
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
  const found = port
    ? ports.find((each) => each.name === port || String(each.port) === port)
    : ports.length === 1 || !ports.some((each) => each.name === '')
      ? ports[0]
      : undefined
  if (!found)
    throw serviceUnavailable(
      `no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`,
    )
  const pods = readyPods(cluster, service)
  const pod = pods[Math.floor(Math.random() * pods.length)]
  if (!pod) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`)
  return reach(simulator, cluster, call, pod, targetPort(pod, found), path)
}

/** Sends the request to the pod; to its first declared port unless one is named. */
export const proxyPod = (
  simulator: Simulator,
  cluster: KubeCluster,
  call: Call,
  pod: StoredObject,
  port: string,
  path: string,
): Promise<Reply> => {
  const declared = (pod.spec.containers as JsonObject[]).flatMap((each) => (each.ports ?? []) as JsonObject[])
  const wanted = port
    ? targetPort(pod, { targetPort: Number(port) || port })
    : (declared[0]?.containerPort ?? 80)
  return reach(simulator, cluster, call, pod, wanted, path)
}
