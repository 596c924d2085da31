import { postgresFirewallRules } from '../arm/postgresql/databases.ts'
import { serverTypeName } from '../arm/postgresql/servers.ts'
import type { Resource } from '../arm/state.ts'
import { findAccount } from '../data-plane.ts'
import { byteReader, Disconnected } from '../databases/byte-reader.ts'
import type { DatabaseClient } from '../databases/client.ts'
import { isAllowedAddress, StatementError } from '../databases/servers.ts'
import { hasPublicAccess } from '../network-rules.ts'
import { checkPassword } from './login.ts'
import {
  askForPassword,
  errorResponse,
  readMessage,
  readStartup,
  readyForQuery,
  sessionStart,
} from './messages.ts'
import { type PostgresSession, runPostgresStatements } from './statements.ts'

/** Serves a connection until the client ends it: the login, then simple queries. */
export async function servePostgres(client: DatabaseClient): Promise<void> {
  const { socket, simulator } = client
  try {
    const server = findAccount(simulator, serverTypeName, client.server)
    const isReachable = server && canConnect(client, server)
    // A closed firewall drops packets: the client waits in vain.
    if (server && !isReachable) return
    if (server) await converse(client, server)
    socket.end()
  } catch (error) {
    socket.end()
    if (!(error instanceof Disconnected || error instanceof RangeError)) throw error
  }
}

const canConnect = ({ simulator, address }: DatabaseClient, server: Resource) =>
  hasPublicAccess(server.body.properties.network as Record<string, unknown>) &&
  isAllowedAddress(simulator, postgresFirewallRules, server, address)

async function converse({ socket, simulator }: DatabaseClient, server: Resource): Promise<void> {
  const read = byteReader(socket)
  const { user = '', database = user } = await readStartup(read)
  socket.write(askForPassword)
  const [type, body] = await readMessage(read)
  if (type !== 'p') return
  const login = { user, database, password: body.toString().replace(/\0$/, '') }
  const session = await checkPassword(simulator, server, login)
  if ('code' in session) return void socket.write(errorResponse('FATAL', session.code, session.message))
  socket.write(sessionStart())
  for (;;) {
    const [query, text] = await readMessage(read)
    if (query === 'X') return
    if (query === 'Q') socket.write(answer(session, text.toString().replace(/\0$/, '')))
    // The extended protocol: the error is reported when the client is done.
    else if (query === 'S')
      socket.write(
        Buffer.concat([
          errorResponse('ERROR', '0A000', 'The sandbox serves simple queries only'),
          readyForQuery,
        ]),
      )
  }
}

function answer(session: PostgresSession, text: string): Buffer {
  try {
    return Buffer.concat([...runPostgresStatements(session, text), readyForQuery])
  } catch (error) {
    if (!(error instanceof StatementError)) throw error
    return Buffer.concat([errorResponse('ERROR', error.code, error.message), readyForQuery])
  }
}
