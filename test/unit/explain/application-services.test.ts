import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceError } from '../../../src/clients/service-error.ts'
import { explain } from '../../../src/explain/index.ts'

/** Errors as the data planes return them, the check that finds them, and what the explanation begins with. */
const cases: [ConstructorParameters<typeof ServiceError>[0], string | undefined, RegExp][] = [
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
