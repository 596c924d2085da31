import type { CatalogueEntry } from './entry.ts'

/** WI6xx: the program in the pod. */
export const runtimeEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI601',
    what: 'The pod does not get in from inside: no way out to Entra or to the vault',
    errorMessages: [
      'dial tcp: lookup login.microsoftonline.com: i/o timeout',
      'context deadline exceeded',
      'the program hangs when it asks for a token',
    ],
    why: ['a network policy, a firewall or a proxy stops it', 'the DNS of the cluster does not answer'],
    remedy: 'npx wi-setup verify --in-cluster',
    manualChecks: [
      'kubectl -n … run way-out --rm -it --restart Never --image curlimages/curl -- curl -sS -o /dev/null -w "%{http_code}\\n" https://login.microsoftonline.com/',
    ],
  },
  {
    code: 'WI602',
    what: 'The program asks the node for an identity in place of using the token file',
    errorMessages: [
      'ManagedIdentityCredential authentication unavailable. The requested identity has not been assigned to this resource.',
      'IMDS: 400 Identity not found',
    ],
    why: [
      'its SDK is too old for workload identity: .NET 1.9.0, Go 1.3.0, Java 1.9.0, Node.js 3.2.0, Python 1.13.0, C++ 1.6.0 of the identity library are the first that know it',
      'it uses ManagedIdentityCredential; DefaultAzureCredential or WorkloadIdentityCredential is needed',
      'the pod was not given its token, so that the library tries the node next',
    ],
    remedy: 'Take DefaultAzureCredential of a newer SDK in the program',
    manualChecks: [`kubectl -n … get pod … -o jsonpath='{.spec.containers[*].env}'`],
  },
  {
    code: 'WI603',
    what: 'The program finds no workload identity in its environment',
    errorMessages: [
      'missing environment variables. AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE must be set',
      'The workload options are not fully configured',
    ],
    why: [
      'the pod was not given its token: see WI201',
      'the service account has no client-id annotation: see WI205',
    ],
    remedy: 'npx wi-setup verify',
    manualChecks: [`kubectl -n … get pod … -o jsonpath='{.metadata.labels}{"\\n"}{.spec.containers[*].env}'`],
  },
  {
    code: 'WI604',
    what: 'The sample does not hand the secret back',
    errorMessages: [
      'an answer of 500 or 503 from svc/vault-reader, with the code of the service that refused',
    ],
    why: ['its pod is not ready', 'it is refused by Entra or by the vault; its log names the code'],
    remedy: 'npx wi-setup sample',
    manualChecks: ['kubectl -n … get pods', 'kubectl -n … logs deployment/vault-reader'],
  },
]
