import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { DatabaseClient } from '../databases/client.ts'
import { isSslRequest } from '../postgresql/messages.ts'
import { services } from '../services.ts'
import type { Simulator } from '../simulator.ts'
import type { CertificateAndKey } from './certificates.ts'
import { locate } from './locate.ts'

/** What a client of Azure SQL asks for in its TLS handshake. */
export const sqlProtocol = 'tds/8.0'

interface Context {
  simulator: Simulator
  domain: string | undefined
  certificate: CertificateAndKey
  /** How long (ms) a client may send nothing at first. */
  patience: number
}

type Take<S> = (socket: S, pass: () => void) => void

/** Lets another listener see connections first; what it passes goes to the listeners of the server. */
function takeFirst<S extends Socket>(
  server: Server,
  event: 'connection' | 'secureConnection',
  take: Take<S>,
): void {
  const own = server.listeners(event) as ((socket: Socket) => void)[]
  server.removeAllListeners(event)
  server.on(event as 'connection', (socket: Socket) =>
    take(socket as S, () => {
      for (const each of own) each.call(server, socket)
    }),
  )
}

/**
 * Serves clients of databases, which don't speak HTTP, on the port of all services: those of PostgreSQL by their first
 * bytes, those of Azure SQL by the protocol that they negotiate.
 */
export function answerDatabaseClients(server: Server, context: Context): { close: () => void } {
  const open = new Set<Socket>()
  const track = (socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
  }
  takeFirst<Socket>(server, 'connection', (socket, pass) => {
    socket.setTimeout(context.patience, () => socket.destroy())
    const abandon = () => socket.destroy()
    socket.on('error', abandon)
    socket.once('readable', () => {
      const first = socket.read() as Buffer | null
      socket.setTimeout(0)
      socket.removeAllListeners('timeout')
      if (first === null) return void socket.destroy()
      if (!isSslRequest(first)) {
        socket.off('error', abandon)
        socket.unshift(first)
        return pass()
      }
      track(socket)
      socket.write('S')
      const secure = new TLSSocket(socket, {
        isServer: true,
        secureContext: createSecureContext(context.certificate),
      })
      track(secure)
      secure.once('secure', () => serve(secure, 'postgresql', context))
    })
  })
  takeFirst<TLSSocket>(server, 'secureConnection', (socket, pass) => {
    if (socket.alpnProtocol !== sqlProtocol) return pass()
    track(socket)
    serve(socket, 'sql', context)
  })
  return {
    close() {
      for (const socket of open) socket.destroy()
    },
  }
}

function serve(socket: TLSSocket, service: 'sql' | 'postgresql', { simulator, domain }: Context): void {
  const { servername } = socket as TLSSocket & { servername?: string | false }
  const found = servername ? locate(services, servername.toLowerCase(), '/', domain) : undefined
  if (found?.service.name !== service || found.resource === undefined) return void socket.destroy()
  const client: DatabaseClient = {
    socket,
    simulator,
    server: found.resource,
    address: socket.remoteAddress ?? '',
  }
  serveClient(service, client).catch(() => socket.destroy())
}

async function serveClient(service: 'sql' | 'postgresql', client: DatabaseClient): Promise<void> {
  for (const each of services) each.advance?.(client.simulator)
  // Only who connects to databases pays for these.
  if (service === 'sql') await (await import('../sql/serve.ts')).serveSql(client)
  else await (await import('../postgresql/serve.ts')).servePostgres(client)
}
