import { fromCatalogue } from './catalogue/index.ts'
import { advice, command, grant } from './command-template.ts'
import { listPolicyAssignments } from './commands.ts'
import { codePattern, type Explanation } from './explanation.ts'
import type { Values } from './values.ts'

const services = ['arm'] as const
const caller = /client '(?<client>[^']+)'/
const objectId = /object id '(?<objectId>[^']+)'/

/** The least-privileged built-in role for an action; the first match counts. */
const roles: readonly [RegExp, string][] = [
  [/^Microsoft\.Authorization\/roleAssignments\/(write|delete)/i, 'Role Based Access Control Administrator'],
  [/managedClusters\/listClusterUserCredential/i, 'Azure Kubernetes Service Cluster User Role'],
  [/managedClusters\/listClusterAdminCredential/i, 'Azure Kubernetes Service Cluster Admin Role'],
  [/deletedVaults\//i, 'Key Vault Purge Operator'],
  [/\/register\/action$/i, 'Contributor'],
  [/\/read$/i, 'Reader'],
  [/^Microsoft\.ContainerService\//i, 'Azure Kubernetes Service Contributor Role'],
  [/userAssignedIdentities\/assign\//i, 'Managed Identity Operator'],
  [/^Microsoft\.ManagedIdentity\//i, 'Managed Identity Contributor'],
  [/vaults\/secrets\/(getSecret|readMetadata)\//i, 'Key Vault Secrets User'],
  [/vaults\/secrets\//i, 'Key Vault Secrets Officer'],
  [/^Microsoft\.KeyVault\//i, 'Key Vault Contributor'],
  [/^Microsoft\.Network\/dnsZones\//i, 'DNS Zone Contributor'],
  [/^Microsoft\.Network\/privateDnsZones\//i, 'Private DNS Zone Contributor'],
]

/** Returns the scope to assign the role at. A resource to be created has no scope of its own yet. */
function scopeFor(action: string, scope: string): string {
  if (/^Microsoft\.Authorization\//i.test(action))
    return scope.replace(/\/providers\/Microsoft\.Authorization\/.*$/i, '')
  if (/resourceGroups\/write$|register\/action$|deletedVaults\//i.test(action))
    return /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? scope
  return /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/i.exec(scope)?.[0] ?? scope
}

const requiredRole = ({ action, scope, client }: Values): Values => {
  if (!action || !scope) return {}
  return {
    role: roles.find(([pattern]) => pattern.test(action))?.[1] ?? 'Contributor',
    at: scopeFor(action, scope),
    principalType: client?.includes('@') ? 'User' : 'ServicePrincipal',
  }
}

/** Assigns the caller the role at the scope. */
const assignRole = grant(
  command(
    'az role assignment create --role {role|…} --assignee-object-id {objectId|…} --assignee-principal-type {principalType|…} --scope {at|…}',
  ),
)

/** The policy itself is not to be changed by who it restricts. */
const askPolicyOwner = advice`Show what the policy requires: ${command('az policy assignment show --name {assignment|…} --scope {scope|…}')}. Then follow it: choose an allowed region with --location, or create the resource as the policy requires (such as with its tags) and run the same command again, which uses it. If the policy is not meant for this resource, only its owner can exempt it.`

const otherOperation = ['Another run or tool, or an earlier run that was interrupted, is changing it']
const waitAndRetry = 'Wait a few minutes, then run the same command again'

/** Azure Resource Manager in general. */
export const armExplanations: readonly Explanation[] = [
  {
    codes: ['AuthorizationFailed'],
    message:
      /authorization or an ABAC condition not fulfilled to perform action '(?<action>[^']+)' over scope '(?<scope>[^']+)'/,
    values: [caller, objectId],
    derive: requiredRole,
    what: '{client|The caller} is not authorized to perform {action|this action} on {scope|the resource}',
    why: [
      "The caller's role has a condition (ABAC) that forbids assigning this role, or to this kind of principal",
      'The caller has no role that allows it',
    ],
    remedy: command(
      'az role assignment list --assignee … --all --query "[].{role:roleDefinitionName, condition:condition, scope:scope}"',
    ),
  },
  {
    codes: ['AuthorizationFailed'],
    message: /authorization to perform action '(?<action>[^']+)' over scope '(?<scope>[^']+)'/,
    values: [caller, objectId],
    derive: requiredRole,
    what: '{client|The caller} is not authorized to perform {action|this action} on {scope|the resource}; the role "{role|Contributor}" is required',
    why: [
      'The role was never assigned; someone who can assign roles at this scope has to run the command',
      'The role was assigned less than 10 minutes ago, or after the sign-in',
      "The scope doesn't exist: Azure returns the same error",
    ],
    remedy: assignRole,
  },
  {
    codes: ['AuthorizationFailed'],
    what: 'You are not authorized to perform this action',
    why: ['A role is missing, or was assigned less than 10 minutes ago'],
    remedy: command('az role assignment list --assignee … --all --output table'),
  },
  {
    codes: ['LinkedAuthorizationFailed'],
    values: [
      caller,
      objectId,
      /does not have (?:permission|authorization) to perform action(?:\(s\))? '(?<action>[^']+)' on the linked scope\(s\) '(?<scope>[^'\s,]+)'/,
    ],
    derive: requiredRole,
    what: '{client|The caller} can write the resource, but is not authorized to perform {action|the required action} on {scope|a resource that it refers to}[; the role "{role}" is required]',
    why: ['The resource refers to a network, disk or identity on which the caller has no role'],
    remedy: assignRole,
  },
  {
    codes: ['AuthenticationFailed', 'InvalidAuthenticationToken'],
    services,
    what: 'Azure rejects the sign-in',
    why: ['The sign-in has expired', 'The token is meant for another service or cloud'],
    remedy: command('az login'),
  },
  {
    codes: ['InvalidAuthenticationTokenAudience'],
    values: [/resource '(?<audience>[^']+)'/],
    what: 'The token is for {audience|another service}, not for Azure Resource Manager',
    why: ["The selected cloud is not the account's cloud"],
    remedy: command('az cloud show --query name --output tsv'),
  },
  {
    codes: ['InvalidAuthenticationTokenTenant'],
    values: [/must match the tenant 'https:\/\/[^/]+\/(?<tenant>[^/']+)/],
    what: "You are signed in to a different tenant than the subscription's[, {tenant}]",
    why: fromCatalogue('WI801').why,
    remedy: command('az login[ --tenant {tenant}]'),
  },
  {
    codes: ['ExpiredAuthenticationToken'],
    values: [/expiry UTC time '(?<until>[^']+)' is earlier than current UTC time '(?<now>[^']+)'/],
    what: 'The token has expired[ ({until} UTC)]',
    why: ['The sign-in has expired', "This machine's clock is wrong"],
    remedy: command('az login'),
  },
  {
    codes: ['RequestDisallowedByPolicy'],
    values: [
      /Resource '(?<resource>[^']+)'/,
      /"policyDefinitionDisplayName"\s*:\s*"(?<policy>[^"]+)"/,
      /"policyDefinition"\s*:\s*\{"name"\s*:\s*"(?<policy>[^"]+)"/,
      /"policyAssignment"\s*:\s*\{"name"\s*:\s*"(?<title>[^"]+)"\s*,\s*"id"\s*:\s*"(?<scope>[^"]*?)\/providers\/Microsoft\.Authorization\/policyAssignments\/(?<assignment>[^"/]+)"/i,
    ],
    check: 'WI409',
    what: 'A policy[ "{policy}"] does not allow {resource|this resource}[; its assignment is "{title}"]',
    why: ['The organization requires other regions, names, tags, sizes or network settings'],
    remedy: (values) => (values?.assignment ? askPolicyOwner(values) : listPolicyAssignments()),
  },
  {
    codes: ['RequestDisallowedByAzure'],
    what: "The subscription can't create resources in this region",
    why: ['Student and trial subscriptions are limited to a few regions'],
    remedy: 'Choose another region with --location',
  },
  {
    codes: ['ScopeLocked'],
    values: [/scope\(s\) are locked: '(?<scope>[^']+)'/],
    what: 'A lock on {scope|the resource} prevents this operation',
    why: ['Its owner protects it against deletion (CanNotDelete), or against every change (ReadOnly)'],
    remedy: advice`Ask the owner. If you may remove the lock, find its ID: ${command('az lock list --query "[].{id:id, level:level, notes:notes}" --output table')}, then: ${command('az lock delete --ids …')}`,
  },
  {
    codes: ['SubscriptionNotFound', 'InvalidSubscriptionId', 'NoSubscription'],
    values: [/subscription '(?<subscription>[^']+)'/i],
    what: "The subscription[ {subscription}] doesn't exist or you have no access to it",
    why: ['The ID is misspelled', 'You are signed in to another tenant or with another account'],
    remedy: command('az account list --all --output table'),
  },
  {
    codes: ['ResourceGroupNotFound'],
    values: [/group '(?<group>[^']+)'/i],
    what: "The resource group[ {group}] doesn't exist",
    why: ['The name is misspelled, or the group is in another subscription', 'The group has been deleted'],
    remedy: command('az group list --output table'),
  },
  {
    codes: ['ResourceNotFound'],
    values: [/Resource '(?<resource>[^']+)' under resource group '(?<group>[^']+)'/],
    what: "{resource|The resource} doesn't exist in the resource group[ {group}]",
    why: ['The name is misspelled, or the resource is in another group', 'The resource has been deleted'],
    remedy: command('az resource list[ --resource-group {group}] --output table'),
  },
  {
    codes: ['MissingSubscriptionRegistration'],
    values: [/namespace '(?<provider>[^']+)'/],
    what: 'The resource provider[ {provider}] is not registered in the subscription',
    why: ['A new subscription has few providers registered'],
    remedy: command('az provider register --wait --namespace {provider|Microsoft.ContainerService}'),
  },
  {
    codes: ['NoRegisteredProviderFound'],
    values: [/location '(?<location>[^']+)'/, /type '(?<type>[^']+)'/],
    what: '{type|The resource type} is not available in {location|this region} with this API version',
    why: ['The region is new or small', 'This cloud lags behind the public cloud'],
    remedy: 'Choose another region with --location',
  },
  {
    codes: [
      'InvalidResourceType',
      'InvalidResourceNamespace',
      'MissingApiVersionParameter',
      'InvalidApiVersionParameter',
    ],
    what: "This cloud doesn't support the resource type or its API version",
    why: ['The cloud lags behind the public cloud, or --cloud is not the URL of a resource manager'],
    remedy: command('az cloud show'),
  },
  {
    codes: [
      'LocationNotAvailableForResourceType',
      'LocationNotAvailableForResourceGroup',
      'RegionNotSupported',
      'InvalidLocation',
    ],
    values: [/location '(?<location>[^']+)'/],
    what: 'The region[ {location}] is not available for this resource',
    why: ["The name is misspelled, or the subscription can't use the region"],
    remedy: command('az account list-locations --query "[].name" --output tsv'),
  },
  {
    codes: ['InvalidResourceLocation', 'InvalidResourceGroupLocation'],
    values: [/already exists in location '(?<location>[^']+)'/],
    what: 'The resource already exists in another region[, {location}]',
    why: ["The requested region differs from the existing resource's"],
    remedy: command('wi-setup[ --location {location}]'),
  },
  {
    codes: ['ResourceGroupBeingDeleted'],
    values: [/group '(?<group>[^']+)'/i],
    what: 'The resource group[ {group}] is being deleted',
    why: ['An earlier run or another user is deleting it'],
    remedy: command('az group wait --deleted[ --name {group}]'),
  },
  {
    codes: ['SubscriptionRequestsThrottled', 'TooManyRequests', 'Throttled', 'RequestThrottled'],
    values: [/after '(?<seconds>\d+)' seconds/],
    what: 'The service is throttling requests[ for {seconds} seconds]',
    why: [
      'wi-setup or another tool sent too many requests for the same subscription or identity in a short time',
    ],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['DisallowedProvider', 'ReadOnlyDisabledSubscription', 'SubscriptionNotRegistered'],
    what: 'The subscription is disabled or has expired, so it is read-only',
    why: ['The trial has ended, a spending limit is reached, or a payment is overdue'],
    remedy: command('az account list --query "[].{name:name, state:state}" --output table'),
  },
  {
    codes: ['Conflict', 'AnotherOperationInProgress', 'RetryableErrorDueToAnotherOperation', 'ConflictError'],
    services,
    message: /concurrent|in progress|conflicting operation|another operation/i,
    context: codePattern('Conflict', 'ConflictError'),
    what: 'Azure is still running another operation on the resource',
    why: otherOperation,
    remedy: waitAndRetry,
  },
  {
    codes: ['AnotherOperationInProgress', 'RetryableErrorDueToAnotherOperation'],
    what: 'Azure is still running another operation on the resource',
    why: otherOperation,
    remedy: waitAndRetry,
  },
  {
    codes: ['InternalServerError', 'ServiceUnavailable', 'GatewayTimeout', 'BadGateway'],
    what: 'The service failed with an internal error',
    why: ['A temporary outage. The request may have succeeded nevertheless'],
    remedy: 'Wait a minute, then run the same command again to continue',
  },
  {
    codes: ['OperationCanceled', 'Canceled'],
    what: 'The operation was canceled in Azure',
    why: ['Another user or operation stopped it'],
    remedy: 'Run the same command again',
  },
  {
    codes: ['InvalidRequestContent', 'InvalidParameter', 'MissingRequiredProperty', 'InvalidRequestFormat'],
    services,
    values: [/parameter (?<parameter>[\w.]+) is invalid/],
    what: 'Azure rejects a value in the request[: {parameter}]',
    why: ['A setting has a value that the service does not allow here'],
    remedy: command('wi-setup --explain-settings'),
  },
]
