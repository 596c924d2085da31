import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { sha256 } from '../../base/sha256.ts'
import { UsageError } from '../../base/usage-error.ts'
import type { Kubernetes } from '../../clients/kubernetes.ts'
import { sampleName } from '../../steps/sample-manifests.ts'

interface Target {
  kube: Kubernetes
  namespace: string
}

/** Paths of the sample that are forwarded. */
const sharedPath = /^(healthz|openapi\.json|secrets\/[0-9a-zA-Z-]{1,127})?$/

const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/**
 * Serves the sample app on loopback until the signal, through the API server's proxy. Its address has a random token,
 * because other users of this machine reach the port, too. Writes the address to `announce`.
 */
export async function serveSample(
  options: Target & {
    /** 0 picks a free port. */
    port: number
    announce: NodeJS.WritableStream
    signal: AbortSignal
  },
): Promise<void> {
  const { port, announce, signal } = options
  const token = randomBytes(24).toString('base64url')
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 20_000 }, (request, response) =>
    answer(options, sha256(token), request, response),
  )
  server.maxConnections = 50
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new UsageError(`--port ${port} can't be used: ${error.code}`)),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  // Not `localhost`: another user may listen on the same port of ::1, and would be sent the token.
  announce.write(`http://127.0.0.1:${(server.address() as { port: number }).port}/${token}/\n`)
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  server.close()
  server.closeAllConnections()
}

async function answer(
  target: Target,
  tokenDigest: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const send = (status: number, type: string, body: string) =>
    response.writeHead(status, { 'content-type': type, ...headers }).end(body)
  try {
    // Other host names reach this port by DNS rebinding: a web page must not read the secret.
    const host = request.headers.host?.replace(/:\d+$/, '') ?? ''
    const [, token = '', path = ''] = /^\/([^/?#]*)\/([^?#]*)$/.exec(request.url ?? '') ?? []
    const isAllowed = timingSafeEqual(sha256(token), tokenDigest)
    if (!isAllowed || request.method !== 'GET' || !['localhost', '127.0.0.1'].includes(host))
      return void send(403, 'text/plain', 'Open the address that wi-setup has printed, with its token\n')
    if (!sharedPath.test(path)) return void send(404, 'text/plain', 'Not found\n')
    const { status, body } = await target.kube.proxyGet(target.namespace, `${sampleName}:80`, path)
    send(status, path ? 'application/json' : 'text/html; charset=utf-8', body)
  } catch (error) {
    if (response.headersSent) response.destroy()
    else send(502, 'text/plain', `${(error as Error).message}\n`)
  }
}
