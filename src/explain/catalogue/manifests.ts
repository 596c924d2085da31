import { command } from '../command-template.ts'
import { addLabelToPodTemplate } from '../commands.ts'
import type { CatalogueEntry } from './entry.ts'

const showTemplate = command("kubectl -n … get deployment … -o jsonpath='{.spec.template}'")
const lint = command('wi-setup verify --workload deploy/…')
const noError = 'no error: the pod gets no token, or starts and then fails to sign in'

const entry = (
  code: CatalogueEntry['code'],
  what: string,
  why: readonly string[],
  remedy: CatalogueEntry['remedy'],
  { errorMessages = [noError], manualChecks = [lint, showTemplate] }: Partial<CatalogueEntry> = {},
): CatalogueEntry => ({ code, what, why, remedy, errorMessages, manualChecks })

/** More of WI2xx: mistakes in workload manifests, as `verify --workload` and `verify --manifest` find them. */
export const manifestEntries: readonly CatalogueEntry[] = [
  entry(
    'WI200',
    "The workloads can't be read",
    ["A name doesn't match a workload in the namespace", 'You lack the permission to read workloads there'],
    command('wi-setup permissions --namespace … | kubectl apply --filename -'),
    { manualChecks: [command('kubectl -n … get deployments,statefulsets,daemonsets,jobs,cronjobs,pods')] },
  ),
  entry(
    'WI212',
    'The label azure.workload.identity/use has a value other than "true"',
    [
      'The value is True, yes or 1',
      'The value is not quoted in YAML, so it is not a string and Kubernetes rejects the manifest',
    ],
    addLabelToPodTemplate,
  ),
  entry(
    'WI213',
    "A workload's service account doesn't exist",
    ['The name is misspelled', 'A chart that should create the service account does not'],
    command('kubectl -n … set serviceaccount deployment … …'),
    { errorMessages: ['error looking up service account …: serviceaccount "…" not found'] },
  ),
  entry(
    'WI214',
    'A workload has the label, but its service account has no client ID',
    ['The service account was never annotated', 'The workload should run as a different service account'],
    command('wi-setup federate --namespace … --service-account …'),
  ),
  entry(
    'WI215',
    'A container sets AZURE_CLIENT_ID or AZURE_TENANT_ID itself',
    [
      'The variable is left over from a chart or from a set-up with a password',
      'The webhook never overwrites existing variables, so that value wins',
    ],
    command(
      `kubectl -n … patch deployment … --patch '{"spec":{"template":{"spec":{"containers":[{"name":"…","env":[{"name":"AZURE_CLIENT_ID","$patch":"delete"}]}]}}}}'`,
    ),
    { errorMessages: ["AADSTS700016: Application with identifier '…' was not found in the directory '…'."] },
  ),
  entry(
    'WI216',
    "skip-containers names a container that doesn't exist, or all of them",
    ['The names are separated by commas instead of semicolons', 'A container was renamed'],
    'In azure.workload.identity/skip-containers, name only the containers that need no token, separated by semicolons',
  ),
  entry(
    'WI217',
    'A Windows pod uses settings that only Linux supports',
    [
      "runAsUser, fsGroup, capabilities and similar fields don't apply to Windows",
      "The token's Linux path is hard-coded",
      "A hostProcess container sees the node's file system",
    ],
    'Remove the Linux fields, and read the path from AZURE_FEDERATED_TOKEN_FILE',
  ),
  entry(
    'WI218',
    'The pod targets a virtual node',
    ["Virtual nodes don't support workload identity"],
    'Remove the nodeSelector type: virtual-kubelet and its tolerations',
  ),
  entry(
    'WI219',
    'The pod mounts its own token with an audience that the credential does not trust',
    ['The volume was added before the webhook was installed', 'The token is meant for another service'],
    'Set the audience of the serviceAccountToken to api://AzureADTokenExchange, or remove the volume: the webhook mounts one',
    {
      errorMessages: [
        'AADSTS700212: No matching federated identity record found for presented assertion audience …',
      ],
    },
  ),
  entry(
    'WI221',
    'The client ID is annotated on the pod, where it has no effect',
    ['The annotation belongs on the service account'],
    command('kubectl -n … annotate serviceaccount … azure.workload.identity/client-id=…'),
  ),
  entry(
    'WI222',
    'Pods of the service account lack the label azure.workload.identity/use',
    [
      'The label was forgotten',
      'The label was added as an annotation',
      'The label is on the service account, which has had no effect since webhook 1.0',
    ],
    addLabelToPodTemplate,
  ),
  entry(
    'WI223',
    'The workload is in a namespace that AKS excludes from webhooks',
    [
      'The namespace is kube-system, or has the label control-plane=true or kubernetes.azure.com/managedby=aks',
    ],
    'Move the workload and its service account to another namespace',
  ),
  entry(
    'WI224',
    'The token lifetime that the pod requests is out of range',
    ['The annotation is not a whole number of seconds from 3600 to 86400'],
    command(
      'kubectl -n … patch deployment … --patch \'{"spec":{"template":{"metadata":{"annotations":{"azure.workload.identity/service-account-token-expiration":"3600"}}}}}\'',
    ),
    {
      errorMessages: ['token expiration … not valid. Expected value to be between 3600 and 86400'],
    },
  ),
  entry(
    'WI225',
    "An object of another controller isn't set up for workload identity",
    [
      'It selects another way to sign in: usePodIdentity, authType, podIdentity.provider, a client secret',
      'A client ID, tenant ID or other field is missing, misspelled or at the wrong place',
    ],
    'Edit the object as the result describes',
    {
      errorMessages: [
        'failed to get credentials, nodePublishSecretRef secret is not set',
        'ClientID was omitted without providing one of `--cluster-issuer-ambient-credentials` or `--issuer-ambient-credentials`',
        'client ID must be set in ProviderConfig when credential source is OIDCTokenFile or Upbound',
      ],
      manualChecks: [command('kubectl -n … get secretproviderclass … --output yaml')],
    },
  ),
  entry(
    'WI226',
    'An object of another controller refers to a service account without an identity',
    [
      'The service account was never annotated, or does not exist',
      'Client or tenant ID are set twice: in the object and on the service account',
    ],
    command('wi-setup federate --namespace … --service-account …'),
    {
      errorMessages: [
        "missing clientID: either serviceAccountRef or service account annotation 'azure.workload.identity/client-id' is missing",
        'multiple clientID found. Check secretRef and serviceAccountRef',
        "multiple tenantID found. Check secretRef, 'spec.provider.azurekv.tenantId', and serviceAccountRef",
      ],
      manualChecks: [command('kubectl -n … get serviceaccount … --output yaml')],
    },
  ),
  entry(
    'WI227',
    'A controller creates pods without the label azure.workload.identity/use',
    [
      "The label is on the object itself, but the controller doesn't copy it to the pods",
      'The field for labels of pods was forgotten: podMetadata, inheritedMetadata, deploymentTemplate',
    ],
    'Set the label in the field that the result names',
    { manualChecks: [command('kubectl -n … get pods --show-labels')] },
  ),
  entry(
    'WI228',
    'A pod mounts a token itself, but the SDKs miss a part',
    [
      'AZURE_FEDERATED_TOKEN_FILE names another file than the one in the volume',
      'The container does not mount the volume',
      'AZURE_CLIENT_ID or AZURE_TENANT_ID is not set; without the webhook, nothing sets them',
    ],
    'Set the variables and the mount in the pod template, or use the label and the webhook instead',
    {
      errorMessages: [
        'no client ID specified. Check pod configuration or set ClientID in the options',
        'no such file or directory',
      ],
    },
  ),
]
