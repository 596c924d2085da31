import { StatementError, statementsIn } from '../databases/servers.ts'
import type { PostgresRole } from '../databases/state.ts'
import { isGuid } from '../guid.ts'
import type { Simulator } from '../simulator.ts'
import { commandComplete, textRow } from './messages.ts'

/** Who runs a statement, and where. */
export interface PostgresSession {
  simulator: Simulator
  serverId: string
  database: string
  user: string
  isAdministrator: boolean
}

/** Returns the roles of a server, by name. */
export function rolesOf({
  simulator,
  serverId,
}: Pick<PostgresSession, 'simulator' | 'serverId'>): Record<string, PostgresRole> {
  const all = simulator.state.databases.postgresRoles
  const roles = all[serverId.toLowerCase()] ?? {}
  all[serverId.toLowerCase()] = roles
  return roles
}

const literal = "'((?:[^']|'')*)'"
const createPrincipal = new RegExp(
  `^SELECT\\s+\\*\\s+FROM\\s+(?:pg_catalog\\.)?pgaadauth_create_principal_with_oid\\(\\s*${literal}\\s*,\\s*${literal}\\s*,\\s*${literal}\\s*,\\s*(true|false)\\s*,\\s*(true|false)\\s*\\)$`,
  'i',
)

function requireAdministrator({ isAdministrator }: PostgresSession): void {
  if (!isAdministrator) throw new StatementError('42501', 'permission denied')
}

function create(
  session: PostgresSession,
  [, quoted = '', objectId = '', type = '']: RegExpExecArray,
): Buffer {
  requireAdministrator(session)
  const name = quoted.replaceAll("''", "'")
  if (session.database !== 'postgres')
    throw new StatementError(
      '42883',
      'function pgaadauth_create_principal_with_oid(unknown, unknown, unknown, boolean, boolean) does not exist',
    )
  if (!isGuid(objectId)) throw new StatementError('22023', `invalid object ID "${objectId}"`)
  const roles = rolesOf(session)
  if (roles[name]) throw new StatementError('42710', `role "${name}" already exists`)
  roles[name] = { objectId: objectId.toLowerCase(), type, grants: [] }
  return textRow('pgaadauth_create_principal_with_oid', `Created role for "${name}"`)
}

const nameIn = (statement: string) =>
  /\sTO\s+"((?:[^"]|"")+)"$/i.exec(statement)?.[1]?.replaceAll('""', '"') ??
  /\sTO\s+(\w+)$/i.exec(statement)?.[1]?.toLowerCase()

function grantTo(session: PostgresSession, statement: string): Buffer {
  requireAdministrator(session)
  const name = nameIn(statement) ?? ''
  const role: PostgresRole | undefined = rolesOf(session)[name]
  if (!role) throw new StatementError('42704', `role "${name}" does not exist`)
  role.grants.push(`${session.database}: ${statement}`)
  return commandComplete(statement.startsWith('ALTER') ? 'ALTER DEFAULT PRIVILEGES' : 'GRANT')
}

function runOne(session: PostgresSession, statement: string): Buffer {
  const created = createPrincipal.exec(statement)
  if (created) return create(session, created)
  if (/^(?:GRANT|ALTER\s+DEFAULT\s+PRIVILEGES)\s/i.test(statement)) return grantTo(session, statement)
  if (/^SELECT\s+current_user$/i.test(statement)) return textRow('current_user', session.user)
  const [, command] = /^(BEGIN|COMMIT|ROLLBACK|SET)\b/i.exec(statement) ?? []
  if (command) return commandComplete(command.toUpperCase())
  throw new StatementError('0A000', `The sandbox can't run: ${statement.slice(0, 200)}`)
}

/** Runs statements, and returns their responses. Throws `StatementError` at the first that fails. */
export function runPostgresStatements(session: PostgresSession, text: string): Buffer[] {
  const responses = statementsIn(text).map((each) => runOne(session, each.replace(/;$/, '')))
  session.simulator.markChanged()
  return responses
}
