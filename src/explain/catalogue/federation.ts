import type { CatalogueEntry } from './entry.ts'

const credentials =
  'az ad app federated-credential list --id … --query "[].{name:name, issuer:issuer, subject:subject, audiences:audiences}"'
const token =
  'kubectl -n … create token … --audience api://AzureADTokenExchange | cut -d. -f2 | tr _- /+ | base64 -d 2>/dev/null'
const annotation = `kubectl -n … get serviceaccount … -o jsonpath='{.metadata.annotations}'`
const documents = [
  'curl --fail $(az aks show --resource-group … --name … --query oidcIssuerProfile.issuerUrl --output tsv).well-known/openid-configuration',
  'curl --fail "$(curl --fail …/.well-known/openid-configuration | jq -r .jwks_uri)"',
]

/** WI1xx: the trust between the cluster's tokens and the identity. */
export const federationEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI101',
    what: "Entra does not accept the service account's token",
    errorMessages: [
      "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: '…'. Assertion Subject: '…'. Assertion Audience: '…'.",
    ],
    why: [
      'the credential\'s issuer, subject or audience is not the token\'s, most often by a "/" at the end of the issuer',
      'the credential is only minutes old and not copied everywhere yet',
    ],
    remedy: 'npx wi-setup federate',
    manualChecks: [credentials, token],
  },
  {
    code: 'WI102',
    what: "No federated credential trusts the cluster's issuer",
    errorMessages: [
      "AADSTS700211: No matching federated identity record found for presented assertion issuer '…'.",
      'AADSTS70025: The client … has no configured federated identity credentials.',
    ],
    why: [
      'the cluster was made anew: each cluster has an issuer of its own, and the credential is of the old one',
      "the service account's client-id annotation names another identity than the one that was federated",
      'the credential was written only minutes ago, or half written',
    ],
    remedy: 'npx wi-setup federate',
    manualChecks: [
      credentials,
      'az aks show --resource-group … --name … --query oidcIssuerProfile.issuerUrl',
    ],
  },
  {
    code: 'WI103',
    what: 'The credential\'s issuer lacks the "/" at its end',
    errorMessages: [
      "AADSTS700211: No matching federated identity record found for presented assertion issuer '…/'.",
    ],
    why: [
      'the issuer was copied without its last sign; Entra was lenient for a while and now compares each one',
    ],
    remedy: 'npx wi-setup federate',
    manualChecks: [credentials],
  },
  {
    code: 'WI104',
    what: "The credential's subject is not this service account's",
    errorMessages: [
      "AADSTS700213: No matching federated identity record found for presented assertion subject '…'.",
    ],
    why: [
      'the namespace or the service account is misspelt in the credential',
      'the pod runs under another service account than meant',
      'right after several credentials were written at once, Entra may not know this one: remove it and make it again',
    ],
    remedy: 'npx wi-setup federate',
    manualChecks: [credentials, "kubectl -n … get pod … -o jsonpath='{.spec.serviceAccountName}'"],
  },
  {
    code: 'WI105',
    what: "The credential's subject and the token's differ in upper and lower case",
    errorMessages: [
      "AADSTS7002138: No matching federated identity record found for presented assertion subject '…'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison.",
    ],
    why: ['Entra compares each sign since 2025; a stale record may have to be removed and made again'],
    remedy: 'npx wi-setup federate',
    manualChecks: [credentials],
  },
  {
    code: 'WI106',
    what: "The credential's audience is not the tokens'",
    errorMessages: [
      "AADSTS700212: No matching federated identity record found for presented assertion audience '…'.",
    ],
    why: [
      'the pod mounts a token for another audience, in China and US Government clouds for that of the public cloud',
      'it is a token of an AKS identity binding (api://AKSIdentityBinding), which is not meant for Entra',
    ],
    remedy: 'npx wi-setup federate --audience api://AzureADTokenExchange',
    manualChecks: [
      credentials,
      "kubectl -n … get pod … -o jsonpath='{.spec.volumes[*].projected.sources[*].serviceAccountToken.audience}'",
    ],
  },
  {
    code: 'WI107',
    what: 'The cluster has no issuer that Entra can read',
    errorMessages: [
      "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: 'https://kubernetes.default.svc.cluster.local'.",
    ],
    why: [
      'the OIDC issuer of the AKS cluster is off',
      'the API server of another cluster runs with a --service-account-issuer that is only known inside',
    ],
    remedy: 'npx wi-setup cluster',
    manualChecks: [
      'az aks show --resource-group … --name … --query oidcIssuerProfile',
      'kubectl get --raw /.well-known/openid-configuration',
    ],
  },
  {
    code: 'WI108',
    what: "The issuer's documents cannot be read from the internet, or do not hold the token's key",
    errorMessages: [
      'AADSTS90061, AADSTS50166 or AADSTS501661: Request to External OIDC endpoint failed.',
      'AADSTS7000272: The certificate with identifier … could not be found in the metadata of identity provider …',
    ],
    why: [
      'a firewall, a sign-in or a private certificate authority stands before the storage that serves them',
      'the signing keys were rotated, and the published key set was not',
      'AKS has not published them: `az aks update` makes it try again',
    ],
    remedy: 'npx wi-setup verify --wait 5m',
    manualChecks: documents,
  },
  {
    code: 'WI109',
    what: 'The program uses a token that is no longer, or not yet, valid',
    errorMessages: ['AADSTS700024: Client assertion is not within its valid time range.'],
    why: [
      'it read the token file once and kept the token; the kubelet renews the file, so it has to be read for each exchange (an old SDK, or own code)',
      'the clock of the node is wrong',
    ],
    remedy: 'kubectl -n … rollout restart deployment/…',
    manualChecks: [
      `kubectl -n … exec deployment/… -- sh -c 'date -u; stat -c %y "$AZURE_FEDERATED_TOKEN_FILE"'`,
      token,
    ],
  },
  {
    code: 'WI110',
    what: "The service account's client id is not the identity's",
    errorMessages: [
      "AADSTS700016: Application with identifier '/subscriptions/…/userAssignedIdentities/…' was not found in the directory '…'.",
    ],
    why: [
      'the annotation holds the resource id, the object id or the name; it has to be the client id',
      'the identity lives in another tenant, and the tenant-id annotation is missing',
      'the identity was deleted or made anew',
    ],
    remedy: 'npx wi-setup federate',
    manualChecks: [annotation, 'az ad sp show --id … --query "{name:displayName, appId:appId}"'],
  },
  {
    code: 'WI111',
    what: 'Two clusters write the same federated credential in turn',
    errorMessages: ['AADSTS70021 or AADSTS700211, now and then, hours after all went well'],
    why: [
      'two clusters (or two pipelines) use one name for their credential, and each overwrites the other',
      'Entra answers from an old copy for a while after a change',
    ],
    remedy: 'npx wi-setup federate',
    manualChecks: [
      credentials,
      `az monitor activity-log list --resource-group … --query "[?contains(operationName.value, 'federatedIdentityCredentials/write')].{at:eventTimestamp, by:caller}"`,
    ],
  },
  {
    code: 'WI112',
    what: 'The cluster issues no token for the service account under its issuer',
    errorMessages: [
      'error: failed to create token: serviceaccounts "…" not found',
      'Forbidden: cannot create resource "serviceaccounts/token"',
    ],
    why: [
      'the service account is not there',
      'you may not make tokens for it (serviceaccounts/token: create)',
      'the API server issues under another issuer than the cluster tells: several --service-account-issuer flags, or it has to be restarted',
    ],
    remedy: 'npx wi-setup federate',
    manualChecks: [token],
  },
  {
    code: 'WI113',
    what: 'The identity has no enabled service principal in the tenant',
    errorMessages: [
      'AADSTS7000229: The client application … is missing service principal in the tenant …',
      "AADSTS7000112: Application '…' is disabled.",
    ],
    why: [
      'the application was registered without one: Graph and `az ad app create` make none, the portal does',
      'somebody deleted it or switched it off',
    ],
    remedy: 'npx wi-setup identity',
    manualChecks: ['az ad sp show --id … --query "{enabled:accountEnabled, objectId:id}"'],
  },
  {
    code: 'WI114',
    what: "The service account names another tenant than the identity's",
    errorMessages: ["AADSTS700016: Application with identifier '…' was not found in the directory '…'."],
    why: [
      'the annotation azure.workload.identity/tenant-id is of another tenant; without it that of the webhook counts',
      'the identity was made in another tenant',
    ],
    remedy: 'npx wi-setup federate',
    manualChecks: [annotation, 'az account show --query tenantId --output tsv'],
  },
  {
    code: 'WI115',
    what: "The service account's credential is on another identity than the one it names",
    errorMessages: [
      'AADSTS70025: The client … has no configured federated identity credentials.',
      "AADSTS700213: No matching federated identity record found for presented assertion subject '…'.",
    ],
    why: [
      'the set-up was made with another identity before, or with one of the other kind (application, managed identity)',
      'the federated credential was written by hand to an identity of a similar name',
      "the service account's client-id annotation was changed later",
    ],
    remedy: 'npx wi-setup federate',
    manualChecks: [annotation, credentials],
  },
]
