import { quoted } from '../base/shell.ts'
import type { Explanation, Values } from './explanation.ts'

const services = ['kubernetes'] as const

/** Gives the user in a message the right that they lack: a role in the namespace, or one for the whole cluster. */
function allow({ user, verb, resource, group, namespace }: Values): string {
  if (!user || !verb || !resource) return 'kubectl auth can-i --list'
  const account = /^system:serviceaccount:([^:]+):(.+)$/.exec(user)
  const to = account ? `--serviceaccount=${account[1]}:${account[2]}` : `--user=${quoted(user)}`
  const [plural, sub] = resource.split('/')
  const full = `${plural}${group ? `.${group}` : ''}${sub ? `/${sub}` : ''}`
  const [role, binding, where] = namespace
    ? ['role', 'rolebinding', ` --namespace=${quoted(namespace)}`]
    : ['clusterrole', 'clusterrolebinding', '']
  return `kubectl create ${role} wi-setup --verb=${quoted(verb)} --resource=${quoted(full)}${where} && kubectl create ${binding} wi-setup --${role}=wi-setup ${to}${where}`
}

/** The Kubernetes API, and the way to it. */
export const kubernetesExplanations: readonly Explanation[] = [
  {
    codes: ['Forbidden'],
    services,
    message: /because it is being terminated/i,
    values: [/namespace "?(?<namespace>[\w.-]+)"?/],
    what: 'The namespace[ {namespace}] is being deleted; nothing can be made in it',
    why: ['somebody, or an earlier destroy, is deleting it'],
    remedy: 'kubectl wait --for=delete namespace/{namespace|…} --timeout=5m',
  },
  {
    codes: ['Forbidden'],
    services,
    message:
      /User "system:serviceaccount:(?<namespace>[^:"]+):azure-wi-webhook-admin" cannot (?<verb>\w+) resource "(?<resource>[^"]+)"/,
    check: 'WI303',
    what: 'The webhook of {namespace|the cluster} has lost the right to {verb|write} {resource|its objects}',
    why: [
      'the AKS add-on and the Helm chart are both installed, and share the roles of the cluster; only one can be',
      'another tool removed its ClusterRole',
    ],
    remedy: 'kubectl get deployments --all-namespaces --selector azure-workload-identity.io/system=true',
  },
  {
    codes: ['Forbidden'],
    services,
    message:
      /is forbidden: User "(?<user>[^"]+)" cannot (?<verb>\w+) resource "(?<resource>[^"]+)"(?: in API group "(?<group>[^"]*)")?/,
    values: [/in the namespace "(?<namespace>[^"]+)"/],
    check: 'WI702',
    what: 'The cluster does not let {user|you} {verb|do this}[ {resource}][ in the namespace {namespace}]',
    why: [
      "the cluster's own roles (RBAC) do not allow it; a cluster administrator has to run the command below",
      'on AKS with Azure RBAC the role "Azure Kubernetes Service RBAC Writer" (or Cluster Admin) is missing',
    ],
    remedy: allow,
  },
  {
    codes: ['Forbidden'],
    services,
    message: /violates PodSecurity "(?<level>[^"]+)"/,
    what: 'The namespace does not admit the pod (Pod Security Standard {level|restricted})',
    why: [
      'the pod asks for more rights than the namespace allows; the proxy sidecar of the webhook always does',
    ],
    remedy: 'kubectl label namespace … pod-security.kubernetes.io/enforce=baseline --overwrite',
  },
  {
    codes: ['Forbidden'],
    services,
    message: /exceeded quota: (?<quota>[\w.-]+)/,
    what: 'A quota of the namespace[ ({quota})] is used up',
    why: ['the namespace limits how many objects or how much memory and processor time it may hold'],
    remedy: 'kubectl describe resourcequota --all-namespaces',
  },
  {
    codes: ['Forbidden'],
    services,
    check: 'WI702',
    what: 'The cluster does not allow this',
    why: ["the cluster's roles (RBAC), a quota or an admission policy forbid it"],
    remedy: 'kubectl auth can-i --list',
  },
  {
    codes: ['Unauthorized'],
    services,
    check: 'WI701',
    what: 'The cluster does not know who you are',
    why: [
      'the sign-in of the kubeconfig has expired, or its certificate has run out',
      'the cluster was made anew and the kubeconfig is of the old one',
    ],
    remedy: 'az aks get-credentials --overwrite-existing --resource-group … --name …',
  },
  {
    codes: ['NotFound'],
    services,
    message: /(?<kind>[\w.]+) "(?<name>[^"]+)" not found/,
    context: /Error from server \(NotFound\)|"reason"\s*:\s*"NotFound"/,
    what: 'The cluster has no {kind|object} {name|of this name}',
    why: ['it was deleted in the meantime', 'the kubeconfig is of another cluster'],
    remedy: 'npx wi-setup verify',
  },
  {
    codes: ['NotFound'],
    services,
    what: 'The cluster does not have it',
    why: ['it was deleted in the meantime', 'the cluster is too old to know such objects'],
    remedy: 'npx wi-setup verify',
  },
  {
    codes: ['AlreadyExists'],
    services,
    values: [/(?<kind>[\w.]+) "(?<name>[^"]+)" already exists/],
    what: '{kind|It}[ {name}] is there already',
    why: ['another run made it in the meantime'],
    remedy: 'Run the same command again',
  },
  {
    codes: ['Conflict'],
    services,
    message:
      /Apply failed with \d+ conflicts?: conflicts? with "(?<manager>[^"]+)"[^:]*:\s*-?\s*(?<field>\S+)/,
    what: 'The field[ {field}] belongs to {manager|another program}, which gave it another value',
    why: ['Helm, Argo CD, Flux or a person wrote it; taking it over would be undone at their next run'],
    remedy:
      'Change it where {manager|that program} gets it from, or run npx wi-setup again and agree to the change',
  },
  {
    codes: ['Conflict'],
    services,
    what: 'The object was changed by somebody else at the same moment',
    why: ['a controller or another tool writes to it'],
    remedy: 'Run the same command again',
  },
  {
    codes: ['Expired', 'Gone'],
    services,
    what: 'The list in the cluster is too old to go on from',
    why: ['the API server forgets after some minutes'],
    remedy: 'Run the same command again',
  },
  {
    codes: ['Invalid'],
    services,
    values: [/^(?<kind>\S+) "(?<name>[^"]*)" is invalid: (?<field>[\w.[\]]+): (?<reason>.+)$/m],
    what: 'The cluster does not accept {kind|the object}[ {name}][: {field}][: {reason}]',
    why: ['a name or value breaks its rules'],
    remedy: 'npx wi-setup --explain-settings',
  },
  {
    codes: ['InternalError', 'BadRequest', 'Timeout'],
    services,
    message: /failed calling webhook "(?<webhook>[^"]+)".*?x509: (?<reason>[^\n"]+)/,
    values: [/https:\/\/[\w-]+\.(?<namespace>[\w-]+)\.svc/],
    check: 'WI304',
    what: 'The API server does not trust the certificate of the webhook[ {webhook}][: {reason}]',
    why: [
      'the webhook could not write its certificate into its configuration: a right is missing, or another tool writes the old one back',
    ],
    remedy:
      'kubectl -n {namespace|azure-workload-identity-system} rollout restart deployment/azure-wi-webhook-controller-manager',
  },
  {
    codes: ['InternalError', 'BadRequest', 'Timeout'],
    services,
    message:
      /failed calling webhook "(?<webhook>[^"]+)".*?(?:i\/o timeout|deadline exceeded|Client\.Timeout|EOF|HTTP response to HTTPS client)/s,
    values: [/https:\/\/[\w-]+\.(?<namespace>[\w-]+)\.svc/],
    check: 'WI301',
    what: 'The API server does not reach the webhook[ {webhook}], so that the cluster refuses the pod',
    why: [
      'the way from the API server to its pods is blocked or broken: a firewall (GKE: port 9443 from the control plane), a network policy, a proxy, the tunnel of AKS (konnectivity)',
      'its pods are about to start, or too few for the load',
    ],
    remedy: 'kubectl -n {namespace|azure-workload-identity-system} get pods,endpoints,networkpolicies',
  },
  {
    codes: ['InternalError', 'BadRequest', 'Timeout'],
    services,
    message: /failed calling webhook "(?<webhook>[^"]+)"/,
    values: [/service "(?<service>[^"]+)"/, /https:\/\/[\w-]+\.(?<namespace>[\w-]+)\.svc/],
    check: 'WI301',
    what: 'The webhook[ {webhook}] does not answer, so that the cluster refuses the pod',
    why: ['it has no running pod', 'the API server cannot reach it (network policy, firewall, proxy)'],
    remedy: 'kubectl -n {namespace|azure-workload-identity-system} get pods,endpoints',
  },
  {
    codes: ['BadRequest', 'Forbidden'],
    services,
    message: /token expiration (?<seconds>\S+) not valid/,
    check: 'WI209',
    what: 'The lifetime that is annotated for the token, {seconds|given}, is not between 3600 and 86400 seconds',
    why: [
      'the annotation azure.workload.identity/service-account-token-expiration of the pod or the service account is out of range, or no number',
    ],
    remedy:
      'kubectl -n … annotate serviceaccount … azure.workload.identity/service-account-token-expiration=3600 --overwrite',
  },
  {
    codes: ['BadRequest', 'Forbidden'],
    services,
    message: /admission webhook "(?<webhook>[^"]+)" denied the request: (?<reason>.+)/,
    what: 'The webhook[ {webhook}] refuses it:[ {reason}]',
    why: ['a rule of the cluster (the workload identity webhook, a policy engine) does not allow it'],
    remedy: 'npx wi-setup verify',
  },
  {
    codes: ['TooManyRequests'],
    services,
    what: "The cluster's API server asks to slow down",
    why: ['it is overloaded, or other programs ask a lot'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['ServiceUnavailable', 'Timeout', 'InternalError', 'ServerTimeout'],
    services,
    check: 'WI701',
    what: "The cluster's API server does not answer properly",
    why: ['it is starting, restarting (switching the issuer on does that) or overloaded'],
    remedy: 'Wait a few minutes, then run the same command again',
  },
  {
    codes: ['BadRequest', 'UnsupportedMediaType', 'MethodNotAllowed'],
    services,
    what: 'The cluster does not understand the request',
    why: [
      'it is too old (server-side apply needs Kubernetes 1.22), or something else than an API server answers',
    ],
    remedy: 'kubectl version',
  },
  {
    codes: ['KubeconfigNotFound'],
    values: [/kubeconfig at (?<path>\S+)/],
    what: 'There is no kubeconfig[ at {path}]',
    why: ['none was made yet', 'KUBECONFIG or --kubeconfig names another place'],
    remedy: 'az aks get-credentials --resource-group … --name …',
  },
  {
    codes: ['KubeconfigInvalid'],
    what: 'The kubeconfig cannot be used',
    why: ['it is cut off or damaged, may not be read, or names files that are not there'],
    remedy: 'kubectl config view',
  },
  {
    codes: ['ContextNotFound'],
    values: [/no context "(?<context>[^"]+)"/, /there are: (?<contexts>.+)$/m],
    what: 'The kubeconfig has no context[ {context}][; it has {contexts}]',
    why: ['the name is misspelt, or lies in another kubeconfig'],
    remedy: 'kubectl config get-contexts',
  },
  {
    codes: ['ClientCertificateExpired'],
    services,
    values: [/user "(?<user>[^"]+)" expired on (?<day>\S+)/],
    what: 'The client certificate of the kubeconfig has expired[ (user {user}][, on {day})]',
    why: [
      'such certificates last a year or two and are not renewed by themselves',
      "this machine's clock is wrong",
    ],
    remedy: 'az aks get-credentials --overwrite-existing --resource-group … --name …',
  },
  {
    codes: ['ExecPluginNotFound'],
    values: [/program "(?<program>[^"]+)"/],
    check: 'WI701',
    what: 'The kubeconfig signs in by a program that is not installed[: {program}]',
    why: ['AKS clusters with Entra sign-in need kubelogin', 'it is installed, but not on the PATH'],
    remedy: ({ program }) =>
      !program || program === 'kubelogin'
        ? 'az aks install-cli'
        : `Install ${program}, or put it on the PATH`,
  },
  {
    codes: ['ExecPluginFailed'],
    values: [/^"(?<program>[^"]+)"/],
    check: 'WI701',
    what: '{program|The program} by which the kubeconfig signs in failed',
    why: ['its own sign-in has expired', 'it wants to ask something, and there is no terminal'],
    remedy: ({ program }) =>
      program === 'kubelogin'
        ? 'kubelogin convert-kubeconfig --login azurecli'
        : 'kubectl get --raw /version',
  },
]
