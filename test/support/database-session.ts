import type { SandboxOptions, Simulator } from '../../sandbox/index.ts'
import { rolesOf, runPostgresStatements } from '../../sandbox/postgresql/statements.ts'
import { runSqlStatements } from '../../sandbox/sql/statements.ts'
import { openArm } from './arm-session.ts'

const printed =
  /^-- (?:In|Then in) the database (\S+?)(?: of (\S+?))?, as [^\n]*:\n((?:(?!-- ).*(?:\n|$))*)/gm

/** Runs statements as wi-setup prints them, each list in its database, as the administrator. */
export function runPrinted(simulator: Simulator, text: string): void {
  let serverName = ''
  for (const [, database = '', named = serverName, lines = ''] of text.matchAll(printed)) {
    serverName = named
    const { id, type } = Object.values(simulator.state.arm.resources).find(
      ({ body }) => body.name === named,
    )!.body
    if (type === 'Microsoft.Sql/servers') runSqlStatements(simulator, `${id}/databases/${database}`, lines)
    else {
      const session = { simulator, serverId: id, database, user: 'administrator', isAdministrator: true }
      runPostgresStatements(session, lines)
    }
  }
}

/** Starts a sandbox with a SQL server and a PostgreSQL server, each with a database `shop` that every address may reach. */
export async function openDatabases(options: SandboxOptions = {}) {
  const arm = await openArm({ registered: true, ...options })
  await arm.prepare()
  const { simulator } = arm
  const { objectId, displayName, clientId } = arm.state.operator
  const sql = `${arm.providers}/Microsoft.Sql/servers/sql-shop`
  const postgres = `${arm.providers}/Microsoft.DBforPostgreSQL/flexibleServers/pg-shop`
  const put = async (id: string, properties: object = {}) => {
    const { status, body } = await arm.call('PUT', id, { location: 'eastus', properties })
    if (status >= 300) throw new Error(`${id}: ${status} ${JSON.stringify(body)}`)
  }
  const everyone = { startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' }
  const administrators = { login: displayName, sid: clientId, azureADOnlyAuthentication: true }
  await put(sql, { administrators })
  await put(postgres, { authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Disabled' } })
  await put(`${postgres}/administrators/${objectId}`, { principalName: displayName })
  for (const server of [sql, postgres]) {
    await put(`${server}/databases/shop`)
    await put(`${server}/firewallRules/all`, everyone)
  }
  return {
    ...arm,
    put,
    everyone,
    ids: { sql, postgres },
    /** Runs statements in the database of the SQL server, as its administrator. */
    runSql: (text: string) => runSqlStatements(simulator, `${sql}/databases/shop`, text),
    /** The same on the PostgreSQL server. */
    runPostgres: (database: string, text: string) =>
      runPostgresStatements(
        { simulator, serverId: postgres, database, user: displayName, isAdministrator: true },
        text,
      ),
    /** Removes every user. */
    forgetUsers() {
      arm.state.databases.sqlUsers = {}
      arm.state.databases.postgresRoles = {}
    },
    postgresRoles: () => rolesOf({ simulator, serverId: postgres }),
  }
}

export type Databases = Awaited<ReturnType<typeof openDatabases>>
