import { StatementError, statementsIn } from '../databases/servers.ts'
import type { SqlUser } from '../databases/state.ts'
import type { Simulator } from '../simulator.ts'

const unquoted = (name: string) => (name.startsWith('[') ? name.slice(1, -1).replaceAll(']]', ']') : name)

const identifier = String.raw`(\[(?:[^\]]|\]\])+\]|\w+)`

/** Returns the bytes of a GUID as SQL Server stores them: the first three groups in little-endian order. */
export function sidOf(guid: string): string {
  const [first = '', second = '', third = '', ...rest] = guid.split('-')
  const reversed = (hex: string) => hex.match(/../g)!.reverse().join('')
  return [reversed(first), reversed(second), reversed(third), ...rest].join('').toUpperCase()
}

const roles = ['db_owner', 'db_datareader', 'db_datawriter', 'db_ddladmin', 'db_securityadmin']

type Users = Record<string, SqlUser>

function createUser(users: Users, [, name = '', sid = '']: RegExpExecArray): void {
  const plain = unquoted(name)
  if (users[plain.toLowerCase()] || Object.values(users).some((each) => each.sid === sid.toUpperCase()))
    throw new StatementError(
      '15023',
      `User, group, or role '${plain}' already exists in the current database.`,
    )
  users[plain.toLowerCase()] = { name: plain, sid: sid.toUpperCase(), roles: [] }
}

function addMember(users: Users, [, role = '', name = '']: RegExpExecArray): void {
  const user = users[unquoted(name).toLowerCase()]
  if (!user || !roles.includes(unquoted(role)))
    throw new StatementError(
      '15151',
      `Cannot ${user ? 'alter the role' : 'add the principal'} '${unquoted(user ? role : name)}', because it does not exist or you do not have permission.`,
    )
  if (!user.roles.includes(unquoted(role))) user.roles.push(unquoted(role))
}

const commands: [RegExp, (users: Users, match: RegExpExecArray) => void][] = [
  [
    new RegExp(
      `^CREATE\\s+USER\\s+${identifier}\\s+WITH\\s+SID\\s*=\\s*0x([0-9a-f]{32})\\s*,\\s*TYPE\\s*=\\s*E$`,
      'i',
    ),
    createUser,
  ],
  [new RegExp(`^ALTER\\s+ROLE\\s+${identifier}\\s+ADD\\s+MEMBER\\s+${identifier}$`, 'i'), addMember],
  [
    new RegExp(`^DROP\\s+USER\\s+${identifier}$`, 'i'),
    (users, [, name = '']) => void delete users[unquoted(name).toLowerCase()],
  ],
]

/** Runs statements as the administrator of the server: users and their roles. Throws `StatementError`. */
export function runSqlStatements(simulator: Simulator, databaseId: string, text: string): void {
  const all = simulator.state.databases.sqlUsers
  const users = all[databaseId.toLowerCase()] ?? {}
  all[databaseId.toLowerCase()] = users
  for (const statement of statementsIn(text)) {
    if (/^SET\s/i.test(statement)) continue
    const [match, run] = commands
      .map(([pattern, command]) => [pattern.exec(statement), command] as const)
      .find(([found]) => found) ?? [undefined, undefined]
    if (!match || !run) throw new StatementError('102', `The sandbox can't run: ${statement.slice(0, 200)}`)
    run(users, match)
  }
  simulator.markChanged()
}
