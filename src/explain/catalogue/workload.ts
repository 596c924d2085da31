import type { CatalogueEntry } from './entry.ts'

const env = `kubectl -n … get pod … -o jsonpath='{.spec.containers[*].env}'`
const label = `kubectl -n … get pods -o custom-columns=POD:.metadata.name,ACCOUNT:.spec.serviceAccountName,USE:'.metadata.labels.azure\\.workload\\.identity/use'`

/** WI2xx: the pod, its template and its service account. */
export const workloadEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI201',
    what: 'The pod is not given its token',
    errorMessages: [
      'AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE and the volume are missing in the pod; nothing says why',
      'WorkloadIdentityCredential authentication unavailable. The workload options are not fully configured.',
    ],
    why: [
      'the pod lacks the label azure.workload.identity/use: "true"; since webhook 1.0 that of the service account does not count',
      'the webhook is not installed, or was not ready when the pod was made',
    ],
    remedy: `kubectl -n … patch deployment … --patch '{"spec":{"template":{"metadata":{"labels":{"azure.workload.identity/use":"true"}}}}}'`,
    manualChecks: [label, env],
  },
  {
    code: 'WI202',
    what: 'The label stands on the Deployment (or CronJob), not on its pod template',
    errorMessages: ['it works as a bare Pod and not as a Deployment; nothing says why'],
    why: ['metadata.labels was labelled in place of spec.template.metadata.labels'],
    remedy: `kubectl -n … patch deployment … --patch '{"spec":{"template":{"metadata":{"labels":{"azure.workload.identity/use":"true"}}}}}'`,
    manualChecks: [
      'kubectl -n … get deployment … -o jsonpath=\'{.metadata.labels}{"\\n"}{.spec.template.metadata.labels}\'',
    ],
  },
  {
    code: 'WI203',
    what: 'The pod runs under the service account "default"',
    errorMessages: ["AADSTS700213: … presented assertion subject 'system:serviceaccount:…:default'"],
    why: ['serviceAccountName is not set in the pod template'],
    remedy: 'kubectl -n … set serviceaccount deployment … …',
    manualChecks: [label],
  },
  {
    code: 'WI204',
    what: 'The pod is older than the webhook or than the annotation of its service account',
    errorMessages: ['the variables are missing, or are the old ones, though label and annotation are right'],
    why: ['a pod is only changed when it is made; what is annotated later reaches the next pod'],
    remedy: 'kubectl -n … rollout restart deployment/…',
    manualChecks: [
      'kubectl -n … get pod … -o jsonpath={.metadata.creationTimestamp}',
      "kubectl get pods -A -l azure-workload-identity.io/system=true -o jsonpath='{.items[*].status.startTime}'",
    ],
  },
  {
    code: 'WI205',
    what: 'The service account does not name its identity, or the container names another one',
    errorMessages: [
      'AZURE_CLIENT_ID is missing in the pod',
      "AADSTS700016: Application with identifier '…' was not found in the directory '…'.",
    ],
    why: [
      'the annotation azure.workload.identity/client-id is missing',
      'the container sets AZURE_CLIENT_ID itself: the webhook never overwrites what is there',
    ],
    remedy: 'npx wi-setup federate',
    manualChecks: [`kubectl -n … get serviceaccount … -o jsonpath='{.metadata.annotations}'`, env],
  },
  {
    code: 'WI206',
    what: 'The namespace is left out by the webhook',
    errorMessages: ['nothing is injected in kube-system; nothing says why'],
    why: [
      'the Admissions Enforcer of AKS keeps webhooks away from its own namespaces',
      "the webhook's namespace selector does not select it",
    ],
    remedy: 'Run the workload in a namespace of its own: npx wi-setup federate --namespace …',
    manualChecks: [
      "kubectl get mutatingwebhookconfigurations azure-wi-webhook-mutating-webhook-configuration -o jsonpath='{.webhooks[*].namespaceSelector}'",
    ],
  },
  {
    code: 'WI207',
    what: 'The program looks for the token where it used to be',
    errorMessages: ['open /var/run/secrets/azure/tokens/azure-identity-token: no such file or directory'],
    why: [
      'the path is written down in the program; webhook 1.6.0 moved the file to /var/run/secrets/azure/wi/token',
    ],
    remedy: 'Let the program read AZURE_FEDERATED_TOKEN_FILE, or upgrade it',
    manualChecks: [env, 'kubectl -n … get deployment … -o yaml | grep -n azure/tokens'],
  },
  {
    code: 'WI208',
    what: 'The program may not read the token file',
    errorMessages: ['open …/azure-identity-token: permission denied'],
    why: ['Kubernetes 1.18 gives the file to root only, unless the pod has an fsGroup'],
    remedy: `kubectl -n … patch deployment … --patch '{"spec":{"template":{"spec":{"securityContext":{"fsGroup":65534}}}}}'`,
    manualChecks: [`kubectl -n … exec deployment/… -- sh -c 'id; ls -l "$AZURE_FEDERATED_TOKEN_FILE"'`],
  },
  {
    code: 'WI209',
    what: 'The lifetime that is annotated for the token is not allowed',
    errorMessages: [
      'admission webhook denied the request: token expiration … not valid. Expected value to be between 3600 and 86400',
    ],
    why: [
      'azure.workload.identity/service-account-token-expiration is less than an hour, more than a day, or no number',
    ],
    remedy:
      'kubectl -n … annotate serviceaccount … azure.workload.identity/service-account-token-expiration=3600 --overwrite',
    manualChecks: [`kubectl -n … get serviceaccount … -o jsonpath='{.metadata.annotations}'`],
  },
  {
    code: 'WI210',
    what: 'The pod carries the proxy sidecar of the old pod identity',
    errorMessages: [
      'a Job never completes',
      'a policy refuses the container azwi-proxy-init (privileged, root, NET_ADMIN)',
    ],
    why: [
      'the annotation azure.workload.identity/inject-proxy-sidecar is there; its value does not matter, "false" injects too',
    ],
    remedy: `kubectl -n … patch deployment … --type json --patch '[{"op":"remove","path":"/spec/template/metadata/annotations/azure.workload.identity~1inject-proxy-sidecar"}]'`,
    manualChecks: ["kubectl -n … get deployment … -o jsonpath='{.spec.template.metadata.annotations}'"],
  },
  {
    code: 'WI211',
    what: 'The identity hangs on the service account that every pod gets',
    errorMessages: [
      'nothing fails; each pod of the namespace that names no service account can take the identity',
    ],
    why: ['the service account "default" was annotated in place of one of its own'],
    remedy: 'npx wi-setup --service-account …',
    manualChecks: ['kubectl -n … get serviceaccount default -o yaml'],
  },
]
