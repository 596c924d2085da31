import { readFileSync } from 'node:fs'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { Agent, createServer, request } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { issueServerCertificate } from '../../sandbox/index.ts'

/** The fault of a request: it is dropped, its response is lost, it is delayed, or it is sent twice at once. */
export type ProxyFault = 'none' | 'drop' | 'lose' | 'delay' | 'double'

export interface FaultyProxy {
  /** Value of HTTPS_PROXY. */
  url: string
  /** How often each fault happened. */
  counts: Record<string, number>
  close(): void
}

interface Response {
  status: number
  headers: NodeJS.Dict<string | string[]>
  body: Buffer
}

async function bodyOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}

/** Returns a function that sends a request on to the sandbox. */
function forwarder(agent: Agent, port: number) {
  return (incoming: IncomingMessage, body: Buffer) =>
    new Promise<Response>((resolve, reject) => {
      const { method, url: path, headers } = incoming
      const servername = headers.host!.replace(/:\d+$/, '')
      const outgoing = request(
        { agent, method, path, headers, host: '127.0.0.1', port, servername },
        async (response) =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            body: await bodyOf(response),
          }),
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    })
}

const listen = (server: Server | ReturnType<typeof createServer>) =>
  new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  )

/** Returns an HTTP server that opens a tunnel to this port for each CONNECT, whatever its target. */
function tunnelTo(port: number): Server {
  return createHttpServer().on('connect', (_, socket, head) => {
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(socket).pipe(upstream)
    })
    for (const each of [upstream, socket])
      each.on('error', () => {
        upstream.destroy()
        socket.destroy()
      })
  })
}

/**
 * Starts a proxy between the program and a sandbox. It terminates TLS with a certificate of the sandbox's own
 * authority; `faultOf` decides what happens to the n-th request.
 */
export async function startFaultyProxy(
  sandbox: { caFile: string; port: number; names: string[] },
  faultOf: (n: number) => ProxyFault,
): Promise<FaultyProxy> {
  const cert = readFileSync(sandbox.caFile, 'utf8')
  const authority = { cert, key: readFileSync(sandbox.caFile.replace('ca.pem', 'ca-key.pem'), 'utf8') }
  const leaf = await issueServerCertificate(authority, { dns: sandbox.names, ip: ['127.0.0.1'] })
  const agent = new Agent({ keepAlive: true, ca: cert })
  const forward = forwarder(agent, sandbox.port)
  const counts: Record<string, number> = {}
  let count = 0

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = await bodyOf(incoming)
    const fault = faultOf(++count)
    counts[fault] = (counts[fault] ?? 0) + 1
    try {
      if (fault === 'drop') return void outgoing.destroy()
      if (fault === 'delay') await delay(60)
      const copies = fault === 'double' ? 2 : 1
      const responses = await Promise.all(Array.from({ length: copies }, () => forward(incoming, body)))
      if (fault === 'lose') return void outgoing.destroy()
      const { status, headers, body: answer } = responses.at(-1)!
      delete headers['transfer-encoding']
      outgoing.writeHead(status, headers).end(answer)
    } catch {
      outgoing.destroy()
    }
  }
  const inner = createServer(leaf, handle)
  const outer = tunnelTo(await listen(inner))
  return {
    url: `http://127.0.0.1:${await listen(outer)}`,
    counts,
    close() {
      agent.destroy()
      for (const server of [outer, inner]) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}
