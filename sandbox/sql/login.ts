import { findProxy } from '../arm/accounts/proxy-resources.ts'
import { sqlDatabase, sqlFirewallRules } from '../arm/sql/databases.ts'
import { serverTypeName } from '../arm/sql/servers.ts'
import type { Resource } from '../arm/state.ts'
import { checkCaller, findAccount } from '../data-plane.ts'
import type { DatabaseClient } from '../databases/client.ts'
import { isAllowedAddress } from '../databases/servers.ts'
import type { CallerClaims } from '../entra/access-tokens.ts'
import { hasPublicAccess } from '../network-rules.ts'
import { sqlAudiences } from './index.ts'
import { sidOf } from './statements.ts'
import type { Login } from './tds.ts'

/** Why a login is refused: the number, state and text of the error. */
export interface LoginRefusal {
  number: number
  state: number
  message: string
}

export interface AcceptedLogin {
  databaseId: string
  isAdministrator: boolean
}

export const findSqlServer = ({ simulator, server }: Pick<DatabaseClient, 'simulator' | 'server'>) =>
  findAccount(simulator, serverTypeName, server)

const failed = "Login failed for user '<token-identified principal>'."
const notAccepted = {
  number: 18456,
  state: 235,
  message: `${failed} The server is not currently configured to accept this token.`,
}

interface Administrator {
  sid: string
}

/** Checks a login in the order of the service: network, token, database, user. */
export async function checkLogin(
  { simulator, address }: DatabaseClient,
  server: Resource,
  { database, token }: Login,
): Promise<AcceptedLogin | LoginRefusal> {
  const { id, name, properties } = server.body
  if (!hasPublicAccess(properties))
    return {
      number: 47073,
      state: 1,
      message:
        'The public network interface on this server is not accessible. To connect to this server, use the Private Endpoint from inside your virtual network.',
    }
  if (!isAllowedAddress(simulator, sqlFirewallRules, server, address))
    return {
      number: 40615,
      state: 1,
      message: `Cannot open server '${name}' requested by the login. Client with IP address '${address.replace(/^::ffff:/, '')}' is not allowed to access the server. To enable access, use the Azure Management Portal or run sp_set_firewall_rule on the master database to create a firewall rule for this IP address or address range. It may take up to five minutes for this change to take effect.`,
    }
  const administrator = properties.administrators as Administrator | undefined
  const caller = await checkCaller(token, simulator, sqlAudiences)
  if (typeof caller === 'string' || !administrator) return notAccepted
  const databaseId = `${id}/databases/${database || 'master'}`
  if (!findProxy(simulator, sqlDatabase, databaseId))
    return {
      number: 4060,
      state: 1,
      message: `Cannot open database "${database}" requested by the login. The login failed.`,
    }
  const isAdministrator = [caller.oid, caller.appid].includes(administrator.sid)
  if (!isAdministrator && !hasUser(simulator, databaseId, caller))
    return { number: 18456, state: 1, message: failed }
  return { databaseId, isAdministrator }
}

const hasUser = ({ state }: DatabaseClient['simulator'], databaseId: string, { appid }: CallerClaims) =>
  Object.values(state.databases.sqlUsers[databaseId.toLowerCase()] ?? {}).some(
    ({ sid }) => sid === sidOf(appid),
  )
