import type { CatalogueEntry } from './entry.ts'

/** WI4xx: making the identity, its credentials and its roles. */
export const identityEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI401',
    what: 'Managed identities of this location cannot be federated',
    errorMessages: [
      '(MethodNotAllowed) The request format was unexpected: Support for federated identity credentials not enabled.',
    ],
    why: ['a few locations do not offer it (Malaysia South and New Zealand North, at the last look)'],
    remedy: 'npx wi-setup identity --identity-kind app',
    manualChecks: ['az identity show --resource-group … --name … --query location'],
  },
  {
    code: 'WI402',
    what: 'Several credentials of one managed identity were written at the same time',
    errorMessages: [
      'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity: Too many Federated Identity Credentials are written concurrently',
    ],
    why: ['Terraform, Bicep or two pipelines write in parallel; Azure takes one after the other'],
    remedy: 'npx wi-setup federate',
    manualChecks: [
      'az identity federated-credential list --resource-group … --identity-name … --output table',
    ],
  },
  {
    code: 'WI403',
    what: 'The new managed identity is not known everywhere yet',
    errorMessages: [
      'ParentResourceNotFound',
      'MS Graph resource not found during Federated Identity Credential creation',
    ],
    why: ['it is only seconds old; it takes up to four minutes'],
    remedy: 'npx wi-setup federate',
    manualChecks: ['az ad sp show --id …'],
  },
  {
    code: 'WI404',
    what: 'The identity has a credential for this issuer and subject already, under another name',
    errorMessages: [
      'Issuer and subject combination already exists for this Managed Identity.',
      'InvalidFederatedIdentityCredentialValue: The combination of issuer and subject must be unique for the application.',
    ],
    why: ['another tool or an earlier run made it; wi-setup uses the one that is there'],
    remedy: 'npx wi-setup federate',
    manualChecks: [
      'az identity federated-credential list --resource-group … --identity-name … --output table',
    ],
  },
  {
    code: 'WI405',
    what: 'A federated credential was written without exactly one audience',
    errorMessages: [
      'InvalidFederatedIdentityCredentialsAudienceLength: Federated identity credentials must have exactly one audience.',
    ],
    why: ['az 2.74 leaves it out if it is not given; another tool sends none or several'],
    remedy: 'npx wi-setup federate',
    manualChecks: ['az version --query \'"azure-cli"\''],
  },
  {
    code: 'WI406',
    what: 'A federated credential was to be written without an issuer',
    errorMessages: [
      "Federated Identity Credential must specify 'issuer', 'subject' and 'audience'",
      'Federated Identity Credential from HTTP body has empty properties',
    ],
    why: ["the cluster's OIDC issuer is off, or was switched on only a moment ago and not read again"],
    remedy: 'npx wi-setup cluster',
    manualChecks: ['az aks show --resource-group … --name … --query oidcIssuerProfile'],
  },
  {
    code: 'WI407',
    what: 'The identity has as many federated credentials as it may (20)',
    errorMessages: ['a refusal of the 21st credential, with several codes'],
    why: [
      'credentials of clusters that are gone were left behind',
      'one identity serves many workloads: give each its own',
    ],
    remedy: 'npx wi-setup federate --identity …',
    manualChecks: ['az ad app federated-credential list --id … --query "length(@)"'],
  },
  {
    code: 'WI408',
    what: 'What was just written is not found',
    errorMessages: ['404 right after 201', 'Terraform: Root object was present, but now absent'],
    why: ['the directory and Azure have many copies, and the answer came from one that is behind'],
    remedy: 'Run the same command again',
    manualChecks: ['az identity federated-credential show --resource-group … --identity-name … --name …'],
  },
  {
    code: 'WI409',
    what: 'A policy does not allow the federated credential',
    errorMessages: [
      'RequestDisallowedByPolicy: Managed Identity Federated Credentials should be from allowed issuer types',
      'InvalidFederatedIdentityCredentialValue: … not allowed as per assigned policy …',
    ],
    why: ['the organisation allows only some issuers'],
    remedy: 'Ask its administrators to allow the issuer; `npx wi-setup plan` prints it',
    manualChecks: [
      'az policy assignment list --disable-scope-strict-match --query "[].{name:displayName, scope:scope}" --output table',
    ],
  },
  {
    code: 'WI410',
    what: 'You may not register applications',
    errorMessages: ['Authorization_RequestDenied: Insufficient privileges to complete the operation.'],
    why: ['the tenant lets only some people register applications (role Application Developer)'],
    remedy: 'npx wi-setup identity --identity-kind managed',
    manualChecks: [
      'az rest --url https://graph.microsoft.com/v1.0/policies/authorizationPolicy --query defaultUserRolePermissions.allowedToCreateApps',
    ],
  },
  {
    code: 'WI411',
    what: 'A Conditional Access policy keeps you out of Microsoft Graph',
    errorMessages: [
      'AADSTS53003: Access has been blocked by Conditional Access policies.',
      'AADSTS50005, AADSTS530084',
    ],
    why: ['the policy wants a device, a place or a bound token that the command line cannot show'],
    remedy: 'npx wi-setup identity --identity-kind managed',
    manualChecks: ['az account get-access-token --resource-type ms-graph --query expiresOn'],
  },
  {
    code: 'WI412',
    what: 'The role could not be given, because the new identity is not known everywhere yet',
    errorMessages: ['PrincipalNotFound: Principal … does not exist in the directory …'],
    why: ['it is only seconds old, and the request did not say that it is a service principal'],
    remedy: 'npx wi-setup vault',
    manualChecks: ['az role assignment list --scope … --output table'],
  },
  {
    code: 'WI413',
    what: 'The sign-in is of another cloud than the addresses',
    errorMessages: [
      'Access token validation failure. Invalid audience.',
      '404 for a subscription that is there',
    ],
    why: ['US Government and China have addresses of their own, and a tool uses those of the public cloud'],
    remedy: 'npx wi-setup --cloud usgov',
    manualChecks: ['az cloud show --query "{name:name, endpoints:endpoints.activeDirectory}"'],
  },
]
