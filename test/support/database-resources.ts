/** A resource to create: its path below `…/providers/`, and its body. */
export type Resource = readonly [path: string, body: object]

export const sqlServer = 'Microsoft.Sql/servers/sql-shop'
export const postgresServer = 'Microsoft.DBforPostgreSQL/flexibleServers/pg-shop'

/** A server with one database, which every address may reach and tokens sign in to. */
export const databasesOf = (server: string): Resource[] => [
  [
    server,
    {
      properties: {
        administrators: { login: 'dba', sid: '11111111-2222-4333-8444-555555555555' },
        authConfig: { activeDirectoryAuth: 'Enabled', passwordAuth: 'Disabled' },
      },
    },
  ],
  [`${server}/databases/shop`, {}],
  [
    `${server}/firewallRules/all`,
    { properties: { startIpAddress: '0.0.0.0', endIpAddress: '255.255.255.255' } },
  ],
]
