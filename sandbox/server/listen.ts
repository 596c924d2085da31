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
