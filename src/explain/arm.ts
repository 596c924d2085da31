import { quoted } from '../base/shell.ts'
import { codePattern, type Explanation, type Values } from './explanation.ts'

const services = ['arm'] as const
const caller = /client '(?<client>[^']+)'/
const objectId = /object id '(?<objectId>[^']+)'/

/** Smallest built-in role that allows an action; the first that fits. */
const roleFor: readonly [RegExp, string][] = [
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

/** Where the role must be given: what is still to be made has no scope of its own. */
function scopeFor(action: string, scope: string): string {
  if (/^Microsoft\.Authorization\//i.test(action))
    return scope.replace(/\/providers\/Microsoft\.Authorization\/.*$/i, '')
  if (/resourceGroups\/write$|register\/action$|deletedVaults\//i.test(action))
    return /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? scope
  return /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/i.exec(scope)?.[0] ?? scope
}

const needed = ({ action, scope }: Values): Values => {
  if (!action || !scope) return {}
  return {
    role: roleFor.find(([pattern]) => pattern.test(action))?.[1] ?? 'Contributor',
    at: scopeFor(action, scope),
  }
}

/** Gives somebody a role: the caller by their object id, at the scope. */
const assign = ({ client, objectId, role, at }: Values): string =>
  role && at
    ? `az role assignment create --role ${quoted(role)} --assignee-object-id ${quoted(objectId ?? '…')} --assignee-principal-type ${client?.includes('@') ? 'User' : 'ServicePrincipal'} --scope ${quoted(at)}`
    : 'Ask an Owner of the subscription or resource group for the role that is missing'

/** Azure Resource Manager in general. */
export const armExplanations: readonly Explanation[] = [
  {
    codes: ['AuthorizationFailed'],
    message: /authorization to perform action '(?<action>[^']+)' over scope '(?<scope>[^']+)'/,
    values: [caller, objectId],
    derive: needed,
    what: '{client|The caller} may not {action|do this} on {scope|it}; the role "{role|Contributor}" is needed',
    why: [
      'the role was never given; somebody who owns the scope has to run the command below',
      'it was given less than 10 minutes ago, or after the sign-in',
      'the scope does not exist: Azure says the same then',
    ],
    remedy: assign,
  },
  {
    codes: ['AuthorizationFailed'],
    what: 'You are not allowed to do this',
    why: ['a role is missing, or was given less than 10 minutes ago'],
    remedy: 'az role assignment list --assignee … --all --output table',
  },
  {
    codes: ['LinkedAuthorizationFailed'],
    values: [
      caller,
      objectId,
      /does not have (?:permission|authorization) to perform action(?:\(s\))? '(?<action>[^']+)' on the linked scope\(s\) '(?<scope>[^'\s,]+)'/,
    ],
    derive: needed,
    what: '{client|The caller} may write the resource, but not {action|use another one} on {scope|which it depends}[; the role "{role}" is needed]',
    why: ['the resource refers to a network, disk or identity elsewhere that the caller has no role on'],
    remedy: assign,
  },
  {
    codes: ['AuthenticationFailed', 'InvalidAuthenticationToken'],
    services,
    what: 'Azure does not accept the sign-in',
    why: ['the sign-in has expired', 'the token is meant for another service or cloud'],
    remedy: 'az login',
  },
  {
    codes: ['InvalidAuthenticationTokenAudience'],
    values: [/resource '(?<audience>[^']+)'/],
    what: 'The token is for {audience|another service}, not for Azure Resource Manager',
    why: ["the cloud is another one than the account's"],
    remedy: 'az cloud show --query name --output tsv',
  },
  {
    codes: ['InvalidAuthenticationTokenTenant'],
    values: [/must match the tenant 'https:\/\/[^/]+\/(?<tenant>[^/']+)/],
    what: "You are signed in to another tenant than the subscription's[, {tenant}]",
    why: ['the account is at home in one tenant and a guest in the other', 'the subscription was moved'],
    remedy: 'az login[ --tenant {tenant}]',
  },
  {
    codes: ['ExpiredAuthenticationToken'],
    values: [/expiry UTC time '(?<until>[^']+)' is earlier than current UTC time '(?<now>[^']+)'/],
    what: 'The token has expired[ ({until} UTC)]',
    why: ['the sign-in is old', 'the clock of this machine is wrong'],
    remedy: 'az login',
  },
  {
    codes: ['RequestDisallowedByPolicy'],
    values: [/Resource '(?<resource>[^']+)'/, /"policyDefinitionDisplayName"\s*:\s*"(?<policy>[^"]+)"/],
    check: 'WI409',
    what: 'A policy[ "{policy}"] does not allow {resource|this resource}',
    why: ['the organisation wants other locations, names, tags, sizes or network settings'],
    remedy:
      'az policy assignment list --disable-scope-strict-match --query "[].{name:displayName, scope:scope}" --output table',
  },
  {
    codes: ['RequestDisallowedByAzure'],
    what: 'The subscription may not make resources in this location',
    why: ['student and trial subscriptions are limited to a few locations'],
    remedy: 'Choose another location with --location',
  },
  {
    codes: ['ScopeLocked'],
    values: [/scope\(s\) are locked: '(?<scope>[^']+)'/],
    what: 'A lock on {scope|it} forbids this',
    why: ['somebody protects the resource from being changed or deleted'],
    remedy: 'az lock list --output table',
  },
  {
    codes: ['SubscriptionNotFound', 'InvalidSubscriptionId', 'NoSubscription'],
    values: [/subscription '(?<subscription>[^']+)'/i],
    what: 'There is no subscription[ {subscription}] that you can see',
    why: ['the id is misspelt', 'you are signed in to another tenant or with another account'],
    remedy: 'az account list --all --output table',
  },
  {
    codes: ['ResourceGroupNotFound'],
    values: [/group '(?<group>[^']+)'/i],
    what: 'There is no resource group {group|of this name}',
    why: ['the name is misspelt, or it lies in another subscription', 'it was deleted in the meantime'],
    remedy: 'az group list --output table',
  },
  {
    codes: ['ResourceNotFound'],
    values: [/Resource '(?<resource>[^']+)' under resource group '(?<group>[^']+)'/],
    what: '{resource|The resource} is not in the resource group {group|given}',
    why: ['the name is misspelt, or it lies in another group', 'it was deleted in the meantime'],
    remedy: 'az resource list[ --resource-group {group}] --output table',
  },
  {
    codes: ['MissingSubscriptionRegistration'],
    values: [/namespace '(?<namespace>[^']+)'/],
    what: 'The resource provider[ {namespace}] is not registered in the subscription',
    why: ['a new subscription has none of the providers registered that are needed'],
    remedy: 'az provider register --wait --namespace {namespace|Microsoft.ContainerService}',
  },
  {
    codes: ['NoRegisteredProviderFound'],
    values: [/location '(?<location>[^']+)'/, /type '(?<type>[^']+)'/],
    what: '{type|The resource} is not offered in {location|this location} in this version',
    why: ['the location is new or small', 'this cloud is behind the public one'],
    remedy: 'Choose another location with --location',
  },
  {
    codes: [
      'InvalidResourceType',
      'InvalidResourceNamespace',
      'MissingApiVersionParameter',
      'InvalidApiVersionParameter',
    ],
    what: 'This cloud does not know the kind of resource, or not in this version',
    why: ['it is behind the public cloud, or --cloud names something that is no resource manager'],
    remedy: 'az cloud show',
  },
  {
    codes: [
      'LocationNotAvailableForResourceType',
      'LocationNotAvailableForResourceGroup',
      'RegionNotSupported',
      'InvalidLocation',
    ],
    values: [/location '(?<location>[^']+)'/],
    what: '{location|The location} is not available for this',
    why: ['the name is misspelt, or the subscription may not use it'],
    remedy: 'az account list-locations --query "[].name" --output tsv',
  },
  {
    codes: ['InvalidResourceLocation', 'InvalidResourceGroupLocation'],
    values: [/already exists in location '(?<location>[^']+)'/],
    what: 'It already exists in another location[, {location}]',
    why: ['the location given differs from that of the existing one'],
    remedy: 'npx wi-setup[ --location {location}]',
  },
  {
    codes: ['ResourceGroupBeingDeleted'],
    values: [/group '(?<group>[^']+)'/i],
    what: 'The resource group[ {group}] is being deleted',
    why: ['somebody, or an earlier run, is deleting it'],
    remedy: 'az group wait --deleted[ --name {group}]',
  },
  {
    codes: ['SubscriptionRequestsThrottled', 'TooManyRequests', 'Throttled', 'RequestThrottled'],
    values: [/after '(?<seconds>\d+)' seconds/],
    what: 'The service asks to slow down[ for {seconds} seconds]',
    why: ['many requests of the same subscription or identity in a short time, perhaps by other tools'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['DisallowedProvider', 'ReadOnlyDisabledSubscription', 'SubscriptionNotRegistered'],
    what: 'The subscription is disabled or has expired: it can only be read',
    why: ['the trial has ended, a spending limit is reached, or a payment is open'],
    remedy: 'az account list --query "[].{name:name, state:state}" --output table',
  },
  {
    codes: ['Conflict', 'AnotherOperationInProgress', 'RetryableErrorDueToAnotherOperation', 'ConflictError'],
    services,
    message: /concurrent|in progress|conflicting operation|another operation/i,
    context: codePattern('Conflict', 'ConflictError'),
    what: 'Azure is still at work on it for somebody else',
    why: ['another run, another tool, or an earlier run that was interrupted'],
    remedy: 'Wait a few minutes, then run the same command again',
  },
  {
    codes: ['AnotherOperationInProgress', 'RetryableErrorDueToAnotherOperation'],
    what: 'Azure is still at work on it for somebody else',
    why: ['another run, another tool, or an earlier run that was interrupted'],
    remedy: 'Wait a few minutes, then run the same command again',
  },
  {
    codes: ['InternalServerError', 'ServiceUnavailable', 'GatewayTimeout', 'BadGateway'],
    what: 'The service failed by itself',
    why: ['a disturbance that usually passes; what was asked for may have been done all the same'],
    remedy: 'Wait a minute, then run the same command again; it goes on from where it is',
  },
  {
    codes: ['OperationCanceled', 'Canceled'],
    what: 'The operation was cancelled in Azure',
    why: ['somebody or another operation stopped it'],
    remedy: 'Run the same command again',
  },
  {
    codes: ['InvalidRequestContent', 'InvalidParameter', 'MissingRequiredProperty', 'InvalidRequestFormat'],
    services,
    values: [/parameter (?<parameter>[\w.]+) is invalid/],
    what: 'Azure does not accept a value of the request[: {parameter}]',
    why: ['a setting has a value that the service does not allow here'],
    remedy: 'npx wi-setup --explain-settings',
  },
]
