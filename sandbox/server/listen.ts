import type { Server } from 'node:http'

/** Maximum number of simultaneous connections. A set-up uses a few. */
export const maxConnections = 1000

/** Limits (ms) that disconnect clients which are slow on purpose. */
export const timeouts = (ms = 10_000) => ({
  handshakeTimeout: ms,
  headersTimeout: ms,
  requestTimeout: 6 * ms,
  connectionsCheckingInterval: Math.ceil(ms / 4),
})

/** Starts listening and returns the port. Rejects with `EADDRINUSE` if it is taken. */
export const listen = (server: Server, port: number, host: string) =>
  new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as { port: number }).port)
    })
  })

/** Returns a function that refuses connections for a time (ms) while open requests are still served. */
export function connectionPause(server: Server, port: number, host: string) {
  let timer: NodeJS.Timeout | undefined
  return {
    pause(ms: number): void {
      if (timer || !server.listening) return
      server.close()
      timer = setTimeout(() => {
        timer = undefined
        server.listen(port, host)
      }, ms)
    },
    stop: () => clearTimeout(timer),
  }
}

const errorStatuses: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/**
 * Answers what is no valid request as Node.js does, but ends the connection only when the answer has been sent: a
 * connection whose first bytes were looked at is reset otherwise.
 */
export function answerInvalidRequests(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const code = error.code ?? ''
    // The rest of the same request is reported again.
    if (socket.writableEnded) return
    if (!socket.writable || !/^(HPE_|ERR_HTTP_)/.test(code)) return void socket.destroy(error)
    const status = errorStatuses[code] ?? '400 Bad Request'
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy())
  })
}
