import type { TLSSocket } from 'node:tls'
import type { Simulator } from '../simulator.ts'

/** A client of a database server, after the TLS handshake. */
export interface DatabaseClient {
  socket: TLSSocket
  simulator: Simulator
  /** The server in the host name that the client asked for: `sql-shop` of `sql-shop.database.localhost`. */
  server: string
  address: string
}
