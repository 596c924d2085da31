import { createServer } from 'node:http'
import { UsageError } from '../base/usage-error.ts'
import type { Kubernetes } from '../clients/kubernetes.ts'
import type { Invocation } from '../session/invocation.ts'
import { sampleName } from '../steps/sample.ts'
import { setUp } from './set-up.ts'

/** Deploys the example app; with `--port`, serves it on localhost until Ctrl-C. */
export async function sample(invocation: Invocation): Promise<number> {
  const { port } = invocation.globals
  if (port !== undefined && !(/^\d+$/.test(port) && Number(port) <= 65535))
    throw new UsageError(`--port ${JSON.stringify(port)} is not a port from 0 to 65535`)
  return setUp(
    invocation,
    'apply',
    port === undefined ? undefined : (kube, namespace) => serve(invocation, kube, namespace, Number(port)),
  )
}

/** Hands GET requests on loopback through the API server's proxy to the app. Only names that a browser gives for loopback are answered. */
async function serve(
  { world, globals }: Invocation,
  kube: Kubernetes,
  namespace: string,
  port: number,
): Promise<void> {
  const server = createServer(async (request, response) => {
    const host = request.headers.host?.replace(/:\d+$/, '')
    if (request.method !== 'GET' || !['localhost', '127.0.0.1', '[::1]'].includes(host ?? ''))
      return void response.writeHead(403).end()
    try {
      const { status, body } = await kube.proxyGet(
        namespace,
        `${sampleName}:80`,
        (request.url ?? '/').replace(/^\//, ''),
      )
      response
        .writeHead(status, {
          'content-type': /^\s*</.test(body) ? 'text/html; charset=utf-8' : 'application/json',
          'cache-control': 'no-store',
        })
        .end(body)
    } catch (error) {
      response.writeHead(502).end(`${(error as Error).message}\n`)
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new UsageError(`--port ${port} cannot be used: ${error.code}`)),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: bound } = server.address() as { port: number }
  // The standard output takes one JSON document and nothing else.
  const json = (globals.output ?? world.env.WI_SETUP_OUTPUT) === 'json'
  ;(json ? world.stderr : world.stdout).write(`http://localhost:${bound}/\n`)
  if (!world.signal.aborted)
    await new Promise((resolve) => world.signal.addEventListener('abort', resolve, { once: true }))
  server.close()
  server.closeAllConnections()
}
