import { deletedSecret, deletedVaultKeepsName, recentRole, rolesIgnored } from '../causes.ts'
import { advice, command, shell } from '../command-template.ts'
import { listDeletedVaults } from '../commands.ts'
import type { CatalogueEntry } from './entry.ts'

const showPermissionModel = command('az keyvault show --name … --query properties.enableRbacAuthorization')
const showNetworkRules = command(
  'az keyvault show --name … --query "properties.{public:publicNetworkAccess, default:networkAcls.defaultAction, ips:networkAcls.ipRules}"',
)

const listSecrets = command(
  'az keyvault secret list --vault-name … --query "[].{name:name, enabled:attributes.enabled, expires:attributes.expires}" --output table',
)

/** WI5xx: Key Vault and access to it. */
export const accessEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI501',
    what: "The identity can't read the vault's secrets",
    errorMessages: [
      'Forbidden, ForbiddenByRbac: Caller is not authorized to perform action on resource. … Assignment: (not found)',
    ],
    why: [
      "The role is missing or is the wrong one: Key Vault Reader, Owner and Contributor don't grant access to secret values",
      'The role was assigned to the application instead of its service principal, or to another identity',
      recentRole,
    ],
    remedy: command('wi-setup vault'),
    manualChecks: [
      shell(
        'az role assignment list --assignee … --scope $(az keyvault show --name … --query id --output tsv) --include-inherited --output table',
      ),
    ],
  },
  {
    code: 'WI511',
    what: 'A deny assignment prevents the identity from reading secrets, regardless of its roles',
    errorMessages: [
      'Forbidden, ForbiddenByRbac: Caller is not authorized to perform action on resource. … DenyAssignmentId: …',
    ],
    why: [
      'A deployment stack or a managed application protects its resources by deny assignments',
      'The deny assignment applies to everyone, and the identity is not among the excluded principals',
    ],
    remedy: advice`Ask the owner of the deployment stack or the managed application to exclude the identity: only they can change its deny assignments. To list them: ${command('az rest --method get --url https://management.azure.com/subscriptions/…/providers/Microsoft.Authorization/denyAssignments?api-version=2022-04-01')}`,
    manualChecks: [command('az stack group list --resource-group … --output table')],
  },
  {
    code: 'WI502',
    what: 'The vault uses access policies, and none lets the identity read secrets',
    errorMessages: [
      "AccessDenied: The user, group or application '…' does not have secrets get permission on key vault '…'",
    ],
    why: [rolesIgnored, 'The policy names the application instead of its service principal'],
    remedy: command('wi-setup vault'),
    manualChecks: [
      showPermissionModel,
      command(
        'az keyvault show --name … --query "properties.accessPolicies[].{id:objectId, secrets:permissions.secrets}"',
      ),
    ],
  },
  {
    code: 'WI503',
    what: 'The vault uses Azure RBAC, so access policies have no effect',
    errorMessages: ["Cannot set policies to a vault with '--enable-rbac-authorization' specified"],
    why: ['The vault was created with az 2.61 or later, which enables Azure RBAC by default'],
    remedy: command('wi-setup vault'),
    manualChecks: [showPermissionModel],
  },
  {
    code: 'WI504',
    what: "The vault's network rules block the workload",
    errorMessages: [
      'ForbiddenByFirewall: Client address is not authorized and caller is not a trusted service.',
      'ForbiddenByConnection: Public network access is disabled …',
    ],
    why: [
      "The cluster's outbound IP address is not allowed",
      "The vault has only a private endpoint, and the cluster is not in its network or can't resolve its name",
    ],
    remedy: command('az keyvault network-rule add --name … --ip-address …'),
    manualChecks: [showNetworkRules, command('wi-setup verify --in-cluster')],
  },
  {
    code: 'WI505',
    what: 'The vault name is taken, possibly by a deleted vault',
    errorMessages: [
      'VaultAlreadyExists: The vault name … is already in use.',
      'ConflictError: A vault with the same name already exists in deleted state.',
    ],
    why: ['Vault names are unique across Azure', deletedVaultKeepsName],
    remedy: command('wi-setup vault --vault …'),
    manualChecks: [listDeletedVaults, command('az keyvault check-name --name …')],
  },
  {
    code: 'WI506',
    what: "The vault doesn't exist",
    errorMessages: ['getaddrinfo ENOTFOUND ….vault.azure.net', 'ResourceNotFound'],
    why: [
      'The name is misspelled',
      'The vault is in another resource group or subscription',
      'The vault was deleted; it can be recovered',
    ],
    remedy: command('wi-setup vault'),
    manualChecks: [
      command('az keyvault list --query "[].{name:name, group:resourceGroup}" --output table'),
      listDeletedVaults,
    ],
  },
  {
    code: 'WI507',
    what: "The secret doesn't exist or is disabled",
    errorMessages: [
      'SecretNotFound: A secret with (name/id) … was not found in this key vault.',
      'SecretDisabled: Operation get is not allowed on a disabled secret.',
    ],
    why: ['The name is misspelled', deletedSecret, 'The secret was disabled'],
    remedy: command('wi-setup vault --secret …'),
    manualChecks: [listSecrets, command('az keyvault secret list-deleted --vault-name … --output table')],
  },
  {
    code: 'WI508',
    what: "The workload's own token can't read the secret",
    errorMessages: ['Forbidden, ForbiddenByRbac', 'Unauthorized: AKV10032: Invalid issuer.'],
    why: [
      'The role was assigned less than 10 minutes ago, and Key Vault has not picked it up yet',
      'The vault belongs to a different tenant than the identity',
    ],
    remedy: command('wi-setup verify --wait 10m'),
    manualChecks: [listSecrets, showPermissionModel],
  },
  {
    code: 'WI510',
    what: 'The secret has expired or is not yet valid',
    errorMessages: ['no error: Key Vault still returns the secret, but some applications check its dates'],
    why: ["The secret's dates were set, and never updated"],
    remedy: command('wi-setup vault --secret … --secret-from-stdin'),
    manualChecks: [listSecrets],
  },
]
