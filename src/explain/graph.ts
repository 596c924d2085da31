import { advice, command } from './command-template.ts'
import type { Explanation } from './explanation.ts'

const useManagedIdentity = command('wi-setup --identity-kind managed')

const services = ['graph'] as const
const application = /'(?<application>[0-9a-f]{8}-[0-9a-f-]{27})'/

/** Microsoft Graph: applications, their credentials and service principals. */
export const graphExplanations: readonly Explanation[] = [
  {
    codes: ['InvalidFederatedIdentityCredentialValue', 'Request_BadRequest'],
    message:
      /combination of issuer and subject must be unique.*?(?:Issuer (?<issuer>\S+) and Subject: (?<subject>\S+)|$)/i,
    check: 'WI404',
    what: 'The application already has a credential for this issuer[ and the subject {subject}], under another name',
    why: [
      'Another tool or an earlier run created it. An application can have each pair of issuer and subject only once',
    ],
    remedy: command('wi-setup federate'),
  },
  {
    codes: [
      'InvalidFederatedIdentityCredentialValue',
      'Request_BadRequest',
      'CredentialInvalidLifetimeAsPerAppPolicy',
    ],
    message: /not allowed as per assigned policy(?: '(?<policy>[^']+)')?/i,
    check: 'WI409',
    what: 'A tenant policy[ ({policy})] forbids this application setting or issuer',
    why: ["The tenant's administrators restrict applications with an app management policy"],
    remedy: advice`Ask the administrators for an exemption, or use a managed identity: ${useManagedIdentity}`,
  },
  {
    codes: ['InvalidFederatedIdentityCredentialValue'],
    check: 'WI405',
    what: 'Entra rejects a value of the federated credential',
    why: [
      'The name must have 3 to 120 characters, issuer and subject at most 600 each, and there must be exactly one audience',
    ],
    remedy: command('wi-setup federate'),
  },
  {
    codes: ['Request_MultipleObjectsWithSameKeyValue'],
    message: /FederatedIdentityCredential with name (?<name>\S+) already exists/i,
    what: 'The application already has a federated credential with the name[ {name}]',
    why: ['Another run created it in the meantime'],
    remedy: command('wi-setup federate'),
  },
  {
    codes: ['Request_MultipleObjectsWithSameKeyValue'],
    message: /service principal name (?<application>\S+) is already in use/i,
    what: 'The application[ {application}] already has a service principal',
    why: ['Another run created it in the meantime'],
    remedy: command('wi-setup identity'),
  },
  {
    codes: ['Request_MultipleObjectsWithSameKeyValue', 'ObjectConflict'],
    what: 'The directory already has an object with the same name or key',
    why: ['Another run or tool created it in the meantime'],
    remedy: command('wi-setup identity'),
  },
  {
    codes: ['Request_BadRequest', 'ObjectConflict'],
    message: /same value for property (?<property>\w+) already exists/i,
    what: 'Another application has the same {property|name}',
    why: [
      'An application deleted less than 30 days ago still reserves it',
      "Another user's application uses it",
    ],
    remedy:
      'Restore or permanently delete the deleted application in the Entra portal (App registrations, Deleted applications), or choose another name with --identity',
  },
  {
    codes: ['Request_BadRequest', 'NoBackingApplicationObject', 'Authorization_RequestDenied'],
    message: /does not reference a valid application object|backing application/i,
    values: [application],
    what: 'The new application[ {application}] has not replicated in the directory yet',
    why: ['It was created only seconds ago'],
    remedy: command('wi-setup identity'),
  },
  {
    codes: ['Authorization_RequestDenied'],
    check: 'WI410',
    what: 'You have insufficient privileges for this operation in the directory',
    why: [
      "If users can't register applications in the tenant, you need the directory role Application Developer",
      'A service principal needs the Graph permission Application.ReadWrite.OwnedBy, with admin consent',
      'Someone else owns the application',
    ],
    remedy: advice`Ask for the role Application Developer, or use a managed identity: ${useManagedIdentity}`,
  },
  {
    codes: ['Directory_QuotaExceeded', 'Request_BadRequest'],
    message: /maximum of (?<most>\d+) federated identity credentials/i,
    check: 'WI407',
    what: 'The application already has its maximum of {most|20} federated credentials',
    why: ['Credentials of clusters or repositories that no longer exist were not removed'],
    remedy: command(
      'az ad app federated-credential list --id … --query "[].{name:name, issuer:issuer, subject:subject}"',
    ),
  },
  {
    codes: ['Directory_QuotaExceeded'],
    what: 'You have reached your limit of directory objects (250 for a user; deleted objects count for 30 days)',
    why: ['Many applications were created and deleted'],
    remedy: advice`Permanently delete applications in the Entra portal (App registrations, Deleted applications), or use a managed identity: ${useManagedIdentity}`,
  },
  {
    codes: ['Directory_ConcurrencyViolation'],
    what: 'Another request is changing the same directory object',
    why: ['Two runs or tools work on the same application'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: ['Request_ResourceNotFound', 'Directory_ObjectNotFound', 'FailedDependency'],
    values: [/Resource '(?<object>[^']+)'/],
    check: 'WI408',
    what: "The directory object[ {object}] doesn't exist, or has not replicated yet",
    why: ['It was created only seconds ago', 'It has been deleted'],
    remedy: command('wi-setup identity'),
  },
  {
    codes: ['IncompleteDocument'],
    services,
    message: /response to GET (?<path>\S+)/i,
    what: 'Microsoft Graph returned an incomplete response[ to GET {path}]',
    why: [
      "Graph found an object that this API version can't represent, and reported the error inside the document",
      "Graph v1.0 can't return flexible federated credentials; wi-setup then tries the beta version, which failed too",
    ],
    remedy: command('wi-setup verify --wait 5m'),
  },
  {
    codes: ['Request_UnsupportedQuery'],
    what: 'The directory does not support this query',
    why: ['This cloud has an older version of Microsoft Graph'],
    remedy: advice`Pass the application's client ID: ${command('wi-setup --identity …')}`,
  },
  {
    codes: ['BadRequest'],
    services,
    message: /\/me request is only valid with delegated/i,
    what: 'You are signed in as an application, which has no user profile',
    why: ['Microsoft Graph supports this request only for users'],
    remedy: command('az account show'),
  },
  {
    codes: ['InvalidAuthenticationToken'],
    services,
    check: 'WI413',
    what: 'Microsoft Graph rejects the sign-in',
    why: ['The sign-in has expired', 'The token is for another cloud or service'],
    remedy: command('az login --scope https://graph.microsoft.com/.default'),
  },
  {
    codes: ['Request_BadRequest'],
    values: [/property '(?<property>[^']+)'/],
    what: 'The directory rejects a value[ of {property}]',
    why: ['The name is too long or contains invalid characters'],
    remedy: 'Choose another name with --identity',
  },
]
