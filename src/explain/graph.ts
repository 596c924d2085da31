import type { Explanation } from './explanation.ts'

const services = ['graph'] as const
const application = /'(?<application>[0-9a-f]{8}-[0-9a-f-]{27})'/

/** Microsoft Graph: applications, their credentials, service principals. */
export const graphExplanations: readonly Explanation[] = [
  {
    codes: ['InvalidFederatedIdentityCredentialValue', 'Request_BadRequest'],
    message:
      /combination of issuer and subject must be unique.*?(?:Issuer (?<issuer>\S+) and Subject: (?<subject>\S+)|$)/i,
    check: 'WI404',
    what: 'The application already has a credential for[ {subject} of] this issuer, under another name',
    why: [
      'another tool or an earlier run made it; one application holds each pair of issuer and subject once',
    ],
    remedy: 'npx wi-setup federate',
  },
  {
    codes: [
      'InvalidFederatedIdentityCredentialValue',
      'Request_BadRequest',
      'CredentialInvalidLifetimeAsPerAppPolicy',
    ],
    message: /not allowed as per assigned policy(?: '(?<policy>[^']+)')?/i,
    check: 'WI409',
    what: 'A policy of the tenant[ ({policy})] does not allow this application setting or issuer',
    why: ["the tenant's administrators restrict applications (app management policy)"],
    remedy:
      'Ask the administrators to exempt it, or take a managed identity: npx wi-setup --identity-kind managed',
  },
  {
    codes: ['InvalidFederatedIdentityCredentialValue'],
    check: 'WI405',
    what: 'Entra does not accept a value of the federated credential',
    why: ['name of 3 to 120 characters, issuer and subject of at most 600, exactly one audience are wanted'],
    remedy: 'npx wi-setup federate',
  },
  {
    codes: ['Request_MultipleObjectsWithSameKeyValue'],
    message: /FederatedIdentityCredential with name (?<name>\S+) already exists/i,
    what: 'The application already has a federated credential called {name|so}',
    why: ['another run made it in the meantime'],
    remedy: 'npx wi-setup federate',
  },
  {
    codes: ['Request_MultipleObjectsWithSameKeyValue'],
    message: /service principal name (?<application>\S+) is already in use/i,
    what: 'The application[ {application}] already has a service principal',
    why: ['another run made it in the meantime'],
    remedy: 'npx wi-setup identity',
  },
  {
    codes: ['Request_MultipleObjectsWithSameKeyValue', 'ObjectConflict'],
    what: 'Something with the same name or key already exists in the directory',
    why: ['another run or another tool made it in the meantime'],
    remedy: 'npx wi-setup identity',
  },
  {
    codes: ['Request_BadRequest', 'ObjectConflict'],
    message: /same value for property (?<property>\w+) already exists/i,
    what: 'Another application has the same {property|name}',
    why: [
      'an application deleted less than 30 days ago still holds it',
      'an application made by somebody else holds it',
    ],
    remedy:
      'Restore or remove the deleted one in the Entra portal (App registrations, Deleted applications), or name another with --identity',
  },
  {
    codes: ['Request_BadRequest', 'NoBackingApplicationObject', 'Authorization_RequestDenied'],
    message: /does not reference a valid application object|backing application/i,
    values: [application],
    what: 'The directory has not copied the new application[ {application}] everywhere yet',
    why: ['it is only seconds old; this passes by itself'],
    remedy: 'npx wi-setup identity',
  },
  {
    codes: ['Authorization_RequestDenied'],
    check: 'WI410',
    what: 'You may not do this in the directory (insufficient privileges)',
    why: [
      'a user who may not register applications needs the directory role Application Developer',
      'a service principal needs the Graph permission Application.ReadWrite.OwnedBy, with consent',
      'the application belongs to somebody else',
    ],
    remedy:
      'Ask for the role Application Developer, or take a managed identity: npx wi-setup --identity-kind managed',
  },
  {
    codes: ['Directory_QuotaExceeded'],
    what: 'You have made as many directory objects as you may (250 for a user; deleted ones count for 30 days)',
    why: ['many applications were made and deleted'],
    remedy:
      'Delete some for good in the Entra portal (App registrations, Deleted applications), or take a managed identity: npx wi-setup --identity-kind managed',
  },
  {
    codes: ['Directory_ConcurrencyViolation'],
    what: 'Somebody else is writing to the same directory object',
    why: ['two runs or tools work on the same application'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['Request_ResourceNotFound', 'Directory_ObjectNotFound', 'FailedDependency'],
    values: [/Resource '(?<object>[^']+)'/],
    check: 'WI408',
    what: 'The directory does not have[ {object}], or not everywhere yet',
    why: ['it is only seconds old', 'it was deleted in the meantime'],
    remedy: 'npx wi-setup identity',
  },
  {
    codes: ['Request_UnsupportedQuery'],
    what: 'The directory does not support this search',
    why: ['this cloud serves an older Microsoft Graph'],
    remedy: 'Give the client id of the application: npx wi-setup --identity …',
  },
  {
    codes: ['BadRequest'],
    services,
    message: /\/me request is only valid with delegated/i,
    what: 'You are signed in as an application, which has no profile of its own',
    why: ['this question can only be asked for a person'],
    remedy: 'az account show',
  },
  {
    codes: ['InvalidAuthenticationToken'],
    services,
    check: 'WI413',
    what: 'Microsoft Graph does not accept the sign-in',
    why: ['the sign-in has expired', 'the token is for another cloud or another service'],
    remedy: 'az login --scope https://graph.microsoft.com/.default',
  },
  {
    codes: ['Request_BadRequest'],
    values: [/property '(?<property>[^']+)'/],
    what: 'The directory does not accept a value[ of {property}]',
    why: ['the name is too long or has signs that are not allowed'],
    remedy: 'Choose another name with --identity',
  },
]
