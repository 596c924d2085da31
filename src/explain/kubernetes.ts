import { inSequence, kubectl, type Script } from '../base/command.ts'
import { isGuid } from '../settings/rules.ts'
import { fromCatalogue } from './catalogue/index.ts'
import { installedTwice } from './causes.ts'
import { advice, command, grant } from './command-template.ts'
import { annotateTokenLifetime, refreshKubeconfig } from './commands.ts'
import type { Explanation } from './explanation.ts'
import { installProgram, signInOfProgram } from './sign-in-programs.ts'
import { commandValue } from './value-kinds.ts'
import type { Values } from './values.ts'

const services = ['kubernetes'] as const

/** Returns the resource as kubectl names it, and the service account of a caller that is one. */
function fullResource({ user, resource, apiGroup }: Values): Values {
  const [plural, subresource] = resource?.split('/') ?? []
  const [, owner, account] = /^system:serviceaccount:([^:]+):(.+)$/.exec(user ?? '') ?? []
  return {
    fullName: plural && `${plural}${apiGroup ? `.${apiGroup}` : ''}${subresource ? `/${subresource}` : ''}`,
    subject: account === undefined ? undefined : `${owner}:${account}`,
  }
}

/** Returns the commands that grant the missing permission, in the namespace or else in the entire cluster. */
function permitCaller(values: Values = {}): Script {
  const value = (name: string) => commandValue(name, values[name]) ?? '…'
  const [role, binding, place] = values.namespace
    ? ['role', 'rolebinding', [`--namespace=${value('namespace')}`]]
    : ['clusterrole', 'clusterrolebinding', []]
  const subject = values.subject ? `--serviceaccount=${value('subject')}` : `--user=${value('user')}`
  const rule = [`--verb=${value('verb')}`, `--resource=${value('fullName')}`]
  return inSequence(
    kubectl(['create', role, 'wi-setup', ...rule, ...place]),
    kubectl(['create', binding, 'wi-setup', `--${role}=wi-setup`, subject, ...place]),
  )
}

/** A role in Azure; or only what wi-setup needs, by a role in the cluster, which counts as well. */
const grantInCluster = grant(
  advice`An owner of the cluster runs ${command('az role assignment create --role "Azure Kubernetes Service RBAC Cluster Admin"[ --assignee-object-id {objectId} --assignee-principal-type ServicePrincipal][ --assignee {person}] --scope {scope|…}')}. Or an administrator of the cluster grants only what wi-setup needs: ${command('wi-setup permissions --user {user|…} | kubectl apply --filename -')}`,
)

const grantPermission = grant(permitCaller, { namespace: '…' })
const listPermissions = command('kubectl auth can-i --list')

