import { recentRole } from '../causes.ts'
import { command } from '../command-template.ts'
import type { CatalogueEntry } from './entry.ts'

const findResource = command(
  'az graph query --graph-query "resources | where name =~ \'…\' | project name, type, resourceGroup, subscriptionId"',
)
const listRoles = command('az role assignment list --all --assignee … --output table')
const showAccess = command(
  'az resource show --ids … --query "{public:properties.publicNetworkAccess, rules:properties.networkAcls}"',
)

/** WI9xx: the targets of grants. */
export const targetEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI901',
    what: "The resource that a grant names does not exist, or you can't see it",
    errorMessages: ['getaddrinfo ENOTFOUND ….blob.core.windows.net', 'ResourceNotFound'],
    why: [
      'The name is misspelt, or the resource was deleted',
      'It is in a subscription in which you have no role',
    ],
    remedy: 'Correct the name in --grant, or create the resource',
    manualChecks: [findResource],
  },
  {
    code: 'WI902',
    what: 'The resource accepts keys or passwords only, not Microsoft Entra tokens',
    errorMessages: ['Please provide a custom subdomain for token authentication'],
    why: ['Sign-in with Microsoft Entra is not set up for the resource'],
    remedy: 'Set up sign-in with Microsoft Entra for the resource; the check says what it needs',
    manualChecks: [command('az resource show --ids … --query properties')],
  },
  {
    code: 'WI903',
    what: 'The identity has no role on the resource',
    errorMessages: [
      'AuthorizationPermissionMismatch: This request is not authorized to perform this operation using this permission.',
    ],
    why: [
      'The role was never assigned, or was assigned to the application instead of its service principal',
      'The identity was recreated: assignments of the old one have no effect',
    ],
    remedy: command('wi-setup grant'),
    manualChecks: [listRoles],
  },
  {
    code: 'WI904',
    what: "The identity's roles don't allow what the workload does, or not in this place",
    errorMessages: [
      'AuthorizationPermissionMismatch: This request is not authorized to perform this operation using this permission.',
    ],
    why: [
      "Owner, Contributor and Reader don't grant access to data",
      'The role is for another service, such as blobs instead of queues',
      'The role was assigned at another resource, or at another container of it',
    ],
    remedy: command('wi-setup grant'),
    manualChecks: [listRoles],
  },
  {
    code: 'WI905',
    what: 'The firewall of the resource blocks the address that the request comes from',
    errorMessages: ['AuthorizationFailure: This request is not authorized to perform this operation.'],
    why: ["The firewall allows selected networks only, and the cluster's outbound address is not among them"],
    remedy: "Add the cluster's outbound address to the firewall of the resource",
    manualChecks: [showAccess],
  },
  {
    code: 'WI906',
    what: 'The resource can only be reached through a private endpoint',
    errorMessages: ['AuthorizationFailure: This request is not authorized to perform this operation.'],
    why: ['Public network access is disabled, and the request did not come through a private endpoint'],
    remedy:
      'Create a private endpoint for the resource in the network of the pods, with its private DNS zone',
    manualChecks: [showAccess],
  },
  {
    code: 'WI907',
    what: 'The item that a grant names in the resource does not exist',
    errorMessages: ['ContainerNotFound: The specified container does not exist.', 'SecretNotFound'],
    why: ['The name is misspelt, or it was not created yet'],
    remedy: 'Create it, or correct the name in --grant',
    manualChecks: [command('az resource show --ids …')],
  },
  {
    code: 'WI908',
    what: "The resource rejects the workload's own token",
    errorMessages: [
      'AuthorizationPermissionMismatch: This request is not authorized to perform this operation using this permission.',
      'InvalidAuthenticationInfo: Server failed to authenticate the request.',
    ],
    why: [recentRole, 'The token is from a different tenant than the resource, or for a different audience'],
    remedy: command('wi-setup verify --wait 10m'),
    manualChecks: [listRoles],
  },
]
