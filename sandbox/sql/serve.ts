import { byteReader, Disconnected } from '../databases/byte-reader.ts'
import type { DatabaseClient } from '../databases/client.ts'
import { StatementError } from '../databases/servers.ts'
import { type AcceptedLogin, checkLogin, findSqlServer } from './login.ts'
import { runSqlStatements } from './statements.ts'
import {
  doneToken,
  errorToken,
  loginTokens,
  packet,
  packetTypes,
  parseLogin,
  preloginResponse,
  readMessage,
} from './tds.ts'

/** Serves a connection until the client ends it: the login, then statements of the administrator. */
export async function serveSql(client: DatabaseClient): Promise<void> {
  const { socket } = client
  try {
    await converse(client)
  } catch (error) {
    // What a client sends may be anything.
    if (!(error instanceof Disconnected || error instanceof RangeError || error instanceof TypeError))
      throw error
  } finally {
    socket.end()
  }
}

async function converse(client: DatabaseClient): Promise<void> {
  const { socket, server: name } = client
  const read = byteReader(socket)
  const respond = (...tokens: Buffer[]) => socket.write(packet(packetTypes.response, Buffer.concat(tokens)))
  const server = findSqlServer(client)
  if (!server) return
  let login: AcceptedLogin | undefined
  for (;;) {
    const { type, data } = await readMessage(read)
    if (type === packetTypes.prelogin) respond(preloginResponse)
    else if (type === packetTypes.login) {
      const checked = await checkLogin(client, server, parseLogin(data))
      if ('number' in checked)
        return void respond(errorToken(checked.number, checked.state, checked.message, name), doneToken(true))
      login = checked
      respond(loginTokens(), doneToken())
    } else if (type === packetTypes.batch && login) respond(...runBatch(client, login, data))
    else return
  }
}

function runBatch({ simulator, server }: DatabaseClient, login: AcceptedLogin, data: Buffer): Buffer[] {
  const text = data.subarray(data.readUInt32LE(0)).toString('utf16le')
  try {
    if (!login.isAdministrator && !/^\s*(?:SET\s[^;]*;?\s*)*$/i.test(text))
      throw new StatementError('229', 'The sandbox runs only statements of the administrator.')
    runSqlStatements(simulator, login.databaseId, text)
    return [doneToken()]
  } catch (error) {
    if (!(error instanceof StatementError)) throw error
    return [errorToken(Number(error.code), 1, error.message, server), doneToken(true)]
  }
}
