import { command } from '../command-template.ts'
import { listAppCredentials } from '../commands.ts'
import type { CatalogueEntry, ManualCheck } from './entry.ts'

const entry = (
  code: CatalogueEntry['code'],
  what: string,
  why: readonly string[],
  remedy: CatalogueEntry['remedy'],
  manualCheck: ManualCheck,
): CatalogueEntry => ({
  code,
  what,
  why,
  remedy,
  errorMessages: ['no error: everything works, but with more access than necessary'],
  manualChecks: [manualCheck],
})

/** WI81x to WI84x: findings of the least-privilege audit, `verify --posture`. */
export const postureEntries: readonly CatalogueEntry[] = [
  entry(
    'WI841',
    'The identity has more roles than it needs to read the secrets',
    ['A broad role was assigned while troubleshooting', 'The identity also serves another purpose'],
    command('az role assignment delete --ids …'),
    command('az role assignment list --all --assignee …'),
  ),
  entry(
    'WI842',
    'The identity can read other secrets in the vault',
    ['Roles and access policies apply to the entire vault, and several workloads share it'],
    command('wi-setup vault --vault …'),
    command('az keyvault secret list --vault-name …'),
  ),
  entry(
    'WI843',
    'The identity also trusts other subjects',
    [
      'The credential is left over from a former cluster or workload',
      'Several workloads or pipelines share the identity',
    ],
    command('az ad app federated-credential delete --id … --federated-credential-id …'),
    command('az ad app federated-credential list --id …'),
  ),
  entry(
    'WI844',
    'The app registration still has a password or a certificate',
    ['The workload used it before it had a federated credential'],
    command('az ad app credential delete --id … --key-id …'),
    listAppCredentials,
  ),
  entry(
    'WI845',
    'The app registration has owners',
    ['An owner can add a password or a credential and sign in as this identity'],
    command('az ad app owner remove --id … --owner-object-id …'),
    command('az ad app owner list --id …'),
  ),
  entry(
    'WI846',
    'The identity has application permissions in Microsoft Graph or another API',
    ['They were granted for another purpose', 'A portal wizard added them'],
    command(
      'az rest --method delete --url https://graph.microsoft.com/v1.0/servicePrincipals/…/appRoleAssignments/…',
    ),
    command('az rest --url https://graph.microsoft.com/v1.0/servicePrincipals/…/appRoleAssignments'),
  ),
  entry(
    'WI811',
    'Every pod of the service account gets a Kubernetes API token (CIS 5.1.6)',
    ['Kubernetes mounts the token by default; access to Azure does not need it'],
    command(`kubectl -n … patch serviceaccount … --patch '{"automountServiceAccountToken":false}'`),
    command('kubectl -n … get serviceaccount … -o jsonpath={.automountServiceAccountToken}'),
  ),
  entry(
    'WI812',
    'Pods run as the default service account with a Kubernetes API token (CIS 5.1.5)',
    ['The pods name no service account'],
    command(`kubectl -n … patch serviceaccount default --patch '{"automountServiceAccountToken":false}'`),
    command('kubectl -n … get pods -o custom-columns=POD:.metadata.name,ACCOUNT:.spec.serviceAccountName'),
  ),
  entry(
    'WI813',
    "The service account's tokens are valid for more than an hour",
    ['The annotation azure.workload.identity/service-account-token-expiration extends the lifetime'],
    command(
      'kubectl -n … annotate serviceaccount … azure.workload.identity/service-account-token-expiration-',
    ),
    command("kubectl -n … get serviceaccount … -o jsonpath='{.metadata.annotations}'"),
  ),
  entry(
    'WI814',
    'The sample is still deployed, and anyone who can reach it can read the secret',
    ['A set-up deploys the sample for testing unless you pass --no-sample'],
    command('kubectl -n … delete deployment,service,configmap,networkpolicy vault-reader'),
    command('kubectl -n … get deployment vault-reader'),
  ),
  entry(
    'WI815',
    'The namespace enforces no Pod Security Standard (CIS 5.2.1)',
    ['The namespace existed before the set-up; a new one enforces the restricted standard'],
    command('kubectl label --overwrite namespace … pod-security.kubernetes.io/enforce=baseline'),
    command("kubectl get namespace … -o jsonpath='{.metadata.labels}'"),
  ),
  entry(
    'WI816',
    'The workload is in the default namespace (CIS 5.7.4)',
    ['No other namespace was set'],
    command('wi-setup --namespace …'),
    command('kubectl -n default get pods'),
  ),
  entry(
    'WI821',
    'Every user, or other pods in the namespace, can read secrets, start pods or create tokens (CIS 5.1.1 to 5.1.4, 5.1.12, 5.1.13)',
    [
      'A role is bound to a group such as system:authenticated or system:serviceaccounts',
      'The service account of a pipeline or an operator in the namespace has a broad role',
      'A role for checks, such as wi-setup-verify, includes the right to create pods for a dry run',
    ],
    command('kubectl -n … delete rolebinding …'),
    command('kubectl -n … get rolebindings -o wide'),
  ),
  entry(
    'WI831',
    'A deleted vault or secret can be purged before its retention period ends',
    ['Purge protection is disabled. Once enabled, it can never be disabled'],
    command('az keyvault update --resource-group … --name … --enable-purge-protection true'),
    command('az keyvault show --name … --query properties.enablePurgeProtection'),
  ),
  entry(
    'WI833',
    'The vault accepts connections from any address',
    ['The vault has no network rules'],
    command('az keyvault update --resource-group … --name … --default-action Deny'),
    command('az keyvault network-rule list --name …'),
  ),
  entry(
    'WI834',
    'The vault uses access policies instead of Azure RBAC',
    ['The vault was created that way. An access policy applies to the entire vault'],
    command('az keyvault update --name … --enable-rbac-authorization true'),
    command('az keyvault show --name … --query properties.enableRbacAuthorization'),
  ),
  entry(
    'WI835',
    'The user who ran the set-up can still read and write every secret',
    ['The role was assigned to create the secret, and the next set-up needs it again'],
    command('az role assignment delete --ids …'),
    command('az role assignment list --scope …'),
  ),
  entry(
    'WI836',
    'The secret never expires',
    ['No expiration date was set'],
    command('az keyvault secret set-attributes --vault-name … --name … --expires …'),
    command('az keyvault secret show --vault-name … --name … --query attributes.expires'),
  ),
  entry(
    'WI837',
    "The identity's access policy allows more than get and list",
    ['The policy was written by hand or for another application'],
    command('az keyvault set-policy --name … --object-id … --secret-permissions get list'),
    command('az keyvault show --name … --query properties.accessPolicies'),
  ),
]
