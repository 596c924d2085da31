import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redactText } from '../../../src/base/redact.ts'
import { explainText } from '../../../src/explain/log-reader.ts'
import { textOf } from '../../support/remedies.ts'

const unmatched = (what: 'subject' | 'issuer', value: string) =>
  `AADSTS70021${what === 'issuer' ? 1 : 3}: No matching federated identity record found for presented assertion ${what} '${value}'. Check your federated identity credential.`

const another = /No federated credential of the identity|service account|wi-setup federate/
const kubelogin = /kubelogin convert-kubeconfig --login azurecli/

/** Further members of the kinds of failures, as programs print them: text, code, explanation or fix, what it must not say. */
const cases: readonly [text: string, code: string, shown: RegExp, never?: RegExp][] = [
  [
    "The messaging entity 'sb://sb-shop.servicebus.windows.net/orders' could not be found. To know more visit https://aka.ms/sbResourceMgrExceptions.",
    'amqp:not-found',
    /sb:\/\/sb-shop\.servicebus\.windows\.net\/orders does not exist/,
  ],
  [
    'azure.servicebus.exceptions.ServiceBusAuthenticationError: LocalAuthDisabled: Authorization failed because SAS authentication has been disabled for the namespace.',
    'MessagingLocalAuthDisabled',
    /accepts tokens only/,
    /role assignment/,
  ],
  [
    'InvalidAudience: The authorization header contains a token with a wrong audience. sb://sb-shop.servicebus.windows.net',
    'MessagingTokenRejected',
    /does not accept the token/,
  ],
  [
    '{"type":"https://azconfig.io/errors/ip-address-rejected","title":"Access from this IP address is not allowed","status":403}',
    'AppConfigPrivate',
    /through a private endpoint only/,
  ],
  [
    'WWW-Authenticate: HMAC-SHA256, Bearer error="invalid_token", error_description="Authorization token failed validation"',
    'AppConfigTokenRejected',
    /does not accept the token/,
  ],
  [
    'The provided principal ID [7d1e2f30-1111-4222-8333-444455556666] was not found in the AAD tenant(s) [tenant]',
    'CosmosPrincipalNotFound',
    /object ID/,
  ],
  [
    '{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}',
    'NAME_UNKNOWN',
    /no such repository or tag/,
  ],
  ['MANIFEST_UNKNOWN: manifest tagged by "v1" is not found', 'MANIFEST_UNKNOWN', /no such repository or tag/],
  [
    unmatched('issuer', 'https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc'),
    'AADSTS700211',
    /from Bitbucket/,
    another,
  ],
  [unmatched('issuer', 'https://oidc.circleci.com/org/1111'), 'AADSTS700211', /from CircleCI/, another],
  [unmatched('issuer', 'https://acme.app.spacelift.io'), 'AADSTS700211', /from Spacelift/, another],
  [
    unmatched('subject', 'space:acme-01:stack:shop:run_type:TRACKED:scope:write'),
    'AADSTS700213',
    /from Spacelift/,
    another,
  ],
  [
    unmatched('subject', 'organization:acme:pipeline:shop:ref:refs/heads/main'),
    'AADSTS700213',
    /from Buildkite/,
    another,
  ],
  [unmatched('issuer', 'https://accounts.google.com'), 'AADSTS700211', /from Google Cloud/, another],
  [unmatched('subject', '117155521234567890123'), 'AADSTS700213', /another platform/, another],
  [
    unmatched('issuer', 'https://oidc.eks.eu-west-1.amazonaws.com/id/ABC'),
    'AADSTS700211',
    /wi-setup federate/,
    /another platform/,
  ],
  [
    "AADSTS7002138: No matching federated identity record found for presented assertion subject 'repo:Acme/Shop:environment:Production'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison.",
    'AADSTS7002138',
    /GitHub Actions.*differs in case/s,
    another,
  ],
  ['java.net.UnknownHostException: login.windows.net', 'EntraUnreachable', /reach login\.windows\.net/],
  [
    "UnknownHostException: Failed to resolve 'login.microsoftonline.com' [A(1)] after 2 queries",
    'EntraUnreachable',
    /login\.microsoftonline\.com/,
  ],
  [
    "HTTPSConnectionPool(host='kv-shop.vault.azure.net', port=443): Max retries exceeded with url: /x (Caused by NewConnectionError('Failed to establish a new connection: [Errno -3] Temporary failure in name resolution'))",
    'EntraUnreachable',
    /kv-shop\.vault\.azure\.net/,
  ],
  [
    'System.Net.Http.HttpRequestException: Name or service not known (login.microsoftonline.com:443)',
    'EntraUnreachable',
    /login\.microsoftonline\.com/,
  ],
  [
    'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
    'ApiServerRefused',
    /localhost:8080 refuses.*found no kubeconfig/s,
  ],
  [
    'The connection to the server aks-shop-dns-1.hcp.westeurope.azmk8s.io:443 was refused',
    'ApiServerRefused',
    /aks-shop-dns-1\.hcp\.westeurope\.azmk8s\.io refuses/,
  ],
  [
    'Unable to connect to the server: net/http: TLS handshake timeout',
    'ApiServerTimeout',
    /does not respond/,
  ],
  [
    'Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'ClusterCertificateUnknown',
    /get-credentials/,
  ],
  [
    'error: unknown flag: --environment\nproxy_server.go:147] Error while proxying request: getting credentials: exec: executable kubelogin failed with exit code 1',
    'WrongKubelogin',
    /not Azure's/,
  ],
  [
    "error: unknown shorthand flag: 'l' in -l\nUnable to connect to the server: getting credentials: exec: executable kubelogin failed with exit code 1",
    'WrongKubelogin',
    /az aks install-cli/,
  ],
  ["Error running kubelogin: [Errno 2] No such file or directory: ''", 'ExecPluginFailed', kubelogin],
  ['error: The azure auth plugin has been removed.', 'AzureAuthPluginRemoved', kubelogin],
  ['error: no Auth Provider found for name "azure"', 'AzureAuthPluginRemoved', kubelogin],
  [
    'getting credentials: exec: executable gke-gcloud-auth-plugin not found',
    'ExecPluginNotFound',
    /Install gke-gcloud-auth-plugin/,
    /az aks install-cli/,
  ],
  [
    'getting credentials: exec: executable aws failed with exit code 255',
    'ExecPluginFailed',
    /aws sso login/,
    /az login/,
  ],
  [
    'failed to mount objects, error: failed to parse workload identity tokens, error: service account tokens not found',
    'DriverWithoutTokens',
    /tokenRequests/,
  ],
  [
    'failed to get keyvault token: nmi response failed with status code: 404, err: <nil>',
    'OldPodIdentity',
    /usePodIdentity/,
  ],
  [
    'could not get provider client: missing environment variables. AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE must be set.',
    'WorkloadIdentityUnavailable',
    /must be set/,
  ],
  [
    'AzureAppConfigurationProvider no token file specified. Check pod configuration or set TokenFilePath in the options',
    'WorkloadIdentityUnavailable',
    /no workload identity/,
  ],
  [
    'Message="AKV10022: Invalid audience. Expected https://vault.azure.cn, found: https://vault.azure.net."',
    'Unauthorized',
    /vault\.azure\.cn\/\.default/,
  ],
  [
    `"DenyAssignmentAuthorizationFailed" The client 'a' with object id 'b' has permission to perform action 'Microsoft.Compute/disks/delete' on scope '/subscriptions/5/resourceGroups/mc'; however, the access is denied because of the deny assignment with name 'AKS managed' and Id 'c' at scope '/subscriptions/5/resourceGroups/mc'.`,
    'DenyAssignmentAuthorizationFailed',
    /"AKS managed" prevents Microsoft\.Compute\/disks\/delete/,
    /role assignment create/,
  ],
  [
    "on the '0' linked scope(s) '' or the linked scope(s) are invalid and is blocked by deny assignments on the '2' linked scope(s) '/subscriptions/5/resourceGroups/aro'",
    'DenyAssignmentAuthorizationFailed',
    /deny assignment/,
  ],
  [
    'System.UnauthorizedAccessException: Attempted to perform an unauthorized operation. see https://aka.ms/azsdk/net/eventhubs/exceptions/troubleshoot',
    'MessagingUnauthorized',
    /refuses the identity/,
  ],
  [
    'unhandled error link 75: status code 401 and description: Attempted to perform an unauthorized operation. amqp',
    'MessagingUnauthorized',
    /Data role/,
  ],
  ["Login failed for user '<token-identified principal>'.", 'SqlLoginFailed', /FROM EXTERNAL PROVIDER/],
  [
    'Pod "web" is invalid: spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    'NativeSidecarLost',
    /wi-setup webhook/,
  ],
  [
    'Pod "web" is invalid: spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod',
    'WindowsSettings',
    /spec\.securityContext\.runAsUser/,
  ],
  [
    'Pod "web" is invalid: spec.volumes[1].name: Duplicate value: "azure-identity-token"',
    'TokenVolumeTwice',
    /copied from a running pod/,
  ],
  [
    'spec.containers[0].volumeMounts[2].mountPath: Invalid value: "/var/run/secrets/azure/tokens": must be unique',
    'TokenVolumeTwice',
    /the webhook adds them/,
  ],
  [
    "ERROR: The subscription of '11111111-2222-4333-8444-555555555555' doesn't exist in cloud 'AzureCloud'.",
    'NoSubscriptions',
    /has no access to 11111111/,
  ],
  [
    'Connect-AzAccount: The provided account 11111111-2222-4333-8444-555555555555 does not have access to any subscriptions.',
    'NoSubscriptions',
    /role assignment list/,
  ],
  [
    'Error: subscription ID could not be determined and was not specified',
    'NoSubscriptions',
    /ARM_SUBSCRIPTION_ID/,
  ],
  [
    'Connection was denied because Deny Public Network Access is set to Yes.',
    'SqlPrivate',
    /privatelink\.database\.windows\.net/,
    /Enabled/,
  ],
  [
    "(MethodNotAllowed) Operation 'DeletedVaultPurge' is not allowed.",
    'PurgeProtected',
    /az keyvault recover .* choose another name/s,
    /az keyvault (secret )?purge/,
  ],
  [
    "Remove-AzureRmKeyVault : Operation 'DeletedVaultPurge' is not allowed.",
    'PurgeProtected',
    /retention period/,
    /az keyvault (secret )?purge/,
  ],
  [
    'keyvault.BaseClient#PurgeDeletedSecret: Failure responding to request: StatusCode=403 -- Original Error: autorest/azure: Service returned an error. Status=403 Code="Forbidden" Message="Operation \\"purge\\" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed."',
    'PurgeProtected',
    /az keyvault secret recover/,
    /az keyvault (secret )?purge|role assignment/,
  ],
  [
    'Azure App Configuration azconfig.io: Public network access is disabled',
    'PrivateService',
    /private endpoint/,
    /vault|Enabled/,
  ],
]

for (const [text, code, shown, never] of cases)
  test(`${code} is recognized: ${text.slice(0, 60).replace(/\n.*/s, '')}`, () => {
    const { failures } = explainText(`${text}\n`)
    assert.deepEqual(
      failures.map((each) => each.code),
      [code],
    )
    const [{ what, why, remedy }] = failures as [(typeof failures)[number]]
    const all = [what, ...why, textOf(remedy)].join('\n')
    assert.match(all, shown)
    if (never) assert.doesNotMatch([what, textOf(remedy)].join('\n'), never)
  })

test('secrets after the flags of other programs are redacted', () => {
  for (const line of [
    'Connect-AzAccount -ServicePrincipal -ClientSecret Sup3rS3cretPassw0rd',
    'New-AzStorageContext -StorageAccountKey Sup3rS3cretPassw0rd',
    'docker login acr.azurecr.io -u 0000 -p Sup3rS3cretPassw0rd',
    'az login --service-principal --password=Sup3rS3cretPassw0rd',
    'sqlcmd -S x -U y -P Sup3rS3cretPassw0rd',
    'ARM_CLIENT_SECRET=Sup3rS3cretPassw0rd terraform plan',
  ])
    assert.doesNotMatch(redactText(line), /Sup3r/, line)
})
