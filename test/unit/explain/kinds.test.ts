import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainText } from '../../../src/explain/log-reader.ts'
import { textOf } from '../../support/remedies.ts'

const unmatched = (code: string, subject: string) =>
  `${code}: No matching federated identity record found for presented assertion subject '${subject}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.`

interface Case {
  /** Code of the only failure. */
  code: string
  what: RegExp
  /** Must not occur in the explanation. */
  never?: RegExp
  texts: string[]
}

const pod = /pod|namespace|service account|wi-setup federate|kubectl/i

/** Messages from public threads, by what they mean. */
const cases: Record<string, Case> = {
  'an absent container': {
    code: 'ContainerNotFound',
    what: /^The container does not exist/,
    texts: [
      'ErrorCode:ContainerNotFound The specified container does not exist.',
      '<?xml version="1.0"?><Error><Code>ContainerNotFound</Code><Message>The specified container does not exist.\nRequestId:0</Message></Error>',
    ],
  },
  'an absent queue': {
    code: 'QueueNotFound',
    what: /^The queue does not exist/,
    texts: [
      '<Error><Code>QueueNotFound</Code><Message>The specified queue does not exist.</Message></Error>',
      'RestError: The specified queue does not exist. { code: "QueueNotFound" }',
    ],
  },
  'an absent table': {
    code: 'TableNotFound',
    what: /^The table does not exist/,
    texts: [
      '{"odata.error":{"code":"TableNotFound","message":{"lang":"en-US","value":"The table specified does not exist."}}}',
    ],
  },
  "a token that isn't for storage": {
    code: 'InvalidAuthenticationInfo',
    what: /another service or from another tenant/,
    texts: [
      '<Code>InvalidAuthenticationInfo</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>Audience validation failed. Audience did not match.</AuthenticationErrorDetail>',
      '<Code>InvalidAuthenticationInfo</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>Issuer validation failed. Issuer did not match.</AuthenticationErrorDetail>',
    ],
  },
  'a request to storage without a version': {
    code: 'AuthenticationFailed',
    what: /no x-ms-version header/,
    texts: [
      '<Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>Authentication scheme Bearer is not supported in this version.</AuthenticationErrorDetail>',
    ],
  },
  'a request to storage without a token': {
    code: 'PublicAccessNotPermitted',
    what: /allows no anonymous access/,
    texts: [
      '<Code>PublicAccessNotPermitted</Code><Message>Public access is not permitted on this storage account.</Message>',
      'com.azure.storage.blob.models.BlobStorageException: Status code 409, "Public access is not permitted on this storage account."',
    ],
  },
  'a GitHub token': {
    code: 'AADSTS700213',
    what: /GitHub Actions/,
    never: pod,
    texts: [
      unmatched('AADSTS700213', 'repo:acme/chatbot:environment:dev'),
      unmatched('AADSTS700213', 'repo:acme@1/app@2:ref:refs/heads/main'),
      `{"error":"invalid_client","error_description":"${unmatched('AADSTS700213', 'repo:acme/app:pull_request')}","error_codes":[700213]}`,
    ],
  },
  "GitHub's issuer": {
    code: 'AADSTS700211',
    what: /GitHub Actions/,
    never: pod,
    texts: [
      "AADSTS700211: No matching federated identity record found for presented assertion issuer 'https://token.actions.githubusercontent.com/'.",
      "AADSTS700211: No matching federated identity record found for presented assertion issuer 'https://token.actions.acme.ghe.com'.",
    ],
  },
  'an older message about GitHub': {
    code: 'AADSTS70021',
    what: /GitHub Actions/,
    never: pod,
    texts: [
      "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: 'https://token.actions.githubusercontent.com/'. Assertion Subject: 'repo:acme/app:ref:refs/heads/main'.",
    ],
  },
  'an HCP Terraform token': {
    code: 'AADSTS700213',
    what: /HCP Terraform/,
    never: pod,
    texts: [unmatched('AADSTS700213', 'organization:acme:project:shop:workspace:prod:run_phase:plan')],
  },
  'an Azure DevOps token': {
    code: 'AADSTS700213',
    what: /Azure DevOps/,
    never: pod,
    texts: [
      unmatched('AADSTS700213', 'sc://acme/shop/azure-prod'),
      unmatched('AADSTS700213', 'p://acme/shop/deploy'),
      unmatched('AADSTS700213', '/eid1/c/pub/t/abc/a/def/sc/1/2'),
    ],
  },
  'a GitLab token': {
    code: 'AADSTS700213',
    what: /GitLab/,
    never: pod,
    texts: [
      unmatched('AADSTS700213', 'project_path:acme/shop:ref_type:branch:ref:main'),
      unmatched('AADSTS700213', 'project_id:7:ref_type:branch:ref:main'),
    ],
  },
  'an expired CI token': {
    code: 'AADSTS700024',
    what: /CI job/,
    never: /kubectl|clock/,
    texts: [
      'AADSTS700024: Client assertion is not within its valid time range. Current time: 2025-09-03T17:59:55Z, assertion valid from 2025-09-03T17:04:47Z, expiry time of assertion 2025-09-03T17:09:47Z.\naz logout\naz login',
    ],
  },
  "a workload's token": {
    code: 'AADSTS700213',
    what: /has the subject system:serviceaccount:shop:checkout/,
    texts: [unmatched('AADSTS700213', 'system:serviceaccount:shop:checkout')],
  },
  'TLS inspection': {
    code: 'CertificateNotTrusted',
    what: /does not trust the certificate/,
    texts: [
      `HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded (Caused by SSLError(SSLError("bad handshake: Error([('SSL routines', 'tls_process_server_certificate', 'certificate verify failed')],)",),))`,
      'Get "https://login.microsoftonline.com/organizations": tls: failed to verify certificate: x509: certificate signed by unknown authority',
      'az login: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:997) login.microsoftonline.com',
      'https://kv-shop.vault.azure.net PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException',
      'curl: (60) SSL certificate problem: unable to get local issuer certificate',
      'The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot (login.microsoftonline.com:443)',
    ],
  },
  'an unknown API server': {
    code: 'ClusterNameUnknown',
    what: /aks-shop-dns-1\.hcp\.eastus\.azmk8s\.io does not resolve/,
    texts: [
      'Unable to connect to the server: dial tcp: lookup aks-shop-dns-1.hcp.eastus.azmk8s.io on 192.168.1.254:53: no such host',
      'Unable to connect to the server: dial tcp: lookup aks-shop-dns-1.hcp.eastus.azmk8s.io: no such host',
      'curl: (6) Could not resolve host: aks-shop-dns-1.hcp.eastus.azmk8s.io',
    ],
  },
  'an API server that does not respond': {
    code: 'ApiServerTimeout',
    what: /20\.31\.44\.7 does not respond/,
    texts: [
      'Unable to connect to the server: dial tcp 20.31.44.7:443: i/o timeout',
      'Get "https://aks-shop-dns-1.hcp.westeurope.azmk8s.io:443/api": dial tcp 20.31.44.7:443: connect: connection timed out',
    ],
  },
  'a sign-in program that is missing': {
    code: 'ExecPluginNotFound',
    what: /kubelogin is not installed/,
    texts: [
      'getting credentials: exec: executable kubelogin not found',
      'getting credentials: exec: "kubelogin": executable file not found in $PATH',
    ],
  },
  'a sign-in program that fails': {
    code: 'ExecPluginFailed',
    what: /kubelogin failed/,
    texts: [
      'Error: Kubernetes cluster unreachable: Get "https://aks.hcp.westeurope.azmk8s.io:443/version": getting credentials: exec: executable kubelogin failed with exit code 1',
      'Unable to connect to the server: getting credentials: exec: executable kubelogin failed with exit code 1',
    ],
  },
  'an old kubelogin': {
    code: 'KubeloginTooOld',
    what: /workloadidentity/,
    texts: [
      "Error: 'workloadidentity' is not a supported login method. Supported method is one of devicecode,spn",
    ],
  },
  'a rejected sign-in': {
    code: 'Unauthorized',
    what: /does not accept the sign-in/,
    texts: [
      'error: You must be logged in to the server (the server has asked for the client to provide credentials)',
      'error: You must be logged in to the server (Unauthorized)',
    ],
  },
  'a token file that is missing in KEDA': {
    code: 'WorkloadIdentityUnavailable',
    what: /no token file/,
    texts: [
      'Attempted credentials:\n\terror reading service account token - open : no such file or directory',
    ],
  },
  'a program that asks the node': {
    code: 'ManagedIdentityUnavailable',
    what: /asks the node/,
    texts: [
      'ChainedTokenCredential: failed to acquire a token.\nAttempted credentials:\n\tmanaged identity timed out',
      "Couldn't acquire access token from IMDS, verify your objectId, clientId or msiResourceId",
    ],
  },
  'no subscription': {
    code: 'NoSubscriptions',
    what: /no access to/,
    texts: [
      'Error: No subscriptions found for ***.',
      'ERROR: No subscriptions found for 11111111-2222-4333-8444-555555555555.',
      "ERROR: No access was configured for the VM, hence no subscriptions were found. If this is expected, use '--allow-no-subscriptions'",
    ],
  },
  'a missing data role in Cosmos DB': {
    code: 'CosmosForbidden',
    what: /has no data role in Cosmos DB/,
    texts: [
      'Forbidden (403); Substatus: 5301; Reason: (Request blocked by Auth cosmos-shop : Request is blocked because principal [aaaaaaaa-1111-4222-8333-444444444444] does not have required RBAC permissions to perform action [Microsoft.DocumentDB/databaseAccounts/readMetadata] on resource [/].',
      'Request blocked by Auth a : Request is blocked because principal [aaaaaaaa-1111-4222-8333-444444444444] does not have required RBAC permissions to perform action [Microsoft.DocumentDB/databaseAccounts/readMetadata] on any scope.',
    ],
  },
  'a missing role in Service Bus and Event Hubs': {
    code: 'MessagingUnauthorized',
    what: /refuses the identity/,
    texts: [
      "azure.servicebus._pyamqp.cbs INFO CBS Put token error: b'amqp:unauthorized-access'",
      "Unauthorized access. 'Listen' claim(s) are required to perform this operation. Resource: 'sb://n.servicebus.windows.net/q'.",
      "SubCode=40100: Unauthorized : Unauthorized access for 'Send' operation on endpoint 'sb://n/h/messages'.",
    ],
  },
  'a missing role on Azure OpenAI': {
    code: 'OpenAiForbidden',
    what: /no role on the Azure OpenAI resource/,
    texts: [
      'The principal `aaaaaaaa-1111-4222-8333-444444444444` lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action`',
      'Principal does not have access to API/Operation.',
    ],
  },
  'a role with a condition': {
    code: 'AuthorizationFailed',
    what: /roleAssignments\/write/,
    texts: [
      `Code="AuthorizationFailed" Message="The client 'a' with object id 'b' does not have authorization or an ABAC condition not fulfilled to perform action 'Microsoft.Authorization/roleAssignments/write' over scope '/subscriptions/5' or the scope is invalid."`,
    ],
  },
  'a full application': {
    code: 'Directory_QuotaExceeded',
    what: /maximum of 20 federated credentials/,
    never: /250/,
    texts: [
      '{"error":{"code":"Directory_QuotaExceeded","message":"The application already has the maximum of 20 federated identity credentials."}}',
    ],
  },
  'a vault of another cloud': {
    code: 'Unauthorized',
    what: /https:\/\/vault\.azure\.net, not .*expects https:\/\/vault\.usgovcloudapi\.net$/,
    texts: [
      'Code="Unauthorized" Message="AKV10022: Invalid audience. Expected https://vault.usgovcloudapi.net, found: https://vault.azure.net."',
    ],
  },
  'native sidecars': {
    code: 'NativeSidecarLost',
    what: /native sidecar/,
    texts: [
      'spec.initContainers[1].startupProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
    ],
  },
  'a Windows pod': {
    code: 'WindowsTokenOwner',
    what: /Windows node/,
    texts: [
      'MountVolume.SetUp failed for volume "azure-identity-token" : chown c:\\var\\lib\\kubelet\\azure-identity-token: not supported by windows',
    ],
  },
  'the CSI driver without identity': {
    code: 'ProviderWithoutIdentity',
    what: /names no identity/,
    texts: [
      'failed to create auth config, error: failed to get credentials, nodePublishSecretRef secret is not set',
    ],
  },
  'the CSI driver without tokens': {
    code: 'DriverWithoutTokens',
    what: /no service account token/,
    texts: ['failed to parse workload identity tokens, error: service account tokens is not found'],
  },
  'cert-manager without its identity': {
    code: 'AmbientCredentialsNotAllowed',
    what: /cert-manager/,
    texts: [
      'error instantiating azuredns challenge solver: ClientID is not set but neither `--cluster-issuer-ambient-credentials` nor `--issuer-ambient-credentials` are set.',
    ],
  },
}

