import { command } from '../command-template.ts'
import { listCoreQuota, listPolicyAssignments, showChart } from '../commands.ts'
import type { CatalogueEntry } from './entry.ts'

/** WI80x: prerequisites of a set-up, as `verify --pre` checks them. */
export const callerEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI801',
    what: "You are signed in to a different tenant than the subscription's",
    errorMessages: ['InvalidAuthenticationTokenTenant: The access token is from the wrong issuer …'],
    why: [
      'Your account belongs to one tenant and is a guest in the other',
      'The subscription was moved to another tenant',
    ],
    remedy: command('az login --tenant …'),
    manualChecks: [command('az account show --query "{tenant:tenantId, user:user.name}"')],
  },
  {
    code: 'WI802',
    what: "Existing resources can't be read or used",
    errorMessages: [
      "AuthorizationFailed: The client '…' does not have authorization to perform action '…/read' …",
    ],
    why: [
      'You lack the Reader role on a resource group',
      'The resource group is being deleted, or the cluster is stopped',
    ],
    remedy: command('az role assignment create --role Reader --assignee … --scope …'),
    manualChecks: [
      command('az group show --name … --query properties.provisioningState'),
      command('az resource list --resource-group … --output table'),
    ],
  },
  {
    code: 'WI803',
    what: "A resource provider is not registered in the subscription, and you can't register it",
    errorMessages: [
      "MissingSubscriptionRegistration: The subscription is not registered to use namespace '…'.",
    ],
    why: ['The subscription is new. Registering a provider requires Contributor on the subscription'],
    remedy: command('az provider register --wait --namespace …'),
    manualChecks: [
      command('az provider list --query "[?registrationState==\'Registered\'].namespace" --output tsv'),
    ],
  },
  {
    code: 'WI804',
    what: 'You lack Azure permissions that the set-up needs',
    errorMessages: [
      "AuthorizationFailed: The client '…' does not have authorization to perform action '…/write' …",
    ],
    why: [
      "Contributor can't assign roles; Role Based Access Control Administrator and Owner can",
      'The role was assigned less than 10 minutes ago, or after you signed in',
    ],
    remedy: command('wi-setup permissions'),
    manualChecks: [command('az role assignment list --assignee … --all --include-groups --output table')],
  },
  {
    code: 'WI805',
    what: 'The vault name is taken, or the vault is in another resource group',
    errorMessages: ['VaultAlreadyExists: The vault name … is already in use.'],
    why: ['Vault names are unique across Azure', '--vault-resource-group is missing'],
    remedy: command('wi-setup vault --vault …'),
    manualChecks: [
      command('az keyvault check-name --name …'),
      command('az keyvault list --query "[].{name:name, group:resourceGroup}" --output table'),
    ],
  },
  {
    code: 'WI807',
    what: 'The quota of vCPUs is too small for the nodes',
    errorMessages: [
      'ErrCode_InsufficientVCPUQuota: Insufficient regional vcpu quota left for location …. left regional vcpu quota 4, requested quota 6.',
      'Operation results in exceeding quota limits of Core.',
    ],
    why: [
      'Each region has its own quota; trial subscriptions have 4 vCPUs or fewer',
      'Unused clusters and virtual machines consume the quota',
    ],
    remedy: command('wi-setup --node-count …, or --location …'),
    manualChecks: [
      listCoreQuota,
      command(`az vm list-usage --location … --query "[?contains(localName, 'Family')]" --output table`),
    ],
  },
  {
    code: 'WI808',
    what: 'Azure Policy does not allow a new resource',
    errorMessages: ["RequestDisallowedByPolicy: Resource '…' was disallowed by policy."],
    why: [
      'The organization requires other regions, names, tags or network settings',
      'The policy is assigned to a management group above the subscription',
    ],
    remedy: command('wi-setup --location …'),
    manualChecks: [listPolicyAssignments],
  },
  {
    code: 'WI806',
    what: "The webhook's Helm chart can't be read",
    errorMessages: [
      'Error: looks like "…" is not a valid chart repository or cannot be reached',
      'helm: command not found',
    ],
    why: ['helm is not on the PATH', 'The repository is unreachable, or --chart is misspelled'],
    remedy: command('wi-setup webhook --chart …'),
    manualChecks: [showChart],
  },
]
