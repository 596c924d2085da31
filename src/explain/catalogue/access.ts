import type { CatalogueEntry } from './entry.ts'

const mode = 'az keyvault show --name … --query properties.enableRbacAuthorization'
const network =
  'az keyvault show --name … --query "properties.{public:publicNetworkAccess, default:networkAcls.defaultAction, ips:networkAcls.ipRules}"'

const secrets =
  'az keyvault secret list --vault-name … --query "[].{name:name, enabled:attributes.enabled, expires:attributes.expires}" --output table'

/** WI5xx: the vault and the way in. */
export const accessEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI501',
    what: "The identity may not read the vault's secrets",
    errorMessages: [
      'Forbidden, ForbiddenByRbac: Caller is not authorized to perform action on resource. … Assignment: (not found)',
    ],
    why: [
      'the role is missing, or is the wrong one: "Key Vault Reader", Owner and Contributor do not read secrets',
      'it was given to the application in place of its service principal, or to another identity',
      'it was given less than ten minutes ago',
    ],
    remedy: 'npx wi-setup vault',
    manualChecks: [
      'az role assignment list --assignee … --scope $(az keyvault show --name … --query id --output tsv) --include-inherited --output table',
    ],
  },
  {
    code: 'WI502',
    what: 'The vault goes by access policies, and none lets the identity read secrets',
    errorMessages: [
      "AccessDenied: The user, group or application '…' does not have secrets get permission on key vault '…'",
    ],
    why: [
      'a role was given; this vault does not look at roles',
      'the policy names the application in place of its service principal',
    ],
    remedy: 'npx wi-setup vault',
    manualChecks: [
      mode,
      'az keyvault show --name … --query "properties.accessPolicies[].{id:objectId, secrets:permissions.secrets}"',
    ],
  },
  {
    code: 'WI503',
    what: 'An access policy is to be set on a vault that goes by roles',
    errorMessages: ["Cannot set policies to a vault with '--enable-rbac-authorization' specified"],
    why: ['new vaults go by roles since az 2.61'],
    remedy: 'npx wi-setup vault',
    manualChecks: [mode],
  },
  {
    code: 'WI504',
    what: "The vault's network rules keep the workload out",
    errorMessages: [
      'ForbiddenByFirewall: Client address is not authorized and caller is not a trusted service.',
      'ForbiddenByConnection: Public network access is disabled …',
    ],
    why: [
      "the cluster's address on the way out is not among those allowed",
      'the vault has only a private endpoint, and the cluster is not in its network or does not resolve its name',
    ],
    remedy: 'az keyvault network-rule add --name … --ip-address …',
    manualChecks: [network, 'npx wi-setup verify --in-cluster'],
  },
  {
    code: 'WI505',
    what: "The vault's name is taken, or held by a deleted one",
    errorMessages: [
      'VaultAlreadyExists: The vault name … is already in use.',
      'ConflictError: A vault with the same name already exists in deleted state.',
    ],
    why: ['names are unique in all of Azure', 'a deleted vault keeps its name for 7 to 90 days'],
    remedy: 'npx wi-setup vault --vault …',
    manualChecks: ['az keyvault list-deleted --output table', 'az keyvault check-name --name …'],
  },
  {
    code: 'WI506',
    what: 'The vault is not there',
    errorMessages: ['getaddrinfo ENOTFOUND ….vault.azure.net', 'ResourceNotFound'],
    why: [
      'the name is misspelt',
      'it lies in another resource group or subscription',
      'it was deleted; it can be recovered',
    ],
    remedy: 'npx wi-setup vault',
    manualChecks: [
      'az keyvault list --query "[].{name:name, group:resourceGroup}" --output table',
      'az keyvault list-deleted --output table',
    ],
  },
  {
    code: 'WI507',
    what: 'The secret is not there, or is disabled',
    errorMessages: [
      'SecretNotFound: A secret with (name/id) … was not found in this key vault.',
      'SecretDisabled: Operation get is not allowed on a disabled secret.',
    ],
    why: ['the name is misspelt', 'it was deleted, and can be recovered', 'somebody switched it off'],
    remedy: 'npx wi-setup vault --secret …',
    manualChecks: [secrets, 'az keyvault secret list-deleted --vault-name … --output table'],
  },
  {
    code: 'WI508',
    what: "The secret cannot be read with the workload's own token",
    errorMessages: ['Forbidden, ForbiddenByRbac', 'Unauthorized: AKV10032: Invalid issuer.'],
    why: [
      'the role is too young: Key Vault learns of it within ten minutes',
      "the vault is of another tenant than the identity's",
    ],
    remedy: 'npx wi-setup verify --wait 10m',
    manualChecks: [secrets, mode],
  },
  {
    code: 'WI510',
    what: 'The secret is outside of the time for which it is meant',
    errorMessages: ['nothing fails: Key Vault hands it out all the same; some programs look at the dates'],
    why: ['it has expired, or is not to be used yet, and nobody renewed it'],
    remedy: 'npx wi-setup vault --secret … --secret-from-stdin',
    manualChecks: [secrets],
  },
]
