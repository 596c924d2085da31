import { fromCatalogue } from './catalogue/index.ts'
import { advice, command } from './command-template.ts'
import { listRoleAssignments, setAudience } from './commands.ts'
import type { Explanation } from './explanation.ts'

const identity = /userassignedidentities\/(?<identity>[^/'"\s]+)/i

/** Managed identities, their credentials and role assignments. */
export const identityExplanations: readonly Explanation[] = [
  {
    codes: ['ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity'],
    values: [identity],
    check: 'WI402',
    what: 'Two credentials of the managed identity[ {identity}] were written at the same time',
    why: fromCatalogue('WI402').why,
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['Conflict', 'BadRequest'],
    services: ['arm'],
    message: /Issuer and subject combination already exists/i,
    check: 'WI404',
    what: 'The managed identity already has a credential for this issuer and subject, under another name',
    why: fromCatalogue('WI404').why,
    remedy: command('wi-setup federate'),
  },
  {
    codes: ['InvalidFederatedIdentityCredentialsAudienceLength'],
    check: 'WI405',
    what: 'A federated credential must have exactly one audience',
    why: ['The request has none or several'],
    remedy: setAudience,
  },
  {
    codes: ['BadRequest', 'InvalidFederatedIdentityCredentialName'],
    services: ['arm'],
    message: /Federated Identity Credential (?:name '(?<name>[^']+)' is invalid|from HTTP body has empty)/i,
    check: 'WI406',
    what: 'Azure rejects the federated credential[ {name}]',
    why: ['The name must have 3 to 120 letters, digits, hyphens and underscores, and no field may be empty'],
    remedy: command('wi-setup federate'),
  },
  {
    codes: ['BadRequest', 'InvalidFederatedIdentityCredential'],
    services: ['arm'],
    message: /Federated Identity Credential must specify 'issuer'/i,
    check: 'WI406',
    what: 'The issuer, subject or audience of the federated credential is empty',
    why: [
      "The cluster's OIDC issuer is disabled, or not known yet when the credential is created (Terraform: depends_on the cluster)",
      'A variable in a script is empty',
    ],
    remedy: command('wi-setup federate'),
  },
  {
    codes: ['ParentResourceNotFound', 'NotFound'],
    message: /parent user-assigned identity doesn't exist|MS Graph resource not found/i,
    check: 'WI403',
    what: 'The new managed identity has not replicated in Azure yet',
    why: ['It was created only seconds ago; replication can take up to 4 minutes', 'It has been deleted'],
    remedy: 'Wait a few minutes, then run the same command again',
  },
  {
    codes: ['ParentResourceNotFound'],
    values: [/parent resource '(?<parent>[^']+)'/],
    check: 'WI403',
    what: "The parent resource[ {parent}] doesn't exist",
    why: ['It has been deleted', 'It was created only seconds ago'],
    remedy: 'Run the same command again',
  },
  {
    codes: ['MethodNotAllowed'],
    message: /Support for federated identity credentials not enabled/i,
    ...fromCatalogue('WI401'),
    remedy: advice`Use an app registration (${command('wi-setup --identity-kind app')}) or another region (--location)`,
  },
  {
    codes: ['RoleAssignmentExists'],
    values: [/existing role assignment is (?<id>[0-9a-f]{32})/i],
    what: 'The role is already assigned[, by the assignment {id}]',
    why: ['Another tool or the portal assigned it'],
    remedy: command('wi-setup vault'),
  },
  {
    codes: ['PrincipalNotFound'],
    values: [/Principal (?<principal>[0-9a-f-]{32,36})/, /directory (?<tenant>[0-9a-f-]{36})/],
    check: 'WI412',
    what: "The identity[ {principal}] doesn't exist in the directory[ {tenant}], or has not replicated yet",
    why: ['It was created only seconds ago', 'It was deleted, or is in another tenant'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['UnmatchedPrincipalType'],
    values: [/has type '(?<type>[^']+)'/],
    what: 'The principal type in the request is wrong[; the principal is a {type}]',
    why: ['The object ID belongs to a user or a group'],
    remedy: command('wi-setup identity'),
  },
  {
    codes: ['RoleAssignmentUpdateNotPermitted'],
    what: "An existing assignment with the same name is for another role or principal, and can't be changed",
    why: ['Another tool chose the same ID'],
    remedy: listRoleAssignments,
  },
  {
    codes: ['RoleDefinitionDoesNotExist'],
    values: [/ID '(?<role>[^']+)'/],
    what: "The role[ {role}] doesn't exist",
    why: ['A custom role was deleted, or is not defined for this scope'],
    remedy: command('az role definition list --name "Key Vault Secrets User"'),
  },
  {
    codes: ['RoleAssignmentLimitExceeded'],
    what: 'The subscription has reached its limit of 4,000 role assignments',
    why: ['Assignments of deleted identities were not removed'],
    remedy: command(`az role assignment list --all --query "[?principalName==''].id" --output tsv`),
  },
  {
    codes: ['DenyAssignmentAuthorizationFailed'],
    message:
      /denied because of the deny assignment with name '(?<assignment>[^'\n]{1,200})'|is blocked by deny assignments on the/i,
    values: [
      /perform action '(?<action>[^'\n]{1,200})' on scope '(?<at>[^'\n]{1,500})'/,
      /at scope '(?<scope>[^'\n]{1,500})'/,
    ],
    what: 'A deny assignment[ "{assignment}"] prevents {action|this action}, whatever your roles',
    why: [
      "A managed service (such as AKS, in its node resource group) or a deployment stack protects its resources; a role can't override a deny assignment",
    ],
    remedy: advice`Change the resource through the service or the deployment stack that owns it. To see what is denied, and for whom: ${command('az rest --method get --url https://management.azure.com{at|/subscriptions/…}/providers/Microsoft.Authorization/denyAssignments?api-version=2022-04-01')}`,
  },
]
