import type { Explanation } from './explanation.ts'

const identity = /userassignedidentities\/(?<identity>[^/'"\s]+)/i

/** Managed identities, their credentials, and role assignments. */
export const identityExplanations: readonly Explanation[] = [
  {
    codes: ['ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity'],
    values: [identity],
    check: 'WI402',
    what: 'Two credentials of the managed identity[ {identity}] were written at the same time',
    why: [
      'another run or tool (Terraform, Bicep) federates the same identity just now; only one write at a time is allowed',
    ],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['Conflict', 'BadRequest'],
    services: ['arm'],
    message: /Issuer and subject combination already exists/i,
    check: 'WI404',
    what: 'The managed identity already has a credential for this issuer and subject, under another name',
    why: ['another tool or an earlier run made it'],
    remedy: 'npx wi-setup federate',
  },
  {
    codes: ['InvalidFederatedIdentityCredentialsAudienceLength'],
    check: 'WI405',
    what: 'A federated credential must have exactly one audience',
    why: ['none or several were given'],
    remedy: 'npx wi-setup federate --audience api://AzureADTokenExchange',
  },
  {
    codes: ['BadRequest', 'InvalidFederatedIdentityCredentialName'],
    services: ['arm'],
    message: /Federated Identity Credential (?:name '(?<name>[^']+)' is invalid|from HTTP body has empty)/i,
    check: 'WI406',
    what: 'Azure does not accept the federated credential[ {name}]',
    why: ['its name must be of 3 to 120 letters, digits, "-" and "_", and all its fields filled'],
    remedy: 'npx wi-setup federate',
  },
  {
    codes: ['BadRequest', 'InvalidFederatedIdentityCredential'],
    services: ['arm'],
    message: /Federated Identity Credential must specify 'issuer'/i,
    check: 'WI406',
    what: 'The federated credential has an empty issuer, subject or audience',
    why: [
      "the cluster's OIDC issuer is off, or is not known yet when the credential is made (Terraform: depends_on the cluster)",
      'a variable of a script is empty',
    ],
    remedy: 'npx wi-setup federate',
  },
  {
    codes: ['ParentResourceNotFound', 'NotFound'],
    message: /parent user-assigned identity doesn't exist|MS Graph resource not found/i,
    check: 'WI403',
    what: 'Azure has not copied the new managed identity everywhere yet',
    why: ['it is only seconds old; this takes up to 4 minutes and passes by itself', 'it was deleted'],
    remedy: 'Wait a few minutes, then run the same command again',
  },
  {
    codes: ['ParentResourceNotFound'],
    values: [/parent resource '(?<parent>[^']+)'/],
    check: 'WI403',
    what: 'What this belongs to[, {parent},] is not there',
    why: ['it was deleted in the meantime', 'it is only seconds old'],
    remedy: 'Run the same command again',
  },
  {
    codes: ['MethodNotAllowed'],
    message: /Support for federated identity credentials not enabled/i,
    check: 'WI401',
    what: 'Managed identities of this location cannot be federated',
    why: ['a few new locations do not offer it'],
    remedy: 'Take an app registration: npx wi-setup --identity-kind app, or another location with --location',
  },
  {
    codes: ['RoleAssignmentExists'],
    values: [/existing role assignment is (?<id>[0-9a-f]{32})/i],
    what: 'The role is already given, by another assignment[ ({id})]',
    why: ['another tool or the portal gave it'],
    remedy: 'npx wi-setup vault',
  },
  {
    codes: ['PrincipalNotFound'],
    values: [/Principal (?<principal>[0-9a-f-]{32,36})/, /directory (?<tenant>[0-9a-f-]{36})/],
    check: 'WI412',
    what: 'The identity[ {principal}] is not (yet) in the directory[ {tenant}]',
    why: ['it is only seconds old', 'it was deleted, or lives in another tenant'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['UnmatchedPrincipalType'],
    values: [/has type '(?<type>[^']+)'/],
    what: 'The identity is of another kind than said[: {type}]',
    why: ['the object id belongs to a user or a group'],
    remedy: 'npx wi-setup identity',
  },
  {
    codes: ['RoleAssignmentUpdateNotPermitted'],
    what: 'An assignment of the same name gives another role or is for somebody else; it cannot be changed',
    why: ['another tool chose the same id'],
    remedy: 'az role assignment list --scope … --output table',
  },
  {
    codes: ['RoleDefinitionDoesNotExist'],
    values: [/ID '(?<role>[^']+)'/],
    what: 'The role[ {role}] does not exist',
    why: ['a custom role was deleted, or is not defined for this scope'],
    remedy: 'az role definition list --name "Key Vault Secrets User"',
  },
  {
    codes: ['RoleAssignmentLimitExceeded'],
    what: 'The subscription has as many role assignments as it may (4,000)',
    why: ['assignments of deleted identities were left behind'],
    remedy: 'az role assignment list --all --query "[?principalName==\'\'].id" --output tsv',
  },
]
