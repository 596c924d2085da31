import { databasesOf, postgresServer, sqlServer } from '../support/database-resources.ts'
import { runPrinted } from '../support/database-session.ts'
import type { InProcessEnvironment } from '../support/in-process.ts'
import type { Apis } from './apis.ts'
import { type Fixture, sandboxOf } from './fault.ts'

const group = '/resourceGroups/rg-score'

export const serverPath = (server: 'sql' | 'postgres') =>
  `${group}/providers/${server === 'sql' ? sqlServer : postgresServer}`

export const databaseGrants = [
  '--grant',
  'sql:sql-shop/shop=reader',
  '--grant',
  'postgres:pg-shop/shop=reader',
]

/** Creates a SQL server and a PostgreSQL server, each with the database `shop`. */
export async function createDatabases(apis: Apis): Promise<void> {
  for (const provider of ['Microsoft.Sql', 'Microsoft.DBforPostgreSQL'])
    await apis.arm('POST', `/providers/${provider}/register`)
  await apis.arm('PUT', group, { location: 'eastus' })
  for (const [path, body] of [...databasesOf(sqlServer), ...databasesOf(postgresServer)])
    await apis.arm('PUT', `${group}/providers/${path}`, { location: 'eastus', ...body })
}

/** Runs the statements that this command prints, as an administrator does. */
export async function runStatementsOf(
  environment: InProcessEnvironment,
  args: readonly string[],
  cwd: string,
): Promise<void> {
  const { json } = await environment.run([...args, '--yes', '--output', 'json'], { cwd })
  runPrinted(environment.sandbox.simulator, String(json.outputs.statements))
}

/** Removes all users, and creates those of the fixture's workload. */
export async function createUsers(fixture: Fixture): Promise<void> {
  const environment = sandboxOf(fixture)
  for (const server of ['sql', 'postgres'] as const) forgetUsers(fixture, server)
  await runStatementsOf(environment, ['grant', ...environment.cloud], fixture.cwd)
}

export function forgetUsers(fixture: Fixture, server: 'sql' | 'postgres'): void {
  sandboxOf(fixture).sandbox.state.databases[server === 'sql' ? 'sqlUsers' : 'postgresRoles'] = {}
}
