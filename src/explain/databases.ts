import { command, grant } from './command-template.ts'
import type { Explanation } from './explanation.ts'

const address = /IP address '(?<address>[\d.:a-f]{2,39})'/i
const newToken = 'The client must fetch a token before each new connection: a pool must not store one'
const otherAudience = (audience: string) => `The token is for a different audience than ${audience}`
const sqlAudience = otherAudience('https://database.windows.net')
const postgresAudience = otherAudience('https://ossrdbms-aad.database.windows.net')
const printStatements = command('wi-setup grant --grant …')
const otherTenant = 'AZURE_TENANT_ID is not the tenant of the server'

const sqlExplanations: readonly Explanation[] = [
  {
    codes: ['18456'],
    services: ['sql'],
    message: /server is not currently configured to accept this token/i,
    check: 'WI908',
    what: 'Azure SQL does not accept the token',
    why: ['The server has no Microsoft Entra administrator', otherTenant, sqlAudience],
    remedy: command('az sql server ad-admin list --resource-group … --server …'),
  },
  {
    codes: ['18456'],
    services: ['sql'],
    message: /(?:Azure Active Directory|Microsoft Entra)[- ]only authentication is enabled/i,
    check: 'WI902',
    what: 'The application signs in with a password, but the SQL server accepts Microsoft Entra tokens only',
    why: ['The connection string still has a user name and a password'],
    remedy:
      'Remove User ID and Password from the connection string, and set Authentication=Active Directory Default',
  },
  {
    codes: ['18456'],
    services: ['sql'],
    message: /Login failed for user '<token-identified principal>'/i,
    check: 'WI903',
    what: 'The database has no user for the identity of the token',
    why: [
      'The user was created in another database, such as master, or the connection string names none',
      'The SID of the user is made of the object ID instead of the client ID',
      'The identity was recreated: drop its user and create it again',
    ],
    remedy: printStatements,
  },
  {
    codes: ['40615'],
    services: ['sql'],
    message: /Client with IP address '[^']{1,40}' is not allowed to access the server/i,
    values: [address],
    check: 'WI905',
    what: 'The firewall of the SQL server blocks {address|this address}',
    why: ['No firewall rule contains the address. New rules take effect within 5 minutes'],
    remedy: grant(
      command(
        'az sql server firewall-rule create --resource-group … --server … --name … --start-ip-address {address|…} --end-ip-address {address|…}',
      ),
    ),
  },
  {
    codes: ['47073'],
    services: ['sql'],
    message:
      /public network interface on this server is not accessible|Deny Public Network Access is set to Yes/i,
    check: 'WI906',
    what: 'The SQL server can be reached through a private endpoint only',
    why: ['Public network access is disabled'],
    remedy: command('az sql server show --resource-group … --name … --query publicNetworkAccess'),
  },
  {
    codes: ['4060', '40532'],
    services: ['sql'],
    message: /Cannot open (?:database|server) "[^"]{1,128}" requested by the login/i,
    check: 'WI907',
    what: 'The SQL server has no such database, or the user may not open it',
    why: ['The name is misspelled', 'The user was created in another database'],
    remedy: command('az sql db list --resource-group … --server … --query "[].name"'),
  },
  {
    codes: ['33134', '37353'],
    services: ['sql'],
    message: /could not be resolved\. Error message: '[^']{0,200}Server identity/i,
    check: 'WI903',
    what: 'Azure SQL can not look up the identity, so FROM EXTERNAL PROVIDER does not create its user',
    why: ['The managed identity of the server is missing, or lacks the role Directory Readers'],
    remedy: printStatements,
  },
]

const postgresExplanations: readonly Explanation[] = [
  {
    codes: ['28000', '28P01'],
    services: ['postgresql'],
    message: /access token does not have a valid audience claim/i,
    check: 'WI908',
    what: 'PostgreSQL does not accept the audience of the token',
    why: [postgresAudience],
    remedy: 'Request a token for https://ossrdbms-aad.database.windows.net/.default',
  },
  {
    codes: ['28000', '28P01'],
    services: ['postgresql'],
    message: /access token (?:has invalid format|has expired|is not issued by)/i,
    check: 'WI908',
    what: 'PostgreSQL does not accept the token',
    why: [newToken, otherTenant],
    remedy: 'Pass a function that returns a new token as the password, instead of a token',
  },
  {
    codes: ['28000', '28P01'],
    services: ['postgresql'],
    message: /Service Principals cannot generate AAD_AUTH_TOKENTYPE_APP_USER tokens for role/i,
    check: 'WI903',
    what: 'The PostgreSQL role belongs to another identity, or to a user or group',
    why: ['The role was created with another object ID or type', 'The identity was recreated'],
    remedy: printStatements,
  },
  {
    codes: ['28P01', 'PasswordExpected'],
    services: ['postgresql'],
    message: /password authentication failed for user|expects a password for this role/i,
    check: 'WI903',
    what: 'The PostgreSQL server has no Microsoft Entra role of this name',
    why: [
      'The role was never created, or its name differs; upper and lower case matter',
      'Microsoft Entra authentication is off, so the token is taken for a password',
    ],
    remedy: printStatements,
  },
  {
    codes: ['28000'],
    services: ['postgresql'],
    message: /no pg_hba\.conf entry for host "(?<address>[\d.:a-f]{2,39})"/i,
    check: 'WI905',
    what: 'The PostgreSQL server refuses connections from {address|this address}',
    why: ['Its firewall has no rule for the address', 'The client connects without TLS: set sslmode=require'],
    remedy: grant(
      command(
        'az postgres flexible-server firewall-rule create --resource-group … --name … --rule-name … --start-ip-address {address|…} --end-ip-address {address|…}',
      ),
    ),
  },
  {
    codes: ['3D000'],
    services: ['postgresql'],
    check: 'WI907',
    what: 'The PostgreSQL server has no such database',
    why: ['The name is misspelled; upper and lower case matter'],
    remedy: command(
      'az postgres flexible-server db list --resource-group … --server-name … --query "[].name"',
    ),
  },
  {
    codes: ['42883'],
    message: /function pgaadauth_create_principal\w{0,20}\([^)]{0,200}\) does not exist/i,
    check: 'WI903',
    what: 'Roles for Microsoft Entra are created in the database postgres only',
    why: ['The statement was run in another database', 'Microsoft Entra authentication is off'],
    remedy: printStatements,
  },
]

/** Azure SQL and PostgreSQL reject a login, although Entra issued the token. */
export const databaseExplanations: readonly Explanation[] = [...sqlExplanations, ...postgresExplanations]
