import type { JsonObject } from '../apis.ts'
import { createUsers, forgetUsers, serverPath } from '../database-fixture.ts'
import type { Fixture, SeededFault } from '../fault.ts'

const servers = { sql: 'SQL', postgres: 'PostgreSQL' } as const
type Server = keyof typeof servers

const change = (
  { apis }: Fixture,
  method: string,
  [server, part]: readonly [Server, string],
  body?: JsonObject,
) => apis.arm(method, `${serverPath(server)}${part}`, body)

const patch = (fixture: Fixture, server: Server, properties: JsonObject) =>
  change(fixture, 'PATCH', [server, ''], { properties })

const droppedUser = (server: Server): SeededFault => ({
  code: 'WI903',
  description: `the user on the ${servers[server]} server is dropped`,
  fixture: 'databases',
  api: { none: 'users are dropped by statements of an administrator' },
  seed: async (fixture) => forgetUsers(fixture, server),
  manualRemedy: createUsers,
})

const absentDatabase = (server: Server): SeededFault => ({
  code: 'WI907',
  description: `the database of the ${servers[server]} server is deleted`,
  fixture: 'databases',
  api: 'Resource Manager',
  seed: (fixture) => change(fixture, 'DELETE', [server, '/databases/shop']),
  manualRemedy: async (fixture) => {
    await change(fixture, 'PUT', [server, '/databases/shop'], { location: 'eastus', properties: {} })
    await createUsers(fixture)
  },
})

/** Faults of grants in databases. That servers don't answer is in the unit tests: it takes long. */
export const databaseFaults: SeededFault[] = [
  droppedUser('sql'),
  droppedUser('postgres'),
  absentDatabase('sql'),
  absentDatabase('postgres'),
  {
    code: 'WI905',
    description: 'the SQL server has no firewall rule for this address',
    fixture: 'databases',
    api: 'Resource Manager',
    seed: (fixture) => change(fixture, 'DELETE', ['sql', '/firewallRules/all']),
    manualRemedy: (fixture) =>
      change(fixture, 'PUT', ['sql', '/firewallRules/all'], {
        properties: { startIpAddress: '127.0.0.1', endIpAddress: '127.0.0.1' },
      }),
  },
  {
    code: 'WI906',
    description: 'the SQL server has no public network access',
    fixture: 'databases',
    api: 'Resource Manager',
    seed: (fixture) => patch(fixture, 'sql', { publicNetworkAccess: 'Disabled' }),
    manualRemedy: (fixture) => patch(fixture, 'sql', { publicNetworkAccess: 'Enabled' }),
  },
  {
    code: 'WI902',
    description: 'the PostgreSQL server accepts passwords only',
    fixture: 'databases',
    api: 'Resource Manager',
    seed: (fixture) =>
      patch(fixture, 'postgres', {
        administratorLogin: 'dba',
        authConfig: { activeDirectoryAuth: 'Disabled', passwordAuth: 'Enabled' },
      }),
    manualRemedy: (fixture) =>
      patch(fixture, 'postgres', {
        authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Disabled' },
      }),
  },
]
