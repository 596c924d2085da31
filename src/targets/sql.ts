import { databaseRefusal, databaseServer, userName } from './database.ts'
import type { Target } from './target.ts'

const quoted = (name: string) => `[${name.replaceAll(']', ']]')}]`

/** Returns the bytes of a GUID as SQL Server stores them: the first three groups in little-endian order. */
export function sidOf(guid: string): string {
  const [first = '', second = '', third = '', ...rest] = guid.split('-')
  const reversed = (hex: string) => (hex.match(/../g) ?? []).reverse().join('')
  return `0x${[reversed(first), reversed(second), reversed(third), ...rest].join('').toUpperCase()}`
}

const memberOf: Record<string, readonly string[]> = {
  reader: ['db_datareader'],
  contributor: ['db_datareader', 'db_datawriter'],
  owner: ['db_owner'],
}

const role = (word: string) => ({
  word,
  id: memberOf[word]!.join(' and '),
  name: memberOf[word]!.join(' and '),
  action: '',
  plane: 'data' as const,
})

/** A database of Azure SQL. Source: CREATE USER and sys.database_principals in the reference of SQL Server. */
export const sql: Target = {
  ...databaseServer,
  name: 'sql',
  form: 'sql:SERVER/DATABASE',
  example: 'sql:sql-shop/shop=reader',
  type: 'Microsoft.Sql/servers',
  apiVersion: '2021-11-01',
  resourceTitle: 'SQL server',
  roles: [role('reader'), role('contributor'), role('owner')],
  names: {
    allowed:
      'server: up to 63 lowercase letters, digits and hyphens; database: up to 128 characters without < > * % & : \\ / ?',
    resource: /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    entity: /^[^<>*%&:\\/?=]{1,128}$/,
  },
  isPublic: ({ properties }) => properties.publicNetworkAccess !== 'Disabled',
  entraDisabled: ({ properties }) =>
    properties.administrators
      ? undefined
      : {
          is: 'SQL logins only',
          should: 'a Microsoft Entra administrator, who can create users for identities',
        },
  // The same number for both: only the text says whether the token or the user is wrong.
  refusal: (error) =>
    /not currently configured to accept this token/.test(error.message) ? 'token' : refusedBy(error),
  statements({ resource, entity, role: { word } }, { name, clientId }) {
    const user = quoted(userName(name))
    return [
      {
        where: `In the database ${entity} of ${resource.split('/').at(-1)}, as its Microsoft Entra administrator`,
        // The SID needs no directory permission of the server, unlike FROM EXTERNAL PROVIDER.
        lines: [
          `CREATE USER ${user} WITH SID = ${clientId === undefined ? '0x…' : sidOf(clientId)}, TYPE = E;`,
          ...memberOf[word]!.map((each) => `ALTER ROLE ${each} ADD MEMBER ${user};`),
        ],
      },
    ]
  },
}

const refusedBy = databaseRefusal({
  18456: 'role',
  40615: 'network',
  47073: 'network',
  4060: 'entity',
  40532: 'entity',
})
