import type { CatalogueEntry } from './entry.ts'

/** WI801 and on: what a set-up needs of the one who runs it (`verify --pre`). */
export const callerEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI801',
    what: "You are signed in to another tenant than the subscription's",
    errorMessages: ['InvalidAuthenticationTokenTenant: The access token is from the wrong issuer …'],
    why: ['the account is at home in one tenant and a guest in the other', 'the subscription was moved'],
    remedy: 'az login --tenant …',
    manualChecks: ['az account show --query "{tenant:tenantId, user:user.name}"'],
  },
  {
    code: 'WI802',
    what: 'What is there already cannot be looked at, or cannot be built upon',
    errorMessages: [
      "AuthorizationFailed: The client '…' does not have authorization to perform action '…/read' …",
    ],
    why: [
      'the role Reader is missing on a resource group',
      'the group is just being deleted, or the cluster is stopped',
    ],
    remedy: 'az role assignment create --role Reader --assignee … --scope …',
    manualChecks: [
      'az group show --name … --query properties.provisioningState',
      'az resource list --resource-group … --output table',
    ],
  },
  {
    code: 'WI803',
    what: 'A resource provider is not registered in the subscription, and you may not register it',
    errorMessages: [
      "MissingSubscriptionRegistration: The subscription is not registered to use namespace '…'.",
    ],
    why: [
      'a new subscription has none of the providers registered; it takes Contributor on the subscription',
    ],
    remedy: 'az provider register --wait --namespace …',
    manualChecks: ['az provider list --query "[?registrationState==\'Registered\'].namespace" --output tsv'],
  },
  {
    code: 'WI804',
    what: 'You lack rights in Azure that the set-up needs',
    errorMessages: [
      "AuthorizationFailed: The client '…' does not have authorization to perform action '…/write' …",
    ],
    why: [
      'Contributor does not give roles: Role Based Access Control Administrator or Owner does',
      'the role was given less than ten minutes ago, or after the sign-in',
    ],
    remedy: 'npx wi-setup permissions',
    manualChecks: ['az role assignment list --assignee … --all --include-groups --output table'],
  },
  {
    code: 'WI805',
    what: "The vault's name is taken by somebody else, or the vault lies in another group",
    errorMessages: ['VaultAlreadyExists: The vault name … is already in use.'],
    why: ['names are unique in all of Azure', '--vault-resource-group is missing'],
    remedy: 'npx wi-setup vault --vault …',
    manualChecks: [
      'az keyvault check-name --name …',
      'az keyvault list --query "[].{name:name, group:resourceGroup}" --output table',
    ],
  },
  {
    code: 'WI807',
    what: 'The quota of processor cores is too small for the nodes',
    errorMessages: [
      'ErrCode_InsufficientVCPUQuota: Insufficient regional vcpu quota left for location …. left regional vcpu quota 4, requested quota 6.',
      'Operation results in exceeding quota limits of Core.',
    ],
    why: [
      'each location has its own quota; trial subscriptions have 4 cores or fewer',
      'clusters and machines that nobody needs any more use it up',
    ],
    remedy: 'npx wi-setup --node-count …, or --location …',
    manualChecks: [
      'az vm list-usage --location … --output table',
      `the quota of the family of sizes, which is not looked at: az vm list-usage --location … --query "[?contains(localName, 'Family')]" --output table`,
    ],
  },
  {
    code: 'WI806',
    what: "The webhook's chart cannot be read",
    errorMessages: [
      'Error: looks like "…" is not a valid chart repository or cannot be reached',
      'helm: command not found',
    ],
    why: ['helm is not on the PATH', 'the repository cannot be reached from here, or --chart is misspelt'],
    remedy: 'npx wi-setup webhook --chart …',
    manualChecks: [
      'helm show chart workload-identity-webhook --repo https://azure.github.io/azure-workload-identity/charts',
    ],
  },
]
