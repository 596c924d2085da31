import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceError } from '../../../src/clients/service-error.ts'
import { explain } from '../../../src/explain/index.ts'

/** Errors as the data planes return them, the check that finds them, and what the explanation begins with. */
const cases: [ConstructorParameters<typeof ServiceError>[0], string | undefined, RegExp][] = [
  [
    {
      service: 'sql',
      code: '18456',
      message: "Login failed for user '<token-identified principal>'. (state 1)",
    },
    'WI903',
    /^The database has no user for the identity/,
  ],
  [
    {
      service: 'sql',
      code: '18456',
      message:
        "Login failed for user '<token-identified principal>'. The server is not currently configured to accept this token. (state 235)",
    },
    'WI908',
    /^Azure SQL does not accept the token/,
  ],
  [
    {
      service: 'sql',
      code: '18456',
      message:
        "Login failed for user 'app'. Reason: Azure Active Directory only authentication is enabled. Please contact your system administrator.",
    },
    'WI902',
    /^The application signs in with a password/,
  ],
  [
    {
      service: 'sql',
      code: '40615',
      message:
        "Cannot open server 's' requested by the login. Client with IP address '203.0.113.7' is not allowed to access the server.",
    },
    'WI905',
    /^The firewall of the SQL server blocks 203.0.113.7/,
  ],
  [
    {
      service: 'sql',
      code: '47073',
      message: 'Connection was denied because Deny Public Network Access is set to Yes.',
    },
    'WI906',
    /^The SQL server can be reached through a private endpoint only/,
  ],
  [
    {
      service: 'sql',
      code: '4060',
      message: 'Cannot open database "shop" requested by the login. The login failed.',
    },
    'WI907',
    /^The SQL server has no such database/,
  ],
  [
    { service: 'postgresql', code: '28P01', message: 'password authentication failed for user "id-shop"' },
    'WI903',
    /^The PostgreSQL server has no Microsoft Entra role/,
  ],
  [
    {
      service: 'postgresql',
      code: '28000',
      message: 'Service Principals cannot generate AAD_AUTH_TOKENTYPE_APP_USER tokens for role[r]',
    },
    'WI903',
    /^The PostgreSQL role belongs to another identity/,
  ],
  [
    {
      service: 'postgresql',
      code: '28P01',
      message: 'The access token does not have a valid audience claim. Please acquire a new token and retry.',
    },
    'WI908',
    /^PostgreSQL does not accept the audience/,
  ],
  [
    {
      service: 'postgresql',
      code: '28000',
      message: 'The access token has expired. Please acquire a new token and retry.',
    },
    'WI908',
    /^PostgreSQL does not accept the token/,
  ],
  [
    {
      service: 'postgresql',
      code: '28000',
      message: 'no pg_hba.conf entry for host "203.0.113.7", user "r", database "d", no encryption',
    },
    'WI905',
    /^The PostgreSQL server refuses connections from 203/,
  ],
  [
    { service: 'postgresql', code: '3D000', message: 'database "d" does not exist' },
    'WI907',
    /^The PostgreSQL server has no such database/,
  ],
  [
    {
      service: 'vault',
      code: 'Forbidden',
      message:
        "The user, group or application 'appid=x;oid=y;iss=z' does not have keys get permission on key vault 'kv-shop;location=eastus'.",
      innerCode: 'AccessDenied',
    },
    'WI903',
    /^The vault kv-shop uses access policies, and none allows/,
  ],
  [
    {
      service: 'appconfig',
      code: 'Http403',
      status: 403,
      message: 'The service returned status 403 without a reason',
    },
    'WI903',
    /^The identity has no data role on the App Configuration store/,
  ],
  [
    { service: 'appconfig', code: 'ip-address-rejected', status: 403, message: 'Not permitted' },
    'WI906',
    /^The App Configuration store can be reached through a private endpoint only/,
  ],
  [
    {
      service: 'openai',
      code: 'Http401',
      status: 401,
      message:
        'Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.',
    },
    'WI908',
    /^Azure OpenAI does not accept the token/,
  ],
  [
    {
      service: 'openai',
      code: '403',
      status: 403,
      message: 'Access denied due to Virtual Network/Firewall rules.',
    },
    'WI905',
    /^The firewall of the Azure OpenAI account blocks the caller/,
  ],
  [
    {
      service: 'openai',
      code: '403',
      status: 403,
      message: 'Public access is disabled. Please configure private endpoint.',
    },
    'WI906',
    /^The Azure OpenAI account can be reached through a private endpoint only/,
  ],
  [
    {
      service: 'acr',
      code: 'UNAUTHORIZED',
      status: 401,
      message: 'authentication required, visit https://aka.ms/acr/authorization for more information.',
    },
    'WI904',
    /^The identity has no role that counts in the container registry/,
  ],
  [
    { service: 'acr', code: 'UNAUTHORIZED', status: 401, message: 'token validation failed' },
    'WI908',
    /^The container registry does not accept the token/,
  ],
  [
    {
      service: 'acr',
      code: 'DENIED',
      status: 403,
      message:
        "client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall to grant access.",
    },
    'WI905',
    /^The firewall of the container registry blocks 203\.0\.113\.7/,
  ],
  [
    {
      service: 'cosmos',
      code: 'Unauthorized',
      status: 401,
      message:
        'Provided AAD token was issued by the authority [https://sts.windows.net/t/] which is not trusted by this database account.',
    },
    'WI908',
    /^The token is from a different tenant than the Cosmos DB account/,
  ],
  [
    {
      service: 'cosmos',
      code: 'Forbidden',
      status: 403,
      message: 'The given request [POST /dbs] cannot be authorized by AAD token in data plane.',
    },
    undefined,
    /^Cosmos DB allows no identity to create databases and containers: POST \/dbs needs/,
  ],
]

for (const [error, check, what] of cases)
  test(`${error.service} ${error.status} ${error.message.slice(0, 60)}`, () => {
    const explained = explain(new ServiceError(error))
    assert.match(explained.what, what)
    assert.equal(explained.check, check)
    assert.ok(explained.why.length > 0)
  })
