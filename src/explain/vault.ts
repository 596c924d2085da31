import { quoted } from '../base/shell.ts'
import type { Explanation, Values } from './explanation.ts'

const services = ['vault'] as const
const caller = /oid=(?<objectId>[0-9a-f-]{36})/i
const application = /appid=(?<application>[0-9a-f-]{36})/i
const name = /(?:Vault: |key vault ')(?<vault>[\w-]+)/i
const resource = /Resource: '(?<scope>[^']*?\/vaults\/[^/']+)/i

const reads = /getSecret|readMetadata/i

const grantRole = ({ action, objectId, scope, vault }: Values) =>
  `az role assignment create --role ${reads.test(action ?? 'getSecret') ? "'Key Vault Secrets User'" : "'Key Vault Secrets Officer'"} --assignee-object-id ${quoted(objectId ?? '…')} --assignee-principal-type ServicePrincipal --scope ${scope ? quoted(scope) : `$(az keyvault show --name ${quoted(vault ?? '…')} --query id --output tsv)`}`

/** Key Vault: the vault itself, and the secrets in it. */
export const vaultExplanations: readonly Explanation[] = [
  {
    codes: ['VaultAlreadyExists', 'AlreadyExists'],
    message: /vault name '(?<vault>[^']+)' is already in use/i,
    check: 'WI505',
    what: 'The vault name[ {vault}] is taken; names are unique in all of Azure',
    why: [
      'somebody else has a vault of this name',
      'a vault of this name was deleted and still holds it, for up to 90 days',
    ],
    remedy: 'Choose another name with --vault',
  },
  {
    codes: ['VaultAlreadyExists'],
    check: 'WI505',
    what: 'The vault name is taken; names are unique in all of Azure',
    why: ['somebody else has a vault of this name, or a deleted one still holds it'],
    remedy: 'Choose another name with --vault',
  },
  {
    codes: ['ConflictError', 'Conflict'],
    message: /same name already exists in deleted state/i,
    check: 'WI505',
    what: 'A deleted vault still holds the name',
    why: ['deleted vaults are kept for 7 to 90 days'],
    remedy: 'npx wi-setup vault',
  },
  {
    codes: ['ConflictError'],
    what: 'Another operation on the vault is under way',
    why: ['another run or tool changes the vault'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['VaultNameNotValid', 'AccountNameInvalid'],
    what: 'The vault name is not valid',
    why: ['3 to 24 letters, digits and hyphens, a letter first, a letter or digit last, no "--"'],
    remedy: 'Choose another name with --vault',
  },
  {
    codes: ['VaultRegisteringDns'],
    what: "The new vault's name cannot be looked up yet",
    why: ['the vault is only seconds old'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['DeletedVaultNotFound'],
    what: 'There is no deleted vault of this name',
    why: ['it was purged or recovered in the meantime'],
    remedy: 'az keyvault list-deleted --output table',
  },
  {
    codes: ['SecretNotFound'],
    values: [/\(name\/id\) (?<secret>\S+) was not found/],
    check: 'WI507',
    what: 'The vault has no secret {secret|of this name}',
    why: ['the name is misspelt', 'it was deleted, and can be recovered'],
    remedy: 'npx wi-setup vault[ --secret {secret}]',
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
    what: 'The vault[ {vault}] goes by roles, and {objectId|the caller} has none that allows {action|this}',
    why: [
      'the role was given less than 10 minutes ago',
      'it was given to another identity, or to the application in place of its service principal',
      'Owner and Contributor do not include reading secrets',
    ],
    remedy: grantRole,
  },
  {
    codes: ['ForbiddenByPolicy'],
    message: /to use on-behalf-of \(OBO\) flow/i,
    values: [caller, name],
    check: 'WI502',
    what: 'The access policy of {objectId|the caller} is only for an application that acts on its behalf',
    why: ['an "authorized application" was chosen in the policy; a workload comes by itself'],
    remedy: ({ vault, objectId }) =>
      `az keyvault delete-policy --name ${quoted(vault ?? '…')} --object-id ${quoted(objectId ?? '…')} --application-id … && npx wi-setup vault`,
  },
  {
    codes: ['ForbiddenByRbac', 'ForbiddenByPolicy'],
    values: [caller, name],
    check: 'WI501',
    what: 'The vault does not let {objectId|the caller} do this',
    why: ['the role or policy is missing, or was given less than 10 minutes ago'],
    remedy: 'npx wi-setup vault',
  },
  {
    codes: ['AccessDenied'],
    message: /does not have secrets (?<permission>\w+) permission on key vault '(?<vault>[^';]+)/i,
    values: [caller],
    check: 'WI502',
    what: 'The vault[ {vault}] goes by access policies, and {objectId|the caller} may not {permission|read} secrets in it',
    why: [
      'the policy was given to another identity, or to the application in place of its service principal',
      'a role was given; this vault does not look at roles',
    ],
    remedy: ({ vault, objectId, permission }) =>
      `az keyvault set-policy --name ${quoted(vault ?? '…')} --object-id ${quoted(objectId ?? '…')} --secret-permissions ${permission && permission !== 'get' && permission !== 'list' ? `${permission} ` : ''}get list`,
  },
  {
    codes: ['ForbiddenByFirewall'],
    message: /Client address is not authorized/i,
    values: [/Client address: (?<address>[\d.:a-f]+)/i, name],
    check: 'WI504',
    what: 'The firewall of the vault[ {vault}] does not let {address|this address} in',
    why: ['only some networks are allowed, and this machine or the cluster is in none of them'],
    remedy: 'az keyvault network-rule add --name {vault|…} --ip-address {address|…}',
  },
  {
    codes: ['ForbiddenByConnection'],
    message: /Public network access is disabled|not an approved private link/i,
    values: [name],
    check: 'WI504',
    what: 'The vault[ {vault}] can only be reached through a private link',
    why: ['public network access is switched off, and this machine or the cluster is not in its network'],
    remedy: 'az keyvault update --name {vault|…} --public-network-access Enabled',
  },
  {
    codes: ['SecretDisabled'],
    message: /not allowed on a disabled secret/i,
    check: 'WI507',
    what: 'The secret is disabled',
    why: ['somebody switched this version off'],
    remedy: 'az keyvault secret set-attributes --enabled true --vault-name … --name …',
  },
  {
    codes: ['ObjectIsDeletedButRecoverable'],
    message: /Secret (?<secret>\S+) is currently in a deleted but recoverable state/i,
    what: 'A deleted secret[ {secret}] still holds the name',
    why: ['deleted secrets are kept as long as the vault says'],
    remedy: 'npx wi-setup vault[ --secret {secret}]',
  },
  {
    codes: ['ObjectIsBeingDeleted', 'ObjectIsBeingRecovered'],
    values: [/Secret (?<secret>\S+) is currently/],
    what: 'The secret[ {secret}] is just being deleted or recovered',
    why: ['an earlier command is not through yet'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['BadParameter'],
    services,
    what: 'Key Vault does not accept a value',
    why: ['secret names have 1 to 127 letters, digits and hyphens; values at most 25 KB'],
    remedy: 'Choose another name with --secret, or a shorter value',
  },
  {
    codes: ['Unauthorized'],
    services,
    message: /AKV10022|Invalid audience/,
    values: [/found: (?<audience>\S+?)\.?$/m],
    what: 'The token is for {audience|another service}, not for Key Vault',
    why: ['the program asks for the wrong scope'],
    remedy: 'Ask for https://vault.azure.net/.default in the program',
  },
  {
    codes: ['Unauthorized'],
    services,
    message: /AKV10032|Invalid issuer/,
    values: [/found https:\/\/[^/]+\/(?<tenant>[^/\s]+)/],
    check: 'WI501',
    what: "The token is of another tenant[, {tenant},] than the vault's",
    why: ['the tenant-id annotation or the sign-in names the wrong tenant'],
    remedy: 'az keyvault show --name … --query properties.tenantId --output tsv',
  },
  {
    codes: ['Unauthorized'],
    services,
    what: 'Key Vault does not accept the token',
    why: ['it has expired, is missing, or is meant for another service'],
    remedy: 'az login',
  },
  {
    codes: ['ChallengeMismatch'],
    what: 'The vault names another service for the token than its own address',
    why: ['the address is not that of a Key Vault of this cloud, or a proxy answers in its place'],
    remedy: 'npx wi-setup verify --debug',
  },
]
