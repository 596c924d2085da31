import { command } from '../command-template.ts'
import type { CatalogueEntry } from './entry.ts'

/** WI6xx: the application in the pod. */
export const runtimeEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI601',
    what: "The pod can't reach Entra or the vault",
    errorMessages: [
      'dial tcp: lookup login.microsoftonline.com: i/o timeout',
      'context deadline exceeded',
      'the application hangs while it requests a token',
    ],
    why: [
      'A network policy, a firewall or a proxy blocks the connection',
      "The cluster's DNS doesn't respond",
      "The vault has a private endpoint, and its name doesn't resolve in this network",
    ],
    remedy: command('wi-setup verify --in-cluster'),
    manualChecks: [
      command(
        'kubectl -n … run connectivity-test --rm -it --restart Never --image curlimages/curl -- curl -sS -o /dev/null -w "%{http_code}\\n" https://login.microsoftonline.com/',
      ),
    ],
  },
  {
    code: 'WI602',
    what: 'The application requests a token from the node (IMDS, 169.254.169.254) instead of using the token file',
    errorMessages: [
      'ManagedIdentityCredential authentication unavailable. The requested identity has not been assigned to this resource.',
      'IMDS: 400 Identity not found',
    ],
    why: [
      'The SDK predates workload identity. The minimum version of the identity library is .NET 1.9.0, Go 1.3.0, Java 1.9.0, Node.js 3.2.0, Python 1.13.0 or C++ 1.6.0',
      'The application uses ManagedIdentityCredential instead of DefaultAzureCredential or WorkloadIdentityCredential',
      'The pod has no token file, so the library falls back to the node: check the label, the annotation and the webhook',
    ],
    remedy: 'Use DefaultAzureCredential of a current SDK in the application',
    manualChecks: [command(`kubectl -n … get pod … -o jsonpath='{.spec.containers[*].env}'`)],
  },
  {
    code: 'WI603',
    what: 'The application finds no workload identity in its environment',
    errorMessages: [
      'missing environment variables. AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE must be set',
      'The workload options are not fully configured',
    ],
    why: [
      'The webhook did not inject the token into the pod (see WI201)',
      'The service account has no client-id annotation (see WI205)',
    ],
    remedy: command('wi-setup verify'),
    manualChecks: [
      command(`kubectl -n … get pod … -o jsonpath='{.metadata.labels}{"\\n"}{.spec.containers[*].env}'`),
    ],
  },
  {
    code: 'WI604',
    what: "The sample doesn't return the secret",
    errorMessages: ['svc/vault-reader responds with 500 or 503 and the code of the service that failed'],
    why: [
      "The sample's pod is not ready",
      "Entra or the vault rejects the request; the pod's log shows the code",
    ],
    remedy: command('wi-setup sample'),
    manualChecks: [command('kubectl -n … get pods'), command('kubectl -n … logs deployment/vault-reader')],
  },
]
