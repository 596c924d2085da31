import { command } from './command-template.ts'
import { addLabelToPodTemplate } from './commands.ts'
import type { Explanation } from './explanation.ts'

/** Messages of the Secrets Store CSI driver, KEDA, cert-manager and others about a missing or wrong identity. */
export const operatorExplanations: readonly Explanation[] = [
  {
    codes: ['ProviderWithoutIdentity'],
    message: /nodePublishSecretRef secret is not set/i,
    check: 'WI603',
    what: 'The SecretProviderClass names no identity, so the Key Vault provider asks for a secret',
    why: [
      'Its clientID is missing or empty',
      'The Key Vault provider is older than 1.1.0, which added support for workload identity',
    ],
    remedy: command('kubectl -n … get secretproviderclass … -o jsonpath={.spec.parameters.clientID}'),
  },
  {
    codes: ['DriverWithoutTokens'],
    message: /service account tokens (?:is|are) not found|failed to parse workload identity tokens/i,
    what: 'The kubelet gives the CSI driver no service account token',
    why: ['The CSIDriver object has no tokenRequests with the audience api://AzureADTokenExchange'],
    remedy: command('kubectl get csidriver secrets-store.csi.k8s.io -o jsonpath={.spec.tokenRequests}'),
  },
  {
    codes: ['WorkloadIdentityUnavailable'],
    message: /error reading service account token - open : no such file/i,
    check: 'WI603',
    what: 'The application has no token file in its environment',
    why: [
      'In KEDA, workload identity is not enabled for the operator (podIdentity.azureWorkload.enabled)',
      'The pod template lacks the label azure.workload.identity/use: "true"',
    ],
    remedy: addLabelToPodTemplate,
  },
  {
    codes: ['ManagedIdentityUnavailable'],
    message:
      /managed identity timed out|Couldn't acquire access token from IMDS|Managed Identity authentication failed/i,
    check: 'WI602',
    what: "The application asks the node for its identity instead of using the workload's",
    why: [
      'In KEDA, the TriggerAuthentication has podIdentity.provider azure; azure-workload is required',
      'The application uses a managed identity credential, or falls back to it because the pod has no token',
    ],
    remedy: command('wi-setup verify --workloads'),
  },
  {
    codes: ['AmbientCredentialsNotAllowed'],
    message: /ClientID is not set but neither `?--cluster-issuer-ambient-credentials/i,
    what: 'cert-manager is not allowed to use its own identity for this issuer',
    why: [
      'azureDNS.managedIdentity.clientID is not set',
      "By default, an Issuer can't use ambient credentials; a ClusterIssuer can",
    ],
    remedy: 'Set azureDNS.managedIdentity.clientID in the solver of the issuer',
  },
  {
    codes: ['NativeSidecarLost'],
    message: /may not be set for init containers without restartPolicy=Always/i,
    what: 'A webhook removed the restartPolicy of a native sidecar, so the cluster rejects the pod',
    why: ['The workload identity webhook is too old for native sidecars, such as that of Istio'],
    remedy: command('wi-setup webhook'),
  },
  {
    codes: ['WindowsTokenOwner'],
    message: /azure-identity-token[^\n]{0,300}not supported by windows/i,
    what: 'The kubelet of a Windows node cannot set the owner of the token file',
    why: ['The pod template lacks spec.os.name: windows, so the pod got settings for Linux'],
    remedy: 'Set spec.os.name: windows in the pod template, and remove fsGroup and runAsUser',
  },
  {
    codes: ['WindowsSettings'],
    message: /Forbidden: cannot be set for a windows pod/i,
    values: [/(?<field>spec\.[\w.[\]]{1,100}): Forbidden: cannot be set for a windows pod/i],
    check: 'WI217',
    what: 'The cluster rejects a Windows pod with a Linux-only setting[, {field}]',
    why: ['The manifest was written for Linux, or a webhook or policy adds the setting'],
    remedy: 'Remove runAsUser, runAsGroup, fsGroup and seccompProfile from the pod template',
  },
  {
    codes: ['TokenVolumeTwice'],
    message:
      /Duplicate value: "azure-identity-token"|mountPath: Invalid value: "\/var\/run\/secrets\/azure\/[\w/]{1,40}": must be unique/i,
    what: 'The pod has the token volume twice, so the cluster rejects it',
    why: [
      'The manifest was copied from a running pod, and contains the volume that the webhook adds',
      'Two workload identity webhooks are installed',
    ],
    remedy:
      'Remove the volume azure-identity-token and its mounts from the pod template: the webhook adds them',
  },
]