for (const [name, { code, what, never, texts }] of Object.entries(cases))
  test(`${name} is recognized`, () => {
    for (const text of texts) {
      const { failures } = explainText(`${text}\n`)
      assert.deepEqual(
        failures.map((each) => each.code),
        [code],
        text,
      )
      assert.match(failures[0]!.what, what, text)
      const shown = [failures[0]!.what, ...failures[0]!.why, textOf(failures[0]!.remedy)].join('\n')
      if (never) assert.doesNotMatch(shown, never, text)
    }
  })

test('a fix never grants access to what the log names', () => {
  for (const { texts } of Object.values(cases))
    for (const text of texts)
      for (const { remedy, presented } of explainText(text).failures)
        for (const value of [presented?.subject, presented?.principal])
          if (value) assert.ok(!textOf(remedy).includes(value), textOf(remedy))
})

test('a private vault is not opened to the internet', () => {
  const { failures } = explainText(
    'Code="Forbidden" Message="Public network access is disabled and request is not from a trusted service nor via an approved private link." InnerError={"code":"ForbiddenByConnection"}',
  )
  assert.match(textOf(failures[0]!.remedy), /privatelink\.vaultcore\.azure\.net/)
  assert.doesNotMatch(textOf(failures[0]!.remedy), /public-network-access/)
})