/** The Kubernetes API and its kubeconfig. */
export const kubernetesExplanations: readonly Explanation[] = [
  {
    codes: ['Forbidden'],
    services,
    message: /because it is being terminated/i,
    values: [/namespace "?(?<namespace>[\w.-]+)"?/],
    what: 'The namespace[ {namespace}] is being deleted, so nothing can be created in it',
    why: ['An earlier destroy or another user is deleting it'],
    remedy: command('kubectl wait --for=delete namespace/{namespace|…} --timeout=5m'),
  },
  {
    codes: ['Forbidden'],
    services,
    message:
      /User "system:serviceaccount:(?<namespace>[^:"]+):azure-wi-webhook-admin" cannot (?<verb>\w+) resource "(?<resource>[^"]+)"/,
    check: 'WI303',
    what: 'The webhook in {namespace|the cluster} has lost its permission to {verb|write} {resource|its objects}',
    why: [installedTwice, 'Another tool deleted its ClusterRole'],
    remedy: command(
      'kubectl get deployments --all-namespaces --selector azure-workload-identity.io/system=true',
    ),
  },
  {
    codes: ['Forbidden'],
    services,
    message:
      /User "(?<user>[^"]+)" cannot (?<verb>\w+) (?:resource|path) "(?<resource>[^"]+)".{0,300}does not have access to the resource in Azure/,
    values: [/Cluster: (?<scope>\/subscriptions\/\S+)/],
    derive: ({ user }) => (user && isGuid(user) ? { objectId: user } : { person: user }),
    check: 'WI702',
    what: 'The cluster uses Azure RBAC, and Azure does not allow {user|you} to {verb|do this}[ {resource}] in the cluster',
    why: [
      'An Azure role for the objects in the cluster is missing; Owner and Contributor allow only managing the cluster itself',
      'The role was assigned less than 10 minutes ago',
    ],
    remedy: grantInCluster,
  },
  {
    codes: ['Forbidden'],
    services,
    message:
      /is forbidden: User "(?<user>[^"]+)" cannot (?<verb>\w+) resource "(?<resource>[^"]+)"(?: in API group "(?<apiGroup>[^"]*)")?/,
    values: [/in the namespace "(?<namespace>[^"]+)"/],
    derive: fullResource,
    check: 'WI702',
    what: 'The cluster does not allow {user|you} to {verb|do this}[ {resource}][ in the namespace {namespace}]',
    why: [
      'A Kubernetes role (RBAC) is missing; a cluster administrator has to run the command',
      'On AKS with Azure RBAC, the role "Azure Kubernetes Service RBAC Writer" or "Azure Kubernetes Service RBAC Cluster Admin" is missing',
    ],
    remedy: (values, source) =>
      values?.user && values.verb && values.resource ? grantPermission(values, source) : listPermissions(),
  },
  {
    codes: ['Forbidden'],
    services,
    message: /violates PodSecurity "(?<level>[^"]+)"/,
    what: "The namespace's Pod Security Standard ({level|restricted}) rejects the pod",
    why: [
      "The pod requests more privileges than the namespace allows; the webhook's proxy sidecar always does",
    ],
    remedy: command('kubectl label namespace … pod-security.kubernetes.io/enforce=baseline --overwrite'),
  },
  {
    codes: ['Forbidden'],
    services,
    message: /exceeded quota: (?<quota>[\w.-]+)/,
    what: 'A quota of the namespace[ ({quota})] is exhausted',
    why: ['The namespace limits its number of objects, its memory or its CPU'],
    remedy: command('kubectl describe resourcequota --all-namespaces'),
  },
  {
    codes: ['Forbidden'],
    services,
    check: 'WI702',
    what: 'The cluster does not allow this',
    why: ['A Kubernetes role (RBAC), a quota or an admission policy forbids it'],
    remedy: listPermissions,
  },
  {
    codes: ['Unauthorized'],
    services,
    check: 'WI701',
    what: 'The cluster rejects your credentials',
    why: [
      "The kubeconfig's sign-in or certificate has expired",
      'The cluster was recreated, and the kubeconfig belongs to the old one',
    ],
    remedy: refreshKubeconfig,
  },
  {
    codes: ['NotFound'],
    services,
    message: /(?<![\w.])(?<kind>[\w.]+) "(?<name>[^"]+)" not found/,
    context: /Error from server \(NotFound\)|"reason"\s*:\s*"NotFound"/,
    what: 'The cluster has no {kind|object} {name|with this name}',
    why: ['The object has been deleted', 'The kubeconfig belongs to another cluster'],
    remedy: command('wi-setup verify'),
  },
  {
    codes: ['NotFound'],
    services,
    what: "The object doesn't exist in the cluster",
    why: ['The object has been deleted', 'The cluster is too old to support this type of object'],
    remedy: command('wi-setup verify'),
  },
  {
    codes: ['AlreadyExists'],
    services,
    values: [/(?<![\w.])(?<kind>[\w.]+) "(?<name>[^"]+)" already exists/],
    what: '{kind|The object}[ {name}] already exists',
    why: ['Another run created it in the meantime'],
    remedy: 'Run the same command again',
  },
  {
    codes: ['Conflict'],
    services,
    message:
      /Apply failed with \d+ conflicts?: conflicts? with "(?<manager>[^"]+)"[^:]*:\s*-?\s*(?<field>\S+)/,
    what: 'The field[ {field}] is managed by {manager|another program}, which set a different value',
    why: ['Helm, Argo CD, Flux or a user set it; that tool would overwrite a change at its next run'],
    remedy: advice`Change the field at the source of {manager|that program}, or run ${command('wi-setup')} again and accept the change`,
  },
  {
    codes: ['Conflict'],
    services,
    what: 'The object was changed concurrently',
    why: ['A controller or another tool writes to it'],
    remedy: 'Run the same command again',
  },
  {
    codes: ['Expired', 'Gone'],
    services,
    what: 'The list from the cluster expired before all of it was read',
    why: ['The API server keeps a list for only a few minutes'],
    remedy: 'Run the same command again',
  },
  {
    codes: ['Invalid'],
    services,
    values: [/^(?<kind>\S+) "(?<name>[^"]*)" is invalid: (?<field>[\w.[\]]+): (?<reason>.+)$/m],
    what: 'The cluster rejects {kind|the object}[ {name}][: {field}][: {reason}]',
    why: ['A name or value is invalid'],
    remedy: command('wi-setup --explain-settings'),
  },
  {
    codes: ['InternalError', 'BadRequest', 'Timeout'],
    services,
    message: /failed calling webhook "(?<webhook>[^"]+)".*?x509: (?<reason>[^\n"]+)/,
    values: [/https:\/\/[\w-]+\.(?<namespace>[\w-]+)\.svc/],
    check: 'WI304',
    what: 'The API server does not trust the certificate of the webhook[ {webhook}][: {reason}]',
    why: fromCatalogue('WI304').why,
    remedy: command(
      'kubectl -n {namespace|azure-workload-identity-system} rollout restart deployment/azure-wi-webhook-controller-manager',
    ),
  },
  {
    codes: ['InternalError', 'BadRequest', 'Timeout'],
    services,
    message:
      /failed calling webhook "(?<webhook>[^"]+)".*?(?:i\/o timeout|deadline exceeded|Client\.Timeout|EOF|HTTP response to HTTPS client)/s,
    values: [/https:\/\/[\w-]+\.(?<namespace>[\w-]+)\.svc/],
    check: 'WI301',
    what: "The API server can't reach the webhook[ {webhook}], so the cluster rejects the pod",
    why: [
      "The connection from the API server to the webhook's pods is blocked: a firewall (on GKE, port 9443 from the control plane), a network policy, a proxy or the AKS tunnel (konnectivity)",
      "The webhook's pods are starting, or too few for the load",
    ],
    remedy: command(
      'kubectl -n {namespace|azure-workload-identity-system} get pods,endpoints,networkpolicies',
    ),
  },
  {
    codes: ['InternalError', 'BadRequest', 'Timeout'],
    services,
    message: /failed calling webhook "(?<webhook>[^"]+)"/,
    values: [/service "(?<service>[^"]+)"/, /https:\/\/[\w-]+\.(?<namespace>[\w-]+)\.svc/],
    check: 'WI301',
    what: 'The webhook[ {webhook}] does not respond, so the cluster rejects the pod',
    why: [
      'The webhook has no running pod',
      "The API server can't reach it (network policy, firewall or proxy)",
    ],
    remedy: command('kubectl -n {namespace|azure-workload-identity-system} get pods,endpoints'),
  },
  {
    codes: ['BadRequest', 'Forbidden'],
    services,
    message: /token expiration (?<seconds>\S+) not valid/,
    check: 'WI209',
    what: 'The annotated token lifetime[, {seconds},] is not between 3600 and 86400 seconds',
    why: [
      'The annotation azure.workload.identity/service-account-token-expiration of the pod or the service account is out of range or not a number',
    ],
    remedy: annotateTokenLifetime,
  },
  {
    codes: ['BadRequest', 'Forbidden'],
    services,
    message: /admission webhook "(?<webhook>[^"]+)" denied the request: (?<reason>.+)/,
    what: 'The admission webhook[ {webhook}] rejects the object[: {reason}]',
    why: ['A cluster rule (the workload identity webhook or a policy engine) forbids it'],
    remedy: command('wi-setup verify'),
  },
  {
    codes: ['TooManyRequests'],
    services,
    what: "The cluster's API server is throttling requests",
    why: ['The API server is overloaded, possibly by other clients'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['ServiceUnavailable', 'Timeout', 'InternalError', 'ServerTimeout'],
    services,
    check: 'WI701',
    what: "The cluster's API server is unavailable",
    why: ['It is starting, restarting (for example after enabling the OIDC issuer) or overloaded'],
    remedy: 'Wait a few minutes, then run the same command again',
  },
  {
    codes: ['BadRequest', 'UnsupportedMediaType', 'MethodNotAllowed'],
    services,
    what: 'The cluster does not understand the request',
    why: [
      'The cluster is too old (server-side apply requires Kubernetes 1.22), or the server is not a Kubernetes API server',
    ],
    remedy: command('kubectl version'),
  },
  {
    codes: ['KubeconfigNotFound'],
    values: [/kubeconfig at (?<path>\S+)/],
    what: "The kubeconfig[ {path}] doesn't exist",
    why: ['No kubeconfig has been created yet', 'KUBECONFIG or --kubeconfig names a different file'],
    remedy: command('az aks get-credentials --resource-group … --name …'),
  },
  {
    codes: ['KubeconfigInvalid'],
    what: 'The kubeconfig is not usable',
    why: ['It is truncated, damaged or not readable, or it refers to missing files'],
    remedy: command('kubectl config view'),
  },
  {
    codes: ['ContextNotFound'],
    values: [/no context "(?<context>[^"]+)"/, /available contexts: (?<contexts>.+)$/m],
    what: 'The kubeconfig has no context[ {context}][; it has {contexts}]',
    why: ['The name is misspelled, or the context is in another kubeconfig'],
    remedy: command('kubectl config get-contexts'),
  },
  {
    codes: ['ClientCertificateExpired'],
    services,
    values: [/user "(?<user>[^"]+)" expired on (?<day>\S+)/],
    what: "The kubeconfig's client certificate has expired[ (user {user})][ on {day}]",
    why: [
      'Client certificates are valid for a year or two and are not renewed automatically',
      "This machine's clock is wrong",
    ],
    remedy: refreshKubeconfig,
  },
  {
    codes: ['ExecPluginNotFound'],
    values: [/program "(?<program>[^"]+)"/],
    check: 'WI701',
    what: "The kubeconfig's sign-in program[ {program}] is not installed",
    why: ['AKS clusters with Entra sign-in need kubelogin', 'The program is installed, but not on the PATH'],
    remedy: installProgram,
  },
  {
    codes: ['ExecPluginAudience'],
    values: [/for a token for (?<audience>.+), which the API server/],
    what: 'The kubeconfig requests a token for {audience|an Azure service}, which the API server must not get',
    why: [
      'The kubeconfig is not from AKS: whoever wrote it would get access to that service as you',
      "kubelogin --server-id is the ID of an Azure service instead of the API server's",
    ],
    remedy: refreshKubeconfig,
  },
  {
    codes: ['ExecPluginFailed'],
    values: [/program "(?<program>[^"]+)" failed(?:: (?<reason>[^\n]+))?/],
    check: 'WI701',
    what: "The kubeconfig's sign-in program[ {program}] failed[: {reason}]",
    why: ["The program's own sign-in has expired", 'The program needs input, but there is no terminal'],
    remedy: signInOfProgram,
  },
]
