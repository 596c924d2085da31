import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redactText } from '../../../src/base/redact.ts'
import { explainText, makeLogReader } from '../../../src/explain/log-reader.ts'

const codesIn = (text: string) => explainText(text).failures.map(({ code }) => code)
const only = (text: string) => {
  const { failures } = explainText(text)
  assert.equal(failures.length, 1, failures.map(({ code }) => code).join())
  return failures[0]!
}
const jwt = `${Buffer.from('{"alg":"RS256","kid":"abc"}').toString('base64url')}.${Buffer.from('{"iss":"https://x.example/"}').toString('base64url')}.c2lnbmF0dXJlc2lnbmF0dXJl`

test('every known failure in a log is reported once, in order', () => {
  const { failures } = explainText(`
2025-04-22T01:01:11Z ERROR  ClientAssertionCredential authentication failed
{"error":"invalid_client","error_description":"AADSTS700211: No matching federated identity record found for presented assertion issuer 'https://x.example/'. Trace ID: 11111111-2222-4333-8444-555555555500 Correlation ID: 6","error_codes":[700211]}
AADSTS700211: No matching federated identity record found for presented assertion issuer 'https://x.example/'.
Error from server (Forbidden): serviceaccounts is forbidden: User "jo" cannot list resource "serviceaccounts" in API group "" in the namespace "shop"
ERROR CODE: Forbidden
{"error":{"code":"Forbidden","message":"Caller is not authorized to perform action on resource.\\r\\nVault: kv-shop;location=eastus","innererror":{"code":"ForbiddenByRbac"}}}
AADSTS999999: Something new.
404 NotFound, BadRequest: generic codes
`)
  assert.deepEqual(
    failures.map(({ code, line, times }) => [code, line, times]),
    [
      ['AADSTS700211', 3, 2],
      ['Forbidden', 5, 1],
      ['ForbiddenByRbac', 7, 1],
      ['AADSTS999999', 8, 1],
    ],
  )
  assert.match(failures[0]!.what, /https:\/\/x\.example\//)
  assert.deepEqual(failures[0]!.presented, { issuer: 'https://x.example/' })
  assert.equal(failures[0]!.check, 'WI102')
  assert.equal(failures[0]!.trace, '11111111-2222-4333-8444-555555555500')
  assert.equal(
    failures[1]!.what,
    'The cluster does not allow jo to list serviceaccounts in the namespace shop',
  )
  assert.match(failures[2]!.what, /^The vault kv-shop uses Azure RBAC/)
  assert.equal(failures[2]!.trace, undefined, "another error's trace ID")
  assert.match(String(failures[3]!.remedy), /error\?code=999999/)
  assert.deepEqual(explainText('all is well'), { failures: [], unknownCodes: [], isEmpty: false })
  assert.equal(explainText(' \n ').isEmpty, true)
})

// Messages from public threads and documentation, without an error code.
const uncodedMessages: [check: string, text: string][] = [
  [
    'WI101',
    "No matching federated identity record found for presented assertion. Assertion Issuer: 'https://a/'",
  ],
  ['WI207', 'open /var/run/secrets/azure/tokens/azure-identity-token: no such file or directory'],
  ['WI207', "ENOENT: no such file or directory, open '/var/run/secrets/azure/tokens/azure-identity-token'"],
  ['WI207', "[Errno 2] No such file or directory: '/var/run/secrets/azure/tokens/azure-identity-token'"],
  ['WI208', 'open /var/run/secrets/azure/tokens/azure-identity-token: permission denied'],
  [
    'WI603',
    'WorkloadIdentityCredential authentication unavailable. The workload options are not fully configured. See the troubleshooting guide',
  ],
  [
    'WI603',
    'missing environment variables. AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE must be set',
  ],
  [
    'WI602',
    'ManagedIdentityCredential authentication unavailable. The requested identity has not been assigned to this resource.',
  ],
  [
    'WI602',
    'Get "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01": dial tcp 169.254.169.254:80: i/o timeout',
  ],
  ['WI602', '{"error":"invalid_request","error_description":"Identity not found"}'],
  [
    'WI601',
    'Post "https://login.microsoftonline.com/t/oauth2/v2.0/token": dial tcp: lookup login.microsoftonline.com on 10.0.0.10:53: read udp: i/o timeout',
  ],
  [
    'WI301',
    'Internal error occurred: failed calling webhook "mutation.azure-workload-identity.io": failed to call webhook: Post "https://azure-wi-webhook-webhook-service.kube-system.svc:443/mutate-v1-pod?timeout=10s": no endpoints available for service "azure-wi-webhook-webhook-service"',
  ],
  [
    'WI304',
    'failed calling webhook "mutation.azure-workload-identity.io": failed to call webhook: Post "https://azure-wi-webhook-webhook-service.kube-system.svc:443/mutate-v1-pod": x509: certificate signed by unknown authority',
  ],
  [
    'WI209',
    'admission webhook "mutation.azure-workload-identity.io" denied the request: token expiration 60 not valid. Expected value to be between 3600 and 86400',
  ],
  [
    'WI302',
    'Error: INSTALLATION FAILED: Unable to continue with install: ClusterRole "azure-wi-webhook-manager-role" in namespace "" exists and cannot be imported into the current release: invalid ownership metadata; annotation validation error: key "meta.helm.sh/release-name" must equal "workload-identity-webhook": current value is "aks-managed-workload-identity"',
  ],
  [
    'WI303',
    'mutatingwebhookconfigurations.admissionregistration.k8s.io is forbidden: User "system:serviceaccount:kube-system:azure-wi-webhook-admin" cannot update resource "mutatingwebhookconfigurations" in API group "admissionregistration.k8s.io" at the cluster scope: Azure does not have opinion for this user.',
  ],
  [
    'WI305',
    'Error: execution error at (workload-identity-webhook/templates/config.yaml:6:20): A valid .Values.azureTenantID entry required!',
  ],
  [
    'WI401',
    '(MethodNotAllowed) The request format was unexpected : Support for federated identity credentials not enabled',
  ],
  ['WI404', 'Issuer and subject combination already exists for this Managed Identity.'],
  ['WI406', "Federated Identity Credential must specify 'issuer', 'subject' and 'audience'"],
  // Public threads, with the cause that was found in the end.
  [
    'WI603',
    'E0606 token_credential.go:43] "failed to read the service account token from the filesystem" err="open : no such file or directory"',
  ],
  [
    'WI603',
    'entra federated token authentication is enabled, but AZURE_FEDERATED_TOKEN_FILE variable is not set',
  ],
  [
    'WI603',
    'failed to create auth provider from configuration: azure tenant id environment variable is empty',
  ],
  ['WI603', 'failed to create confidential client err=the Authority does not appear to use https'],
  [
    'WI602',
    'ManagedIdentityCredential - Azure Identity => ERROR in getToken() call for scopes [x]: Managed Identity authentication is not available.',
  ],
  [
    'WI602',
    'failed to get keyvault client: failed to get key vault token: nmi response failed with status code: 404',
  ],
  [
    'WI305',
    'Caused by: java.util.concurrent.ExecutionException: com.azure.identity.CredentialUnavailableException: WorkloadIdentityCredential authentication unavailable. The request to the authority host was invalid. Additional details: Server returned HTTP response code: 400 for URL: https://login.microsoftonline.com/6/oauth2/v2.0/token.',
  ],
  [
    'WI108',
    "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: 'https://kubernetes.default.svc.cluster.local'. Assertion Subject: 'system:serviceaccount:shop:checkout'.",
  ],
  ['WI405', 'ERROR: the following arguments are required: --audiences'],
  [
    'WI501',
    '<Code>AuthorizationPermissionMismatch</Code><Message>This request is not authorized to perform this operation using this permission.',
  ],
  [
    'WI502',
    `Code="Forbidden" Message="The policy requires the caller 'appid=1;oid=2;iss=3' to use on-behalf-of (OBO) flow." InnerError={"code":"ForbiddenByPolicy"}`,
  ],
  [
    'WI301',
    'Internal error occurred: failed calling webhook "mutation.azure-workload-identity.io": failed to call webhook: Post "https://azure-wi-webhook-webhook-service.kube-system.svc:443/mutate-v1-pod?timeout=10s": dial tcp 10.244.2.18:9443: i/o timeout',
  ],
  ['WI408', 'Root object was present, but now absent.'],
  ['WI503', "ERROR: Cannot set policies to a vault with '--enable-rbac-authorization' specified"],
  [
    'WI701',
    'Getting static credential is not allowed because this cluster is set to disable local accounts.',
  ],
  ['WI703', 'az: error: unrecognized arguments: --enable-oidc-issuer'],
  ['WI704', 'Error: oidc_issuer_enabled must be set to true to enable Azure AD Workload Identity'],
  ['WI705', 'Failed to pull image "scaksextension.azurecr.io/sc:1": 401 Unauthorized'],
  ['WI210', 'pods "x" is invalid: container azwi-proxy-init is privileged'],
  [
    'WI112',
    'MountVolume.SetUp failed for volume "azure-identity-token" : failed to fetch token: serviceaccounts "checkout" not found',
  ],
]

test('messages without a code are recognized and lead to a check', () => {
  for (const [check, text] of uncodedMessages) {
    const { failures } = explainText(`2026-01-01 ${text}\n`)
    assert.deepEqual([...new Set(failures.map((each) => each.check))], [check], text)
    assert.ok(failures[0]!.why.length && failures[0]!.remedy)
  }
})

test('ambiguous messages in unrelated logs are not failures', () => {
  const lines = [
    '2026-01-01T00:00:00Z INFO starting server on 10.0.0.5:8080',
    '10.0.0.5 - - [01/Jan/2026] "GET / HTTP/1.1" 200',
    'dial tcp 10.0.0.9:5432: i/o timeout',
    'rollout in progress; 3 of 5 replicas updated',
    '\tat java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1136)',
    'quota check passed: 4 of 10',
    'server stopped',
    'upgrade: another operation is planned',
    'user "jo" not found',
    'rpc error: context deadline exceeded',
    'failed to fetch https://shop.example/prices: no such host',
    'resolving kv-shop.privatelink.vaultcore.azure.net to 10.1.0.4',
    'pod 2 not ready',
  ]
  for (const line of lines) assert.deepEqual(explainText(`${line}\n`).failures, [], line)
  assert.deepEqual(explainText(lines.join('\n')).failures, [])
  // A chart other than the webhook's.
  assert.deepEqual(explainText('Error: INSTALLATION FAILED: context deadline exceeded\n').failures, [])
})

test('ambiguous messages are failures next to their code or program', () => {
  const lines: [string, string][] = [
    ['(Conflict) A conflicting operation is in progress', 'Azure is still running another operation'],
    [
      'Code: OperationNotAllowed\nMessage: Operation could not be completed as it results in exceeding approved Total Regional Cores quota.',
      'The request exceeds a quota',
    ],
    [
      'Release "workload-identity-webhook" failed: context deadline exceeded',
      'The webhook was installed, but',
    ],
    [
      'Error from server (NotFound): serviceaccounts "checkout" not found',
      'The cluster has no serviceaccounts checkout',
    ],
    [
      'Unable to connect to the server: dial tcp 10.0.0.4:443: i/o timeout',
      'The API server at 10.0.0.4 does not respond',
    ],
    ['Error: connect ETIMEDOUT 10.0.0.7:5432', '10.0.0.7:5432 does not respond'],
  ]
  for (const [line, what] of lines) assert.ok(only(line).what.startsWith(what), `${line}: ${only(line).what}`)
})

test('the cause is reported, not the library fallbacks after it', () => {
  assert.deepEqual(
    codesIn(`DefaultAzureCredential failed to retrieve a token from the included credentials.
- EnvironmentCredential authentication unavailable. Environment variables are not fully configured.
- WorkloadIdentityCredential authentication failed: AADSTS7000229: The client application 6 is missing service principal in the tenant 7.
- ManagedIdentityCredential authentication unavailable. The requested identity has not been assigned to this resource.`),
    ['AADSTS7000229'],
  )
})

test("Terraform's frames and line breaks are removed", () => {
  const { what, presented } = only(`
╷
│ Error: creating Scoped Role Assignment: unexpected status 403 (403 Forbidden) with error: AuthorizationFailed: The client 'jo@contoso.com' with object
│ id '11111111-2222-4333-8444-555555555555' does not have authorization to
│ perform action 'Microsoft.Authorization/roleAssignments/write' over scope '/subscriptions/5/resourceGroups/rg' or the scope is invalid.
╵
`)
  assert.match(
    what,
    /jo@contoso\.com is not authorized to perform Microsoft\.Authorization\/roleAssignments\/write/,
  )
  assert.equal(presented?.objectId, '11111111-2222-4333-8444-555555555555')
})

test('codes are found despite colours and JSON escapes', () => {
  assert.deepEqual(codesIn('\x1b[31mAADSTS\x1b[1m700213\x1b[0m: no'), ['AADSTS700213'])
  const { presented } = only(
    `{"message":"AADSTS700213: No matching federated identity record found for presented assertion subject \\u0027system:serviceaccount:shop:checkout\\u0027."}`,
  )
  assert.equal(presented?.subject, 'system:serviceaccount:shop:checkout')
})

test('error numbers of MSAL are recognized', () => {
  assert.deepEqual(codesIn('invalid_request: Error(s): 50166 - Timestamp: 2026'), ['AADSTS50166'])
})

test('only failed checks in the output of verify are reported, with their values', () => {
  const { code, presented } = only(`
  ✗ WI106  The credential's audience is not the tokens'
           is      api://AzureADTokenExchange
           should  api://other
           Fix:    npx wi-setup federate
pass     WI701  The cluster's API server responds
skip     WI101  Entra accepts the token: skipped because of WI106
  6 passed, 1 failed, 4 skipped because of WI106
`)
  assert.equal(code, 'WI106')
  assert.deepEqual(presented, { is: 'api://AzureADTokenExchange', should: 'api://other' })
  assert.deepEqual(
    codesIn(
      '{"checks":[{"code":"WI701","status":"pass"},{"code":"WI102","status":"fail","detail":"x"},{"code":"WI104","status":"skip","because":"WI102"}]}',
    ),
    ['WI102'],
  )
})

test('unknown codes are listed', () => {
  assert.deepEqual(explainText('{"error":{"code":"SomethingBrandNew","message":"x"}}').unknownCodes, [
    'SomethingBrandNew',
  ])
})

test('a log in chunks gives the same result as the complete text', () => {
  const text = `one\n${'x'.repeat(3000)}\nAADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:shop:checkout'.\nlast`
  for (const size of [1, 7, 64, 1000, 5000]) {
    const log = makeLogReader()
    for (let at = 0; at < text.length; at += size) log.read(text.slice(at, at + size))
    assert.deepEqual(log.end(), explainText(text), `chunks of ${size}`)
  }
})

test('a code is found once across block boundaries', () => {
  const filler = 'a line of a log without any error in it.\n'.repeat(7000)
  const text = `${filler}AADSTS70025: The client 'x' has no configured federated identity credentials.\n${filler}ForbiddenByRbac\n${filler}`
  assert.deepEqual(
    explainText(text).failures.map(({ code, line, times }) => [code, line, times]),
    [
      ['AADSTS70025', 7001, 1],
      ['ForbiddenByRbac', 14002, 1],
    ],
  )
  const endless = `${'y '.repeat(400_000)}AADSTS70025: x ${'z '.repeat(400_000)}`
  assert.deepEqual(codesIn(endless), ['AADSTS70025'], 'a single extremely long line')
})

test('tokens, keys and secrets in a log are redacted', () => {
  const secrets = [
    jwt,
    jwt.split('.').slice(0, 2).join('.'),
    'abc8Q~abcdefghijklmnopqrstuvwxyz012345',
    'hunter2hunter2',
    'Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYmF6Zm9vYmFyYg==',
    'opaque-bearer-value-1234567890',
  ]
  const [token, half, clientSecret, password, key, bearer] = secrets
  const text = [
    `AADSTS700213: subject '${token}' ${token} client_assertion=${token}&x`,
    `AADSTS7000215: Invalid client secret provided. client_secret=${clientSecret} for app '${clientSecret}'`,
    `ForbiddenByRbac password="${password}" {"password": "${password}"} AccountKey=${key}; Authorization: Bearer ${bearer}`,
    `SecretNotFound: A secret with (name/id) ${half} was not found`,
    `AADSTS999998: ${token} db://jo:${password}@host`,
    `  ✗ WI106  x\n           is      ${token}\n           should  ${token}`,
  ].join('\n')
  const shown = JSON.stringify(explainText(text))
  for (const secret of secrets) assert.ok(!shown.includes(secret), secret)
  assert.equal(redactText('azure-identity-token: no such file'), 'azure-identity-token: no such file')
  assert.equal(redactText('Token: (none), secret: db-password'), 'Token: (none), secret: db-password')
})
