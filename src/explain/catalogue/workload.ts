import { advice, command } from '../command-template.ts'
import {
  addLabelToPodTemplate,
  annotateTokenLifetime,
  readTokenPath,
  removeProxySidecar,
  restartDeployment,
  setTokenGroup,
} from '../commands.ts'
import type { CatalogueEntry } from './entry.ts'

const showEnvironment = command(`kubectl -n … get pod … -o jsonpath='{.spec.containers[*].env}'`)
const showLabels = command(
  `kubectl -n … get pods -o custom-columns=POD:.metadata.name,ACCOUNT:.spec.serviceAccountName,USE:'.metadata.labels.azure\\.workload\\.identity/use'`,
)

/** WI2xx: the pod, its template and its service account. */
export const workloadEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI201',
    what: "The webhook doesn't inject the token into the pod",
    errorMessages: [
      'no error: AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE and the volume are missing in the pod',
      'WorkloadIdentityCredential authentication unavailable. The workload options are not fully configured.',
    ],
    why: [
      'The pod lacks the label azure.workload.identity/use: "true". Since webhook 1.0, the label on the service account has no effect',
      'The webhook is not installed, or was not ready when the pod was created',
    ],
    remedy: addLabelToPodTemplate,
    manualChecks: [showLabels, showEnvironment],
  },
  {
    code: 'WI202',
    what: 'The label is on the Deployment or CronJob instead of its pod template',
    errorMessages: ['no error: it works as a bare Pod, but not as a Deployment'],
    why: ['The label was added to metadata.labels instead of spec.template.metadata.labels'],
    remedy: addLabelToPodTemplate,
    manualChecks: [
      command(
        'kubectl -n … get deployment … -o jsonpath=\'{.metadata.labels}{"\\n"}{.spec.template.metadata.labels}\'',
      ),
    ],
  },
  {
    code: 'WI203',
    what: 'The pod runs as the service account "default"',
    errorMessages: ["AADSTS700213: … presented assertion subject 'system:serviceaccount:…:default'"],
    why: ['serviceAccountName is not set in the pod template'],
    remedy: command('kubectl -n … set serviceaccount deployment … …'),
    manualChecks: [showLabels],
  },
  {
    code: 'WI204',
    what: "The pod is older than the webhook or its service account's annotation",
    errorMessages: [
      'no error: the environment variables are missing or outdated, although label and annotation are correct',
    ],
    why: ['The webhook changes pods only when they are created; a later annotation applies to the next pod'],
    remedy: restartDeployment,
    manualChecks: [
      command('kubectl -n … get pod … -o jsonpath={.metadata.creationTimestamp}'),
      command(
        "kubectl get pods -A -l azure-workload-identity.io/system=true -o jsonpath='{.items[*].status.startTime}'",
      ),
    ],
  },
  {
    code: 'WI205',
    what: 'The service account has no client ID, or the container sets a different one',
    errorMessages: [
      'AZURE_CLIENT_ID is missing in the pod',
      "AADSTS700016: Application with identifier '…' was not found in the directory '…'.",
    ],
    why: [
      'The annotation azure.workload.identity/client-id is missing',
      'The container sets AZURE_CLIENT_ID itself, which the webhook never overwrites',
    ],
    remedy: command('wi-setup federate'),
    manualChecks: [
      command(`kubectl -n … get serviceaccount … -o jsonpath='{.metadata.annotations}'`),
      showEnvironment,
    ],
  },
  {
    code: 'WI206',
    what: 'The webhook excludes the namespace',
    errorMessages: ['no error: nothing is injected in kube-system'],
    why: [
      'The AKS Admissions Enforcer excludes its own namespaces from webhooks',
      "The webhook's namespace selector doesn't match the namespace",
    ],
    remedy: advice`Run the workload in its own namespace: ${command('wi-setup federate --namespace …')}`,
    manualChecks: [
      command(
        "kubectl get mutatingwebhookconfigurations azure-wi-webhook-mutating-webhook-configuration -o jsonpath='{.webhooks[*].namespaceSelector}'",
      ),
    ],
  },
  {
    code: 'WI207',
    what: 'The application looks for the token file at its former path',
    errorMessages: ['open /var/run/secrets/azure/tokens/azure-identity-token: no such file or directory'],
    why: ['The path is hard-coded, but webhook 1.6.0 moved the file to /var/run/secrets/azure/wi/token'],
    remedy: readTokenPath,
    manualChecks: [showEnvironment, command('kubectl -n … get deployment … -o yaml | grep -n azure/tokens')],
  },
  {
    code: 'WI208',
    what: "The application can't read the token file",
    errorMessages: ['open …/azure-identity-token: permission denied'],
    why: ['On Kubernetes 1.18, only root can read the file unless the pod sets an fsGroup'],
    remedy: setTokenGroup,
    manualChecks: [
      command(`kubectl -n … exec deployment/… -- sh -c 'id; ls -l "$AZURE_FEDERATED_TOKEN_FILE"'`),
    ],
  },
  {
    code: 'WI209',
    what: 'The annotated token lifetime is out of range',
    errorMessages: [
      'admission webhook denied the request: token expiration … not valid. Expected value to be between 3600 and 86400',
    ],
    why: [
      'azure.workload.identity/service-account-token-expiration is below 3600 seconds, above 86400 seconds or not a number',
    ],
    remedy: annotateTokenLifetime,
    manualChecks: [command(`kubectl -n … get serviceaccount … -o jsonpath='{.metadata.annotations}'`)],
  },
  {
    code: 'WI210',
    what: 'The pod has the proxy sidecar of the former pod identity',
    errorMessages: [
      'a Job never completes',
      'a policy rejects the container azwi-proxy-init (privileged, root, NET_ADMIN)',
    ],
    why: [
      'The pod has the annotation azure.workload.identity/inject-proxy-sidecar, which injects the sidecar with any value, even "false"',
    ],
    remedy: removeProxySidecar,
    manualChecks: [
      command("kubectl -n … get deployment … -o jsonpath='{.spec.template.metadata.annotations}'"),
    ],
  },
  {
    code: 'WI211',
    what: 'The identity is on the default service account of the namespace',
    errorMessages: ['no error: every pod in the namespace that sets no service account can use the identity'],
    why: ['The service account "default" was annotated instead of a dedicated one'],
    remedy: command('wi-setup --service-account …'),
    manualChecks: [command('kubectl -n … get serviceaccount default -o yaml')],
  },
]
