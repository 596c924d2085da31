import type { CatalogueEntry } from './entry.ts'

const template = "kubectl -n … get deployment … -o jsonpath='{.spec.template}'"
const lint = 'npx wi-setup verify --workload deploy/…'
const nothing = 'the pod gets no token, or starts and cannot sign in; nothing says why'

const entry = (
  code: CatalogueEntry['code'],
  what: string,
  why: readonly string[],
  remedy: string,
  more: Partial<Pick<CatalogueEntry, 'errorMessages' | 'manualChecks'>> = {},
): CatalogueEntry => ({
  code,
  what,
  why,
  remedy,
  errorMessages: [nothing],
  manualChecks: [lint, template],
  ...more,
})

/** WI2xx, too: how workloads are written, as `verify --workload` and `verify -f` see it. */
export const manifestEntries: readonly CatalogueEntry[] = [
  entry(
    'WI200',
    'The workloads cannot be looked at',
    ['a name is not that of a workload in the namespace', 'you may not list or read workloads there'],
    'npx wi-setup permissions --namespace … | kubectl apply --filename -',
    { manualChecks: ['kubectl -n … get deployments,statefulsets,daemonsets,jobs,cronjobs,pods'] },
  ),
  entry(
    'WI212',
    'The label azure.workload.identity/use has another value than "true"',
    [
      'it was written True, yes or 1',
      'in YAML it has no quotes, and so is no text: Kubernetes refuses the manifest',
    ],
    `kubectl -n … patch deployment … --patch '{"spec":{"template":{"metadata":{"labels":{"azure.workload.identity/use":"true"}}}}}'`,
  ),
  entry(
    'WI213',
    'A workload names a service account that does not exist',
    ['the name is misspelt', 'it was to be made by a chart that does not make it'],
    'kubectl -n … set serviceaccount deployment … …',
    { errorMessages: ['error looking up service account …: serviceaccount "…" not found'] },
  ),
  entry(
    'WI214',
    'A workload has the label, and its service account names no identity',
    ['the service account was never annotated', 'the workload was meant to run as another one'],
    'npx wi-setup federate --namespace … --service-account …',
  ),
  entry(
    'WI215',
    'A container sets AZURE_CLIENT_ID or AZURE_TENANT_ID itself',
    [
      'a chart or an older set-up with a password has left it there',
      'the webhook never overwrites what is there, so that value wins',
    ],
    `kubectl -n … patch deployment … --patch '{"spec":{"template":{"spec":{"containers":[{"name":"…","env":[{"name":"AZURE_CLIENT_ID","$patch":"delete"}]}]}}}}'`,
    { errorMessages: ["AADSTS700016: Application with identifier '…' was not found in the directory '…'."] },
  ),
  entry(
    'WI216',
    'skip-containers names what is not there, or everything',
    ['names are parted by semicolons, not by commas', 'a container was renamed'],
    'Name only containers that need no token, parted by semicolons, in azure.workload.identity/skip-containers',
  ),
  entry(
    'WI217',
    'A Windows pod asks for what only Linux has',
    [
      'runAsUser, fsGroup, capabilities and the like do not apply on Windows',
      'a Linux path of the token is written down',
      'a hostProcess container sees the files of the node',
    ],
    'Take the Linux fields away; read AZURE_FEDERATED_TOKEN_FILE in place of a path',
  ),
  entry(
    'WI218',
    'The pod is for a virtual node',
    ['workload identity is not supported on virtual nodes'],
    'Take away the nodeSelector type: virtual-kubelet and its tolerations',
  ),
  entry(
    'WI219',
    'The pod mounts a token of its own for another audience than the credential trusts',
    ['it was written before the webhook was there', 'it is for another service'],
    'Give its serviceAccountToken the audience api://AzureADTokenExchange, or take it away: the webhook mounts one',
    {
      errorMessages: [
        'AADSTS700212: No matching federated identity record found for presented assertion audience …',
      ],
    },
  ),
  entry(
    'WI221',
    'The client id is annotated on the pod, where nobody looks at it',
    ['it belongs on the service account'],
    'kubectl -n … annotate serviceaccount … azure.workload.identity/client-id=…',
  ),
  entry(
    'WI222',
    'Pods that use the service account have no label azure.workload.identity/use',
    [
      'it was forgotten',
      'it was written as an annotation',
      'it stands on the service account, which counted before webhook 1.0',
    ],
    `kubectl -n … patch deployment … --patch '{"spec":{"template":{"metadata":{"labels":{"azure.workload.identity/use":"true"}}}}}'`,
  ),
  entry(
    'WI223',
    'The workload is in a namespace that AKS keeps webhooks out of',
    [
      'it is in kube-system, or in a namespace with the label control-plane=true or kubernetes.azure.com/managedby=aks',
    ],
    'Move the workload and its service account to a namespace of its own',
  ),
  entry(
    'WI224',
    'The pod asks for a lifetime of its token that the webhook does not take',
    ['it is not in whole seconds from 3600 to 86400'],
    'kubectl -n … patch deployment … --patch \'{"spec":{"template":{"metadata":{"annotations":{"azure.workload.identity/service-account-token-expiration":"3600"}}}}}\'',
    { errorMessages: ['token expiration … not valid. Expected value to be between 3600 and 86400'] },
  ),
]
