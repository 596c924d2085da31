import type { CatalogueEntry } from './entry.ts'

const pods = 'kubectl get pods -A -l azure-workload-identity.io/system=true -o wide'
const configuration =
  'kubectl get mutatingwebhookconfigurations azure-wi-webhook-mutating-webhook-configuration -o yaml'

/** WI3xx: the mutating webhook. */
export const webhookEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI301',
    what: 'The webhook is not there, or does not answer',
    errorMessages: [
      'Internal error occurred: failed calling webhook "mutation.azure-workload-identity.io": … no endpoints available for service "azure-wi-webhook-webhook-service"',
      '… context deadline exceeded, EOF, i/o timeout, http: server gave HTTP response to HTTPS client',
    ],
    why: [
      'it has no ready pod; labelled pods cannot start meanwhile',
      'the API server cannot reach the nodes on port 9443 (GKE private clusters, network policies, a broken tunnel)',
      'it was never installed',
    ],
    remedy: 'npx wi-setup webhook',
    manualChecks: [
      pods,
      'kubectl get endpointslices -A -l kubernetes.io/service-name=azure-wi-webhook-webhook-service',
    ],
  },
  {
    code: 'WI302',
    what: 'The Helm chart is to be installed over the AKS add-on',
    errorMessages: [
      'INSTALLATION FAILED: … ClusterRole "azure-wi-webhook-manager-role" … invalid ownership metadata … current value is "aks-managed-workload-identity"',
    ],
    why: ['AKS has installed the webhook already; both use the same names, so there can be only one'],
    remedy: 'npx wi-setup webhook --webhook auto',
    manualChecks: [pods, 'helm list --all-namespaces --filter workload-identity'],
  },
  {
    code: 'WI303',
    what: 'The webhook is installed twice, or lost its rights to another installation',
    errorMessages: [
      'cannot update resource "mutatingwebhookconfigurations" … Azure does not have opinion for this user',
      'a second azure-wi-webhook-controller-manager that comes back in kube-system',
    ],
    why: ['the AKS add-on and the Helm chart were both installed, and share the roles of the cluster'],
    remedy: 'helm uninstall workload-identity-webhook --namespace azure-workload-identity-system',
    manualChecks: [
      'kubectl get deployments -A -l azure-workload-identity.io/system=true',
      'kubectl auth can-i update mutatingwebhookconfigurations --as system:serviceaccount:…:azure-wi-webhook-admin',
    ],
  },
  {
    code: 'WI304',
    what: "The webhook's certificate is missing, expired, or not the one that the API server expects",
    errorMessages: [
      'failed calling webhook …: x509: certificate signed by unknown authority',
      '… x509: certificate has expired or is not yet valid',
    ],
    why: [
      'the webhook could not write its certificate into its configuration: a right is missing, or another tool writes it back',
    ],
    remedy:
      'kubectl -n azure-workload-identity-system rollout restart deployment/azure-wi-webhook-controller-manager',
    manualChecks: [
      `kubectl get mutatingwebhookconfigurations azure-wi-webhook-mutating-webhook-configuration -o jsonpath='{.webhooks[0].clientConfig.caBundle}' | base64 -d | openssl x509 -noout -dates`,
    ],
  },
  {
    code: 'WI305',
    what: 'The webhook has no tenant, or the wrong one',
    errorMessages: [
      'A valid .Values.azureTenantID entry required!',
      'AADSTS90002 or AADSTS700016 from every pod',
    ],
    why: ['azureTenantID was left out or misspelt when the chart was installed'],
    remedy: 'npx wi-setup webhook',
    manualChecks: ['kubectl get configmap azure-wi-webhook-config -A -o yaml'],
  },
  {
    code: 'WI306',
    what: 'The pod was made before the webhook was ready',
    errorMessages: [
      'a pod without the variables (webhook 0.15 and older), or a refused one (1.0 and newer), right after the installation',
    ],
    why: ['webhook and workload are rolled out together, and the workload was quicker'],
    remedy: 'kubectl -n … rollout restart deployment/…',
    manualChecks: [pods, configuration],
  },
]
