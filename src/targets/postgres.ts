import { databaseRefusal, databaseServer, userName } from './database.ts'
import type { Target } from './target.ts'

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`

interface Privileges {
  database: string
  schema: string
  tables: string
  sequences?: string
}

const privileges: Record<string, Privileges> = {
  reader: { database: 'CONNECT', schema: 'USAGE', tables: 'SELECT' },
  contributor: {
    database: 'CONNECT',
    schema: 'USAGE',
    tables: 'SELECT, INSERT, UPDATE, DELETE',
    sequences: 'USAGE, SELECT',
  },
  owner: { database: 'ALL', schema: 'ALL', tables: 'ALL', sequences: 'ALL' },
}

function grantsOf(word: string, database: string, role: string): string[] {
  const all = privileges[word]!
  const objects = [
    ['TABLES', all.tables] as const,
    ...(all.sequences ? [['SEQUENCES', all.sequences] as const] : []),
  ]
  return [
    `GRANT ${all.database} ON DATABASE ${quoted(database)} TO ${quoted(role)};`,
    `GRANT ${all.schema} ON SCHEMA public TO ${quoted(role)};`,
    ...objects.flatMap(([kind, rights]) => [
      `GRANT ${rights} ON ALL ${kind} IN SCHEMA public TO ${quoted(role)};`,
      `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ${rights} ON ${kind} TO ${quoted(role)};`,
    ]),
  ]
}

const role = (word: string) => ({
  word,
  id: word,
  name: `${privileges[word]!.tables} on tables`,
  action: '',
  plane: 'data' as const,
})

/** A database of a PostgreSQL flexible server. Source: management of Microsoft Entra roles in Azure Database for PostgreSQL. */
export const postgres: Target = {
  ...databaseServer,
  name: 'postgres',
  form: 'postgres:SERVER/DATABASE',
  example: 'postgres:pg-shop/shop=reader',
  type: 'Microsoft.DBforPostgreSQL/flexibleServers',
  apiVersion: '2024-08-01',
  resourceTitle: 'PostgreSQL server',
  roles: [role('reader'), role('contributor'), role('owner')],
  names: {
    allowed:
      'server: 3 to 63 lowercase letters, digits and hyphens; database: up to 63 characters without spaces and slashes',
    resource: /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
    entity: /^[^/\s=]{1,63}$/,
  },
  isPublic: ({ properties }) => {
    const { publicNetworkAccess, delegatedSubnetResourceId } = (properties.network ?? {}) as Record<
      string,
      string
    >
    return publicNetworkAccess !== 'Disabled' && !delegatedSubnetResourceId
  },
  entraDisabled({ properties }) {
    const { activeDirectoryAuth } = (properties.authConfig ?? {}) as Record<string, string>
    return activeDirectoryAuth === 'Enabled'
      ? undefined
      : {
          is: 'PostgreSQL passwords only',
          should: 'Microsoft Entra authentication, and an administrator for it',
        }
  },
  refusal: (error) => {
    // One code for all: the text says whether the role or the token is wrong.
    if (/^The access token /.test(error.message)) return 'token'
    if (/^no pg_hba\.conf entry/.test(error.message)) return 'network'
    return refusedBy(error)
  },
  statements({ resource, entity, role: { word } }, { name, principalId }) {
    const server = resource.split('/').at(-1)
    const own = userName(name)
    return [
      {
        where: `In the database postgres of ${server}, as its Microsoft Entra administrator`,
        lines: [
          `SELECT * FROM pg_catalog.pgaadauth_create_principal_with_oid(${literal(own)}, ${literal(principalId ?? '…')}, 'service', false, false);`,
        ],
      },
      {
        where: `Then in the database ${entity}, as the owner of its tables`,
        lines: grantsOf(word, entity!, own),
      },
    ]
  },
}

const refusedBy = databaseRefusal({
  '28P01': 'role',
  '28000': 'role',
  PasswordExpected: 'role',
  '3D000': 'entity',
})
