import { findProxy, proxiesOf } from '../arm/accounts/proxy-resources.ts'
import { postgresAdministrator, postgresDatabase } from '../arm/postgresql/databases.ts'
import type { Resource } from '../arm/state.ts'
import { checkCaller } from '../data-plane.ts'
import type { Simulator } from '../simulator.ts'
import { postgresAudiences } from './index.ts'
import { type PostgresSession, rolesOf } from './statements.ts'

/** Why a login is refused: SQLSTATE and text. */
export interface PostgresRefusal {
  code: string
  message: string
}

const badTokens = {
  missing: 'The access token has invalid format. Please acquire a new token and retry.',
  invalid: 'The access token has invalid format. Please acquire a new token and retry.',
  expired: 'The access token has expired. Please acquire a new token and retry.',
  wrongAudience:
    'The access token does not have a valid audience claim. Please acquire a new token and retry.',
  wrongTenant:
    'The access token is not issued by the tenant of the server. Please acquire a new token and retry.',
}

/** Checks the password, which is a token if the server accepts these. */
export async function checkPassword(
  simulator: Simulator,
  server: Resource,
  { user, database, password }: { user: string; database: string; password: string },
): Promise<PostgresSession | PostgresRefusal> {
  const serverId = server.body.id
  const unknown = { code: '28P01', message: `password authentication failed for user "${user}"` }
  const { activeDirectoryAuth } = server.body.properties.authConfig as { activeDirectoryAuth?: string }
  if (activeDirectoryAuth !== 'Enabled') return unknown
  const administrator = proxiesOf(simulator, postgresAdministrator, serverId).find(
    ({ body }) => body.properties.principalName === user,
  )
  const objectId = administrator?.body.properties.objectId ?? rolesOf({ simulator, serverId })[user]?.objectId
  if (objectId === undefined) return unknown
  const caller = await checkCaller(password, simulator, postgresAudiences)
  if (typeof caller === 'string') return { code: '28000', message: badTokens[caller] }
  if (caller.oid !== objectId)
    return {
      code: '28000',
      message: `Service Principals cannot generate AAD_AUTH_TOKENTYPE_APP_USER tokens for role[${user}]`,
    }
  if (!findProxy(simulator, postgresDatabase, `${serverId}/databases/${database}`))
    return { code: '3D000', message: `database "${database}" does not exist` }
  return { simulator, serverId, database, user, isAdministrator: administrator !== undefined }
}
