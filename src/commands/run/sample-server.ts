import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { UsageError } from '../../base/usage-error.ts'
import type { Kubernetes } from '../../clients/kubernetes.ts'
import { sampleName } from '../../steps/sample.ts'

/**
 * Serves the sample app on localhost until the signal, through the API server's proxy. Writes the address to `announce`.
 */
export async function serveSample(options: {
  kube: Kubernetes
  namespace: string
  /** 0 picks a free port. */
  port: number
  announce: NodeJS.WritableStream
  signal: AbortSignal
}): Promise<void> {
  const { kube, namespace, port, announce, signal } = options
  const server = createServer((request, response) => forward(kube, namespace, request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new UsageError(`--port ${port} can't be used: ${error.code}`)),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  announce.write(`http://localhost:${(server.address() as { port: number }).port}/\n`)
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  server.close()
  server.closeAllConnections()
}

async function forward(
  kube: Kubernetes,
  namespace: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Other host names reach this port by DNS rebinding: a web page must not read the secret.
  const host = request.headers.host?.replace(/:\d+$/, '') ?? ''
  if (request.method !== 'GET' || !['localhost', '127.0.0.1', '[::1]'].includes(host))
    return void response.writeHead(403).end()
  try {
    const path = (request.url ?? '/').replace(/^\//, '')
    const { status, body } = await kube.proxyGet(namespace, `${sampleName}:80`, path)
    const type = /^\s*</.test(body) ? 'text/html; charset=utf-8' : 'application/json'
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
  } catch (error) {
    response.writeHead(502).end(`${(error as Error).message}\n`)
  }
}
