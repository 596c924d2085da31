import { installedTwice } from '../causes.ts'
import { command } from '../command-template.ts'
import { restartDeployment } from '../commands.ts'
import type { CatalogueEntry } from './entry.ts'

const listPods = command('kubectl get pods -A -l azure-workload-identity.io/system=true -o wide')
const showConfiguration = command(
  'kubectl get mutatingwebhookconfigurations azure-wi-webhook-mutating-webhook-configuration -o yaml',
)

/** WI3xx: the mutating webhook. */
export const webhookEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI301',
    what: "The webhook is not installed or doesn't respond",
    errorMessages: [
      'Internal error occurred: failed calling webhook "mutation.azure-workload-identity.io": … no endpoints available for service "azure-wi-webhook-webhook-service"',
      '… context deadline exceeded, EOF, i/o timeout, http: server gave HTTP response to HTTPS client',
    ],
    why: [
      "The webhook has no ready pod; until it has one, pods with the label can't start",
      "The API server can't reach the nodes on port 9443 (GKE private clusters, network policies, a broken tunnel)",
      'The webhook was never installed',
    ],
    remedy: command('wi-setup webhook'),
    manualChecks: [
      listPods,
      command('kubectl get endpointslices -A -l kubernetes.io/service-name=azure-wi-webhook-webhook-service'),
    ],
  },
  {
    code: 'WI302',
    what: 'The Helm chart is being installed over the AKS add-on',
    errorMessages: [
      'INSTALLATION FAILED: … ClusterRole "azure-wi-webhook-manager-role" … invalid ownership metadata … current value is "aks-managed-workload-identity"',
    ],
    why: ['AKS already installed the webhook. Both use the same names, so a cluster can have only one'],
    remedy: command('wi-setup webhook --webhook auto'),
    manualChecks: [listPods, command('helm list --all-namespaces --filter workload-identity')],
  },
  {
    code: 'WI303',
    what: 'The webhook is installed twice, or lost its permissions to another installation',
    errorMessages: [
      'cannot update resource "mutatingwebhookconfigurations" … Azure does not have opinion for this user',
      'a second azure-wi-webhook-controller-manager that reappears in kube-system',
    ],
    why: [installedTwice],
    remedy: command('helm uninstall workload-identity-webhook --namespace azure-workload-identity-system'),
    manualChecks: [
      command('kubectl get deployments -A -l azure-workload-identity.io/system=true'),
      command(
        'kubectl auth can-i update mutatingwebhookconfigurations --as system:serviceaccount:…:azure-wi-webhook-admin',
      ),
    ],
  },
  {
    code: 'WI304',
    what: "The webhook's certificate is missing, expired, or not trusted by the API server",
    errorMessages: [
      'failed calling webhook …: x509: certificate signed by unknown authority',
      '… x509: certificate has expired or is not yet valid',
    ],
    why: [
      'The webhook could not write its certificate into its configuration: it lacks a permission, or another tool restores the old certificate',
    ],
    remedy: command(
      'kubectl -n azure-workload-identity-system rollout restart deployment/azure-wi-webhook-controller-manager',
    ),
    manualChecks: [
      command(
        `kubectl get mutatingwebhookconfigurations azure-wi-webhook-mutating-webhook-configuration -o jsonpath='{.webhooks[0].clientConfig.caBundle}' | base64 -d | openssl x509 -noout -dates`,
      ),
    ],
  },
  {
    code: 'WI305',
    what: "The webhook's tenant is missing or wrong",
    errorMessages: [
      'A valid .Values.azureTenantID entry required!',
      'AADSTS90002 or AADSTS700016 from every pod',
    ],
    why: ['azureTenantID was omitted or misspelled when the chart was installed'],
    remedy: command('wi-setup webhook'),
    manualChecks: [command('kubectl get configmap azure-wi-webhook-config -A -o yaml')],
  },
  {
    code: 'WI306',
    what: 'The pod was created before the webhook was ready',
    errorMessages: [
      'a pod without the environment variables (webhook 0.15 and older) or a rejected pod (1.0 and newer), right after the installation',
    ],
    why: ['The webhook and the workload were rolled out together, and the workload was faster'],
    remedy: restartDeployment,
    manualChecks: [listPods, showConfiguration],
  },
]
