import { fromCatalogue } from './catalogue/index.ts'
import { advice, command } from './command-template.ts'
import {
  addLabelToPodTemplate,
  federateCaller,
  readTokenPath,
  removeProxySidecar,
  setTokenGroup,
} from './commands.ts'
import type { Explanation } from './explanation.ts'

const issuer = /issuer:? '(?<issuer>[^']*)'/i
const subject = /subject:? '(?<subject>[^']*)'/i
const audience = /audience:? '(?<audience>[^']*)'/i

/** Messages of applications, kubelets and tools that have no error code. The codes here are ours. */
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
    what: "No federated credential of the identity matches the service account's token",
    why: fromCatalogue('WI101').why,
    remedy: federateCaller,
  },
  {
    codes: ['TokenFileDenied'],
    message:
      /(?<![\w./-])(?<path>\/[\w./-]*azure-identity-token)['"]?:? permission denied|(?:EACCES|PermissionError)[^\n]{0,160}azure-identity-token/i,
    check: 'WI208',
    what: "The application can't read the token file[ {path}]",
    why: [
      'The application does not run as root, and the pod has no fsGroup (Kubernetes 1.18)',
      'Another user owns the mount',
    ],
    remedy: setTokenGroup,
  },
  {
    codes: ['TokenFileMissing'],
    message:
      /(?<![\w./-])(?<path>\/[\w./-]*azure-identity-token)['"]?:? no such file|no such file or directory[:,]? (?:open )?'?(?<path2>\/[\w./-]*azure-identity-token)/i,
    derive: ({ path, path2 }) => ({ path: path ?? path2, path2: undefined }),
    check: 'WI207',
    what: 'The token file is not where the application looks for it[: {path}]',
    why: [
      'The path is hard-coded, but webhook 1.6.0 moved the file to /var/run/secrets/azure/wi/token/azure-identity-token',
      'The pod has no token: its template lacks the label azure.workload.identity/use: "true"',
    ],
    remedy: readTokenPath,
  },
  {
    codes: ['PurgeProtected'],
    message:
      /Operation 'DeletedVaultPurge' is not allowed|not allowed because purge protection is enabled for this vault/i,
    check: 'WI505',
    what: 'The vault has purge protection: neither it nor its secrets can be purged before the retention period ends',
    why: [
      'Purge protection can never be disabled; Azure purges what is deleted when the retention period ends',
    ],
    remedy: advice`Recover what is deleted (${command('az keyvault recover --name …')} or ${command('az keyvault secret recover --vault-name … --name …')}), or choose another name`,
  },
  {
    codes: ['WorkloadIdentityUnavailable'],
    message:
      /WorkloadIdentityCredential(?: authentication|:)? (?:is )?unavailable(?!\.? The request to the authority)|workload (?:identity )?options are not fully configured|missing environment variables?\b.*AZURE_(?:FEDERATED_TOKEN_FILE|CLIENT_ID|TENANT_ID)|no (?:client|tenant) ID specified\. Check pod configuration|no token file specified\. Check pod configuration|failed to read (?:the )?service account token[^\n]{0,80}open : no such file|AZURE_(?:FEDERATED_TOKEN_FILE|CLIENT_ID|TENANT_ID)\b[^\n]{0,30}(?:is|are) (?:not set|empty|missing)|azure (?:client|tenant) id environment variable is empty|authority\b[^\n]{0,30} does not appear to use https/i,
    values: [/(?<missing>AZURE_(?:FEDERATED_TOKEN_FILE|CLIENT_ID|TENANT_ID)(?:(?:, | and )AZURE_\w+)*)/],
    check: 'WI603',
    what: 'The application finds no workload identity in its environment[: {missing} must be set]',
    why: [
      'The pod template lacks the label azure.workload.identity/use: "true"; a label on the Deployment or the service account has no effect',
      'The pod is older than the webhook, the label or the annotation',
      'The service account lacks the client-id annotation (AZURE_CLIENT_ID)',
    ],
    remedy: addLabelToPodTemplate,
  },
  {
    codes: ['ManagedIdentityUnavailable'],
    symptom: true,
    message:
      /ManagedIdentityCredential(?: authentication|:)? (?:is )?unavailable|Managed Identity authentication is not available|Multiple user assigned identities exist|requested identity (?:has not been|isn't) assigned to this resource|"?Identity not found"?|169\.254\.169\.254[^\n]{0,200}?(?:timed? ?out|refused|unreachable|no route|deadline|400|403)|No managed identity endpoint found/i,
    values: [/client[ _]?id:? '?(?<application>[0-9a-f]{8}-[0-9a-f-]{27})/i],
    ...fromCatalogue('WI602'),
    remedy: command('wi-setup verify'),
  },
  {
    codes: ['AuthorityRefused'],
    message:
      /The request to the authority host was invalid[^\n]*?(?:URL: (?<url>https:\/\/\S+?)\.?(?:\s|$)|$)/im,
    check: 'WI305',
    what: 'Entra rejects the request as invalid[: {url}]',
    why: [
      'AZURE_TENANT_ID is not a tenant ID, or names a tenant in another cloud',
      'A proxy responds instead of Entra',
    ],
    remedy: command('wi-setup verify'),
  },
  {
    codes: ['OldPodIdentity'],
    message:
      /nmi response failed with status code|getting assigned identities for pod|localhost:2579\/host\/token/i,
    check: 'WI602',
    what: 'The application requests a token from the former AAD Pod Identity (NMI)',
    why: [
      'Its configuration still refers to pod identity (usePodIdentity in a SecretProviderClass, or the label aadpodidbinding)',
      'Its version predates workload identity',
    ],
    remedy: command('wi-setup verify'),
  },
  {
    codes: ['AudienceRequired'],
    message: /the following arguments are required: [^\n]*--audiences/i,
    check: 'WI405',
    what: 'az requires the audience of the federated credential',
    why: ['Newer versions of az have no default: pass --audiences api://AzureADTokenExchange'],
    remedy: command('wi-setup federate'),
  },
  {
    codes: ['SignInMissing'],
    symptom: true,
    message: /Please run:? ['"]?az login|DefaultAzureCredential failed to retrieve a token/i,
    check: 'WI603',
    what: 'The application found no credentials for Azure',
    why: [
      'In a pod: the token was not injected, because the label, the annotation or the webhook is missing',
      'On a workstation: you have not run "az login", or the sign-in has expired',
    ],
    remedy: command('wi-setup verify'),
  },
  {
    codes: ['TokenNotIssued'],
    message:
      /failed to fetch token: (?:serviceaccounts? "(?<serviceAccount>[^"]+)" not found|(?<reason>[^\n"]+))|error looking up service account (?<namespace>[\w.-]+)\/(?<name>[\w.-]+): /,
    derive: ({ serviceAccount, name }) => ({ serviceAccount: serviceAccount ?? name, name: undefined }),
    check: 'WI112',
    what: 'The cluster issues no token for the pod[: the service account {serviceAccount} does not exist][: {reason}]',
    why: [
      'The service account does not exist, or is misspelled in the pod template',
      'The service account is in another namespace',
    ],
    remedy: federateCaller,
  },
  {
    codes: ['EntraUnreachable'],
    message:
      /\b(?:lookup|dial tcp|Post|Get|connect to|resolve)\b[^\n]{0,80}?(?<![\w.-])(?<host>login\.[\w.]{2,60}|sts\.windows\.net|[\w-]{1,60}\.vault\.[\w.]{2,60})[^\n]{0,160}?(?:i\/o timeout|no such host|server misbehaving|context deadline exceeded|connection (?:refused|reset|timed out)|Temporary failure in name resolution)/i,
    ...fromCatalogue('WI601'),
    what: "The application can't reach {host|Entra or the vault}",
  },
  {
    codes: ['ProxyInitRefused'],
    message: /azwi-proxy(?:-init)?\b[^\n]*(?:denied|violates|not allowed|must not|runAsNonRoot|privileged)/i,
    check: 'WI210',
    what: 'The cluster rejects the proxy sidecar of the former pod identity',
    why: fromCatalogue('WI210').why,
    remedy: removeProxySidecar,
  },
  {
    codes: ['VaultUsesRbac'],
    message: /Cannot set policies to a vault with '--enable-rbac-authorization'/i,
    ...fromCatalogue('WI503'),
  },
  {
    codes: ['OIDCIssuerFeatureFlagNotEnabled'],
    message: /unrecognized arguments:[^\n]*--enable-(?:oidc-issuer|workload-identity)/i,
    ...fromCatalogue('WI703'),
  },
  {
    codes: ['IssuerNotEnabled'],
    message: /oidc_issuer_enabled must be set to true|OIDC issuer (?:must|needs to) be enabled/i,
    ...fromCatalogue('WI704'),
    remedy: advice`In Terraform, set oidc_issuer_enabled = true next to workload_identity_enabled = true; otherwise run ${command('wi-setup cluster')}`,
  },
  {
    codes: ['ServiceConnectorImage'],
    message: /scaksextension\.azurecr\.io/i,
    ...fromCatalogue('WI705'),
  },
  {
    codes: ['ProviderInconsistent'],
    message: /Root object was present, but now absent|Provider produced inconsistent result after apply/i,
    check: 'WI408',
    what: 'Terraform did not find the resource that it had just created',
    why: fromCatalogue('WI408').why,
    remedy: command('terraform apply'),
  },
]
