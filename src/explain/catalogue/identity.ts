import { advice, command } from '../command-template.ts'
import { listPolicyAssignments, listRoleAssignments } from '../commands.ts'
import type { CatalogueEntry } from './entry.ts'

/** WI4xx: the identity, its credentials and its roles. */
export const identityEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI401',
    what: "Managed identities in this region don't support federated credentials",
    errorMessages: [
      '(MethodNotAllowed) The request format was unexpected: Support for federated identity credentials not enabled.',
    ],
    why: ["A few regions don't offer them (Malaysia South and New Zealand North when last checked)"],
    remedy: command('wi-setup identity --identity-kind app'),
    manualChecks: [command('az identity show --resource-group … --name … --query location')],
  },
  {
    code: 'WI402',
    what: 'Several credentials of one managed identity were written at the same time',
    errorMessages: [
      'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity: Too many Federated Identity Credentials are written concurrently',
    ],
    why: ['Terraform, Bicep or two pipelines write in parallel, but Azure accepts only one write at a time'],
    remedy: command('wi-setup federate'),
    manualChecks: [
      command('az identity federated-credential list --resource-group … --identity-name … --output table'),
    ],
  },
  {
    code: 'WI403',
    what: 'The new managed identity has not replicated yet',
    errorMessages: [
      'ParentResourceNotFound',
      'MS Graph resource not found during Federated Identity Credential creation',
    ],
    why: ['It was created only seconds ago; replication takes up to 4 minutes'],
    remedy: command('wi-setup federate'),
    manualChecks: [command('az ad sp show --id …')],
  },
  {
    code: 'WI404',
    what: 'The identity already has a credential for this issuer and subject, under another name',
    errorMessages: [
      'Issuer and subject combination already exists for this Managed Identity.',
      'InvalidFederatedIdentityCredentialValue: The combination of issuer and subject must be unique for the application.',
    ],
    why: ['Another tool or an earlier run created it; wi-setup reuses the existing one'],
    remedy: command('wi-setup federate'),
    manualChecks: [
      command('az identity federated-credential list --resource-group … --identity-name … --output table'),
    ],
  },
  {
    code: 'WI405',
    what: 'A federated credential was written without exactly one audience',
    errorMessages: [
      'InvalidFederatedIdentityCredentialsAudienceLength: Federated identity credentials must have exactly one audience.',
    ],
    why: ['az 2.74 omits the audience unless you pass it; another tool sends none or several'],
    remedy: command('wi-setup federate'),
    manualChecks: [command('az version --query \'"azure-cli"\'')],
  },
  {
    code: 'WI406',
    what: 'A federated credential was written without an issuer',
    errorMessages: [
      "Federated Identity Credential must specify 'issuer', 'subject' and 'audience'",
      'Federated Identity Credential from HTTP body has empty properties',
    ],
    why: ["The cluster's OIDC issuer is disabled, or was enabled only a moment ago and not read again"],
    remedy: command('wi-setup cluster'),
    manualChecks: [command('az aks show --resource-group … --name … --query oidcIssuerProfile')],
  },
  {
    code: 'WI407',
    what: 'The identity has reached the limit of 20 federated credentials',
    errorMessages: ['an error on the 21st credential, with various codes'],
    why: [
      'Credentials of deleted clusters were not removed',
      'One identity serves many workloads; give each workload its own identity',
    ],
    remedy: command('wi-setup federate --identity …'),
    manualChecks: [command('az ad app federated-credential list --id … --query "length(@)"')],
  },
  {
    code: 'WI408',
    what: 'A resource was not found right after it was written',
    errorMessages: ['404 right after 201', 'Terraform: Root object was present, but now absent'],
    why: ['The directory and Azure keep several replicas, and an outdated one responded'],
    remedy: 'Run the same command again',
    manualChecks: [
      command('az identity federated-credential show --resource-group … --identity-name … --name …'),
    ],
  },
  {
    code: 'WI409',
    what: 'A policy forbids the federated credential',
    errorMessages: [
      'RequestDisallowedByPolicy: Managed Identity Federated Credentials should be from allowed issuer types',
      'InvalidFederatedIdentityCredentialValue: … not allowed as per assigned policy …',
    ],
    why: ['The organization allows only certain issuers'],
    remedy: advice`Ask the administrators to allow the issuer, which ${command('wi-setup plan')} prints`,
    manualChecks: [listPolicyAssignments],
  },
  {
    code: 'WI410',
    what: "You can't register applications",
    errorMessages: ['Authorization_RequestDenied: Insufficient privileges to complete the operation.'],
    why: ['The tenant restricts app registration to certain users (role Application Developer)'],
    remedy: command('wi-setup identity --identity-kind managed'),
    manualChecks: [
      command(
        'az rest --url https://graph.microsoft.com/v1.0/policies/authorizationPolicy --query defaultUserRolePermissions.allowedToCreateApps',
      ),
    ],
  },
  {
    code: 'WI411',
    what: 'A Conditional Access policy blocks your access to Microsoft Graph',
    errorMessages: [
      'AADSTS53003: Access has been blocked by Conditional Access policies.',
      'AADSTS50005, AADSTS530084',
    ],
    why: ["The policy requires a device, a location or a bound token that a command line can't provide"],
    remedy: command('wi-setup identity --identity-kind managed'),
    manualChecks: [command('az account get-access-token --resource-type ms-graph --query expiresOn')],
  },
  {
    code: 'WI412',
    what: 'The role could not be assigned because the new identity has not replicated yet',
    errorMessages: ['PrincipalNotFound: Principal … does not exist in the directory …'],
    why: ['It was created only seconds ago, and the request did not declare it a service principal'],
    remedy: command('wi-setup vault'),
    manualChecks: [listRoleAssignments],
  },
  {
    code: 'WI413',
    what: 'The sign-in belongs to a different cloud than the endpoints',
    errorMessages: ['Access token validation failure. Invalid audience.', '404 for an existing subscription'],
    why: [
      'The US Government and China clouds have their own endpoints, but a tool uses those of the public cloud',
    ],
    remedy: command('wi-setup --cloud usgov'),
    manualChecks: [command('az cloud show --query "{name:name, endpoints:endpoints.activeDirectory}"')],
  },
]
