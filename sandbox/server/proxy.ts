import { createServer, type Server, type ServerOptions } from 'node:http'
import { connect } from 'node:net'

/**
 * Creates the CONNECT proxy for programs that can't resolve names below `localhost`. It connects to the sandbox only.
 */
export function createProxy(
  options: ServerOptions,
  sandbox: { host: string; port: number; isOwnHost: (hostname: string) => boolean },
): Server {
  const server = createServer(options, (_, response) => response.writeHead(405).end())
  server.on('connect', (request, socket, head) => {
    const [, name = '', port] = /^([^:@/]+):(\d+)$/.exec(request.url ?? '') ?? []
    socket.on('error', () => socket.destroy())
    if (!sandbox.isOwnHost(name.toLowerCase()) || Number(port) !== sandbox.port)
      return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const upstream = connect(sandbox.port, sandbox.host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on('error', () => socket.destroy())
  })
  return server
}
