import { fromCatalogue } from './catalogue/index.ts'
import { deletedSecret, deletedVaultKeepsName, noAccessToValues, recentRole, rolesIgnored } from './causes.ts'
import { advice, command, grant } from './command-template.ts'
import { listDeletedVaults } from './commands.ts'
import type { Explanation } from './explanation.ts'
import type { Values } from './values.ts'

const services = ['vault'] as const
const caller = /oid=(?<objectId>[0-9a-f-]{36})/i
const application = /appid=(?<application>[0-9a-f-]{36})/i
const name = /(?:Vault: |key vault ')(?<vault>[\w-]+)/i
const resource = /Resource: '(?<scope>[^']*?\/vaults\/[^/']+)/i

/** The narrowest role for an action: that of those who use what is in the vault, or of those who change it. */
const roles = [
  {
    action: /vaults\/keys\/(?!(?:create|import|delete|recover|purge|restore))/i,
    role: 'Key Vault Crypto User',
  },
  { action: /vaults\/keys\//i, role: 'Key Vault Crypto Officer' },
  { action: /vaults\/certificates\/read/i, role: 'Key Vault Certificate User' },
  { action: /vaults\/certificate/i, role: 'Key Vault Certificates Officer' },
  { action: /getSecret|readMetadata/i, role: 'Key Vault Secrets User' },
  { action: /./, role: 'Key Vault Secrets Officer' },
]

const requiredRole = ({ action = 'getSecret' }: Values): Values => ({
  role: roles.find((each) => each.action.test(action))!.role,
})

const grantRole = grant(
  command(
    'az role assignment create --role {role|…} --assignee-object-id {objectId|…} --assignee-principal-type ServicePrincipal --scope {scope|…}',
  ),
)

/** Key Vault: the vault and its secrets. */
export const vaultExplanations: readonly Explanation[] = [
  {
    codes: ['VaultAlreadyExists', 'AlreadyExists'],
    message: /vault name '(?<vault>[^']+)' is already in use/i,
    check: 'WI505',
    what: 'The vault name[ {vault}] is already in use',
    why: fromCatalogue('WI505').why,
    remedy: 'Choose another name with --vault',
  },
  {
    codes: ['VaultAlreadyExists'],
    check: 'WI505',
    what: 'The vault name is already in use',
    why: fromCatalogue('WI505').why,
    remedy: 'Choose another name with --vault',
  },
  {
    codes: ['ConflictError', 'Conflict'],
    message: /same name already exists in deleted state/i,
    check: 'WI505',
    what: 'A deleted vault still reserves the name',
    why: [deletedVaultKeepsName],
    remedy: command('wi-setup vault'),
  },
  {
    codes: ['ConflictError'],
    what: 'Another operation on the vault is in progress',
    why: ['Another run or tool is changing the vault'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['VaultNameNotValid', 'AccountNameInvalid'],
    what: 'The vault name is invalid',
    why: [
      'A vault name has 3 to 24 letters, digits and hyphens, starts with a letter, ends with a letter or digit, and has no consecutive hyphens',
    ],
    remedy: 'Choose another name with --vault',
  },
  {
    codes: ['VaultRegisteringDns'],
    what: "The new vault's name does not resolve yet",
    why: ['The vault was created only seconds ago'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['DeletedVaultNotFound'],
    what: 'There is no deleted vault with this name',
    why: ['The vault has been purged or recovered'],
    remedy: listDeletedVaults,
  },
  {
    codes: ['SecretNotFound'],
    values: [/\(name\/id\) (?<secret>\S+) was not found/],
    check: 'WI507',
    what: 'The vault has no secret {secret|with this name}',
    why: ['The name is misspelled', deletedSecret],
    remedy: command('wi-setup vault[ --secret {secret}]'),
  },
  {
    codes: ['KeyNotFound'],
    values: [/\(name\/id\) (?<key>\S+) was not found/],
    check: 'WI907',
    what: 'The vault has no key {key|with this name}',
    why: ['The name is misspelled', 'The key was deleted, and can be recovered'],
    remedy: command('az keyvault key list --vault-name … --query "[].kid"'),
  },
  {
    codes: ['CertificateNotFound'],
    values: [/\(name\/id\) (?<certificate>\S+) was not found/],
    check: 'WI907',
    what: 'The vault has no certificate {certificate|with this name}',
    why: ['The name is misspelled', 'The certificate was deleted, and can be recovered'],
    remedy: command('az keyvault certificate list --vault-name … --query "[].id"'),
  },
  {
    codes: ['ForbiddenByRbac'],
    message: /DenyAssignmentId: '?(?<denial>[0-9a-f-]{32,36})/i,
    values: [/Action: '(?<action>[^']+)'/, caller, name],
    check: 'WI511',
    what: 'The deny assignment {denial|on the vault} denies {objectId|the caller} the action {action|that it requested}[ in vault {vault}], regardless of its roles',
    why: fromCatalogue('WI511').why,
    remedy: fromCatalogue('WI511').remedy,
  },
  {
    codes: ['ForbiddenByRbac'],
    message: /not authorized to perform action on resource/i,
    values: [
      /Action: '(?<action>[^']+)'/,
      /Resource: '(?<resource>[^']+)'/,
      resource,
      caller,
      application,
      name,
    ],
    check: 'WI501',
    what: 'The vault[ {vault}] uses Azure RBAC, and {objectId|the caller} has no role that allows {action|this}',
    why: [
      recentRole,
      'The role was assigned to another identity, or to the application instead of its service principal',
      noAccessToValues,
    ],
    derive: requiredRole,
    remedy: grantRole,
  },
  {
    codes: ['ForbiddenByPolicy'],
    message: /to use on-behalf-of \(OBO\) flow/i,
    values: [caller, name],
    check: 'WI502',
    what: 'The access policy of {objectId|the caller} applies only to requests through an authorized application',
    why: ['The policy specifies an "authorized application", but a workload makes its requests directly'],
    remedy: command(
      'az keyvault delete-policy --name {vault|…} --object-id {objectId|…} --application-id … && wi-setup vault',
    ),
  },
  {
    codes: ['ForbiddenByRbac', 'ForbiddenByPolicy'],
    values: [caller, name],
    check: 'WI501',
    what: 'The vault does not allow {objectId|the caller} to do this',
    why: ['The role or access policy is missing, or was assigned less than 10 minutes ago'],
    remedy: command('wi-setup vault'),
  },
  {
    codes: ['AccessDenied'],
    message: /does not have secrets (?<permission>\w+) permission on key vault '(?<vault>[^';]+)/i,
    values: [caller],
    check: 'WI502',
    what: 'The vault[ {vault}] uses access policies, and none allows {objectId|the caller} to {permission|get} secrets',
    why: [
      'The policy was assigned to another identity, or to the application instead of its service principal',
      rolesIgnored,
    ],
    derive: ({ permission }) => ({
      permission,
      added: permission && permission !== 'get' && permission !== 'list' ? permission : undefined,
    }),
    remedy: grant(
      command(
        'az keyvault set-policy --name {vault|…} --object-id {objectId|…} --secret-permissions[ {added}] get list',
      ),
    ),
  },
  {
    codes: ['AccessDenied'],
    message: /does not have keys (?<permission>\w+) permission on key vault '(?<vault>[^';]+)/i,
    values: [caller],
    check: 'WI903',
    what: 'The vault[ {vault}] uses access policies, and none allows {objectId|the caller} the permission {permission|get} for keys',
    why: [
      'The policy covers secrets only: keys and certificates have permissions of their own',
      rolesIgnored,
    ],
    remedy: grant(
      command('az keyvault set-policy --name {vault|…} --object-id {objectId|…} --key-permissions get list'),
    ),
  },
  {
    codes: ['AccessDenied'],
    message: /does not have certificates (?<permission>\w+) permission on key vault '(?<vault>[^';]+)/i,
    values: [caller],
    check: 'WI903',
    what: 'The vault[ {vault}] uses access policies, and none allows {objectId|the caller} the permission {permission|get} for certificates',
    why: [
      'The policy covers secrets only: keys and certificates have permissions of their own',
      rolesIgnored,
    ],
    remedy: grant(
      command(
        'az keyvault set-policy --name {vault|…} --object-id {objectId|…} --certificate-permissions get list',
      ),
    ),
  },
  {
    codes: ['ForbiddenByFirewall'],
    message: /Client address is not authorized/i,
    values: [/Client address: (?<address>[\d.:a-f]+)/i, name],
    check: 'WI504',
    what: 'The firewall of the vault[ {vault}] blocks {address|this address}',
    why: ['Only certain networks are allowed, and this machine or the cluster is in none of them'],
    remedy: grant(command('az keyvault network-rule add --name {vault|…} --ip-address {address|…}')),
  },
  {
    codes: ['ForbiddenByConnection'],
    message: /Public network access is disabled and request|not an approved private link/i,
    values: [name],
    check: 'WI504',
    what: 'The vault[ {vault}] is only reachable through a private endpoint',
    why: ["Public network access is disabled, and this machine or the cluster is not in the vault's network"],
    remedy: advice`Create a private endpoint for the vault and link the private DNS zone privatelink.vaultcore.azure.net to the network of the cluster; the workload keeps using the ordinary name. To see what exists: ${command('az keyvault show --name {vault|…} --query properties.privateEndpointConnections')}`,
  },
  {
    codes: ['SecretDisabled'],
    message: /not allowed on a disabled secret/i,
    check: 'WI507',
    what: 'The secret is disabled',
    why: ['This version of the secret was disabled'],
    remedy: command('az keyvault secret set-attributes --enabled true --vault-name … --name …'),
  },
  {
    codes: ['ObjectIsDeletedButRecoverable'],
    message: /Secret (?<secret>\S+) is currently in a deleted but recoverable state/i,
    what: 'A deleted secret[ {secret}] still reserves the name',
    why: ["A deleted secret keeps its name for the vault's retention period"],
    remedy: command('wi-setup vault[ --secret {secret}]'),
  },
  {
    codes: ['ObjectIsBeingDeleted', 'ObjectIsBeingRecovered'],
    values: [/Secret (?<secret>\S+) is currently/],
    what: 'The secret[ {secret}] is being deleted or recovered',
    why: ['An earlier command has not finished yet'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['BadParameter'],
    services,
    what: 'Key Vault rejects a value',
    why: ['A secret name has 1 to 127 letters, digits and hyphens; a value has at most 25 KB'],
    remedy: 'Choose another name with --secret, or a shorter value',
  },
  {
    codes: ['Unauthorized'],
    services,
    message: /AKV10022|Invalid audience/,
    values: [/Expected (?<expected>https:[^\s,"]{1,200})/, /found: (?<audience>[^\s"]+?)\.?(?:["\s]|$)/m],
    what: 'The token is for {audience|another service}, not for Key Vault[, which expects {expected}]',
    why: [
      'The application requests the wrong scope',
      "The application is configured for another cloud than the vault's (AZURE_AUTHORITY_HOST, environmentType)",
    ],
    remedy:
      "Request the scope {expected|https://vault.azure.net}/.default in the application, and configure it for the vault's cloud",
  },
  {
    codes: ['Unauthorized'],
    services,
    message: /AKV10032|Invalid issuer/,
    values: [/found https:\/\/[^/]+\/(?<tenant>[^/\s]+)/],
    check: 'WI501',
    what: 'The token belongs to a different tenant[, {tenant},] than the vault',
    why: ['The tenant-id annotation or the sign-in names the wrong tenant'],
    remedy: command('az keyvault show --name … --query properties.tenantId --output tsv'),
  },
  {
    codes: ['Unauthorized'],
    services,
    what: 'Key Vault rejects the token',
    why: ['The token has expired, is missing, or is meant for another service'],
    remedy: command('az login'),
  },
  {
    codes: ['ChallengeMismatch'],
    what: 'The vault requests a token for a different service than its own address',
    why: ['The address is not a Key Vault of this cloud, or a proxy responds instead'],
    remedy: command('wi-setup verify --debug'),
  },
]
