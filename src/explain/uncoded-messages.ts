import type { Explanation } from './explanation.ts'

const issuer = /issuer:? '(?<issuer>[^']*)'/i
const subject = /subject:? '(?<subject>[^']*)'/i
const audience = /audience:? '(?<audience>[^']*)'/i

/** What programs, kubelets and tools say in words, without a code. The codes here are ours. */
export const uncodedMessageExplanations: readonly Explanation[] = [
  {
    codes: ['NoMatchingRecord'],
    message: /no matching federated identity record/i,
    values: [
      issuer,
      subject,
      audience,
      /system:serviceaccount:(?<namespace>[^:'\s]+):(?<serviceAccount>[^'\s]+)/,
    ],
    check: 'WI101',
    what: "No federated credential of the identity fits the service account's token",
    why: [
      'the credential\'s issuer, subject or audience differs from the token\'s, often by a final "/" of the issuer',
      "the service account's client-id annotation names another identity",
      'the credential is only minutes old',
    ],
    remedy: 'npx wi-setup federate[ --namespace {namespace}][ --service-account {serviceAccount}]',
  },
  {
    codes: ['TokenFileDenied'],
    message:
      /(?<path>\/[\w./-]*azure-identity-token)['"]?:? permission denied|(?:EACCES|PermissionError).*azure-identity-token/i,
    check: 'WI208',
    what: 'The program may not read the token file[ {path}]',
    why: [
      'it does not run as root, and the pod has no fsGroup (Kubernetes 1.18)',
      'another user owns the mount',
    ],
    remedy: `kubectl -n … patch deployment … --patch '{"spec":{"template":{"spec":{"securityContext":{"fsGroup":65534}}}}}'`,
  },
  {
    codes: ['TokenFileMissing'],
    message:
      /(?<path>\/[\w./-]*azure-identity-token)['"]?:? no such file|no such file or directory[:,]? (?:open )?'?(?<path2>\/[\w./-]*azure-identity-token)/i,
    derive: ({ path, path2 }) => ({ path: path ?? path2, path2: undefined }),
    check: 'WI207',
    what: 'The token file is not where the program looks for it[: {path}]',
    why: [
      'the path is written down in the program; webhook 1.6.0 moved the file to /var/run/secrets/azure/wi/token/azure-identity-token',
      'the pod was not given its token at all: its template lacks the label azure.workload.identity/use: "true"',
    ],
    remedy: 'Let the program read the path in AZURE_FEDERATED_TOKEN_FILE, or upgrade it',
  },
  {
    codes: ['WorkloadIdentityUnavailable'],
    message:
      /WorkloadIdentityCredential(?: authentication|:)? (?:is )?unavailable(?!\.? The request to the authority)|workload (?:identity )?options are not fully configured|missing environment variables?\b.*AZURE_(?:FEDERATED_TOKEN_FILE|CLIENT_ID|TENANT_ID)|no (?:client|tenant) ID specified\. Check pod configuration|no token file specified\. Check pod configuration|failed to read (?:the )?service account token[^\n]{0,80}open : no such file|AZURE_(?:FEDERATED_TOKEN_FILE|CLIENT_ID|TENANT_ID)\b[^\n]{0,30}(?:is|are) (?:not set|empty|missing)|azure (?:client|tenant) id environment variable is empty|authority\b[^\n]{0,30} does not appear to use https/i,
    values: [/(?<missing>AZURE_(?:FEDERATED_TOKEN_FILE|CLIENT_ID|TENANT_ID)(?:(?:, | and )AZURE_\w+)*)/],
    check: 'WI603',
    what: 'The program finds no workload identity in its environment[: {missing} must be set]',
    why: [
      'the pod template lacks the label azure.workload.identity/use: "true"; that of the Deployment or the service account does not count',
      'the pod is older than the webhook, the label or the annotation',
      'the service account lacks the client-id annotation (AZURE_CLIENT_ID)',
    ],
    remedy: `kubectl -n … patch deployment … --patch '{"spec":{"template":{"metadata":{"labels":{"azure.workload.identity/use":"true"}}}}}'`,
  },
  {
    codes: ['ManagedIdentityUnavailable'],
    symptom: true,
    message:
      /ManagedIdentityCredential(?: authentication|:)? (?:is )?unavailable|Managed Identity authentication is not available|Multiple user assigned identities exist|requested identity (?:has not been|isn't) assigned to this resource|"?Identity not found"?|169\.254\.169\.254\S*[^\n]*(?:timed? ?out|refused|unreachable|no route|deadline|400|403)|No managed identity endpoint found/i,
    values: [/client[ _]?id:? '?(?<application>[0-9a-f]{8}-[0-9a-f-]{27})/i],
    check: 'WI602',
    what: 'The program asked the node (IMDS, 169.254.169.254) for an identity in place of using the token file',
    why: [
      'the pod was not given its token, so that the library tries the node next: label, annotation or webhook are missing',
      'its SDK is too old for workload identity: .NET 1.9.0, Go 1.3.0, Java 1.9.0, Node.js 3.2.0, Python 1.13.0, C++ 1.6.0 of the identity library are the first that know it',
      'it uses ManagedIdentityCredential; DefaultAzureCredential or WorkloadIdentityCredential is needed',
    ],
    remedy: 'npx wi-setup verify',
  },
  {
    codes: ['AuthorityRefused'],
    message:
      /The request to the authority host was invalid[^\n]*?(?:URL: (?<url>https:\/\/\S+?)\.?(?:\s|$)|$)/im,
    check: 'WI305',
    what: 'Entra does not take the request for a valid one[: {url}]',
    why: [
      'what stands in place of the tenant (AZURE_TENANT_ID) is none: another id, or of another cloud',
      'a proxy answers in its place',
    ],
    remedy: 'npx wi-setup verify',
  },
  {
    codes: ['OldPodIdentity'],
    message:
      /nmi response failed with status code|getting assigned identities for pod|localhost:2579\/host\/token/i,
    check: 'WI602',
    what: 'The program asks the older AAD Pod Identity (NMI) for a token',
    why: [
      'its configuration still names pod identity (usePodIdentity of a SecretProviderClass, the label aadpodidbinding)',
      'its version is too old for workload identity',
    ],
    remedy: 'npx wi-setup verify',
  },
  {
    codes: ['AudienceRequired'],
    message: /the following arguments are required: [^\n]*--audiences/i,
    check: 'WI405',
    what: 'az wants the audience of the federated credential',
    why: ['newer versions of az have no default: --audiences api://AzureADTokenExchange'],
    remedy: 'npx wi-setup federate',
  },
  {
    codes: ['SignInMissing'],
    symptom: true,
    message: /Please run:? ['"]?az login|DefaultAzureCredential failed to retrieve a token/i,
    check: 'WI603',
    what: 'The program found no way to sign in to Azure',
    why: [
      'in a pod: it was not given its token (label, annotation or webhook are missing)',
      'on a machine: `az login` was not done, or its sign-in has expired',
    ],
    remedy: 'npx wi-setup verify',
  },
  {
    codes: ['TokenNotIssued'],
    message:
      /failed to fetch token: (?:serviceaccounts? "(?<serviceAccount>[^"]+)" not found|(?<reason>[^\n"]+))|error looking up service account (?<namespace>[\w.-]+)\/(?<name>[\w.-]+): /,
    derive: ({ serviceAccount, name }) => ({ serviceAccount: serviceAccount ?? name, name: undefined }),
    check: 'WI112',
    what: 'The cluster gives the pod no token[: there is no service account {serviceAccount}][: {reason}]',
    why: [
      'the service account is not there, or is misspelt in the pod template',
      'it lies in another namespace',
    ],
    remedy: 'npx wi-setup federate[ --namespace {namespace}][ --service-account {serviceAccount}]',
  },
  {
    codes: ['NoWayToEntra'],
    message:
      /(?:lookup|dial tcp|Post|Get|connect to|resolve)[^\n]{0,80}?(?<host>login\.[\w.]+|sts\.windows\.net|[\w-]+\.vault\.[\w.]+)[^\n]{0,160}?(?:i\/o timeout|no such host|server misbehaving|context deadline exceeded|connection (?:refused|reset|timed out)|Temporary failure in name resolution)/i,
    check: 'WI601',
    what: 'There is no way from the program to {host|Entra or the vault}',
    why: [
      'a network policy, a firewall or a proxy stops it',
      'the DNS of the cluster does not answer',
      'for a vault with a private endpoint: its name is not known in this network',
    ],
    remedy: 'npx wi-setup verify --in-cluster',
  },
  {
    codes: ['ProxyInitRefused'],
    message: /azwi-proxy(?:-init)?\b[^\n]*(?:denied|violates|not allowed|must not|runAsNonRoot|privileged)/i,
    check: 'WI210',
    what: 'The proxy sidecar of the old pod identity is refused',
    why: [
      'the pod has the annotation azure.workload.identity/inject-proxy-sidecar; its value does not matter, "false" injects too',
    ],
    remedy: `kubectl -n … patch deployment … --type json --patch '[{"op":"remove","path":"/spec/template/metadata/annotations/azure.workload.identity~1inject-proxy-sidecar"}]'`,
  },
  {
    codes: ['VaultGoesByRoles'],
    message: /Cannot set policies to a vault with '--enable-rbac-authorization'/i,
    check: 'WI503',
    what: 'The vault goes by roles; an access policy has no effect on it',
    why: ['new vaults go by roles since az 2.61'],
    remedy: 'npx wi-setup vault',
  },
  {
    codes: ['OIDCIssuerFeatureFlagNotEnabled'],
    message: /unrecognized arguments:[^\n]*--enable-(?:oidc-issuer|workload-identity)/i,
    check: 'WI703',
    what: 'The Azure CLI is too old for the OIDC issuer and workload identity',
    why: ['az is older than 2.47, or an old aks-preview extension is installed'],
    remedy: 'az upgrade',
  },
  {
    codes: ['IssuerNotEnabled'],
    message: /oidc_issuer_enabled must be set to true|OIDC issuer (?:must|needs to) be enabled/i,
    check: 'WI704',
    what: 'Workload identity was to be switched on without the OIDC issuer',
    why: ['Terraform (or another tool) sets one of the two only'],
    remedy:
      'Set oidc_issuer_enabled = true beside workload_identity_enabled = true in Terraform; without it: npx wi-setup cluster',
  },
  {
    codes: ['ServiceConnectorImage'],
    message: /scaksextension\.azurecr\.io/i,
    check: 'WI705',
    what: 'Service Connector cannot pull the image of its own extension',
    why: ['the extension in the cluster is out of date'],
    remedy:
      'az k8s-extension update --cluster-type managedClusters --resource-group … --cluster-name … --name sc-extension --auto-upgrade-minor-version true',
  },
  {
    codes: ['ProviderInconsistent'],
    message: /Root object was present, but now absent|Provider produced inconsistent result after apply/i,
    check: 'WI408',
    what: 'Terraform did not find what it had just made',
    why: ['the directory and Azure have many copies, and the answer came from one that is behind'],
    remedy: 'terraform apply',
  },
]
