import {
  differentClaims,
  differentServiceAccount,
  identityBinding,
  registeredWithoutPrincipal,
} from '../causes.ts'
import { command, shell } from '../command-template.ts'
import { restartDeployment, setAudience, showTenant } from '../commands.ts'
import type { CatalogueEntry } from './entry.ts'

const listCredentials = command(
  'az ad app federated-credential list --id … --query "[].{name:name, issuer:issuer, subject:subject, audiences:audiences}"',
)
const decodeToken = shell(
  'kubectl -n … create token … --audience api://AzureADTokenExchange | cut -d. -f2 | tr _- /+ | base64 -d 2>/dev/null',
)
const showAnnotations = command(`kubectl -n … get serviceaccount … -o jsonpath='{.metadata.annotations}'`)
const fetchDocuments = [
  shell(
    'curl --fail $(az aks show --resource-group … --name … --query oidcIssuerProfile.issuerUrl --output tsv).well-known/openid-configuration',
  ),
  shell('curl --fail "$(curl --fail …/.well-known/openid-configuration | jq -r .jwks_uri)"'),
]

/** WI1xx: trust between the cluster's tokens and the identity. */
export const federationEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI101',
    what: "Entra rejects the service account's token",
    errorMessages: [
      "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: '…'. Assertion Subject: '…'. Assertion Audience: '…'.",
    ],
    why: [differentClaims, 'The credential was created only minutes ago and has not replicated yet'],
    remedy: command('wi-setup federate'),
    manualChecks: [listCredentials, decodeToken],
  },
  {
    code: 'WI102',
    what: "No federated credential trusts the cluster's issuer",
    errorMessages: [
      "AADSTS700211: No matching federated identity record found for presented assertion issuer '…'.",
      'AADSTS70025: The client … has no configured federated identity credentials.',
    ],
    why: [
      'The cluster was recreated: each cluster has its own issuer, and the credential still names the old one',
      "The service account's client-id annotation names a different identity than the one with the credential",
      'The credential was created only minutes ago and has not replicated yet',
    ],
    remedy: command('wi-setup federate'),
    manualChecks: [
      listCredentials,
      command('az aks show --resource-group … --name … --query oidcIssuerProfile.issuerUrl'),
    ],
  },
  {
    code: 'WI103',
    what: "The federated credential's issuer lacks the trailing slash",
    errorMessages: [
      "AADSTS700211: No matching federated identity record found for presented assertion issuer '…/'.",
    ],
    why: ['The issuer was copied without its trailing slash, which Entra requires'],
    remedy: command('wi-setup federate'),
    manualChecks: [listCredentials],
  },
  {
    code: 'WI104',
    what: "The federated credential's subject doesn't match the service account",
    errorMessages: [
      "AADSTS700213: No matching federated identity record found for presented assertion subject '…'.",
    ],
    why: [
      'The namespace or the service account is misspelled in the credential',
      differentServiceAccount,
      'Several credentials were written at the same time, and Entra has not indexed this one: delete it and create it again',
    ],
    remedy: command('wi-setup federate'),
    manualChecks: [
      listCredentials,
      command("kubectl -n … get pod … -o jsonpath='{.spec.serviceAccountName}'"),
    ],
  },
  {
    code: 'WI105',
    what: "The credential's subject and the token's subject differ in case",
    errorMessages: [
      "AADSTS7002138: No matching federated identity record found for presented assertion subject '…'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison.",
    ],
    why: [
      'Entra has compared subjects case-sensitively since 2025; an outdated credential may have to be deleted and created again',
    ],
    remedy: command('wi-setup federate'),
    manualChecks: [listCredentials],
  },
  {
    code: 'WI106',
    what: "The federated credential's audience doesn't match the token's",
    errorMessages: [
      "AADSTS700212: No matching federated identity record found for presented assertion audience '…'.",
    ],
    why: [
      "The pod mounts a token for a different audience; in the US Government and China clouds, often the public cloud's",
      identityBinding,
    ],
    remedy: setAudience,
    manualChecks: [
      listCredentials,
      command(
        "kubectl -n … get pod … -o jsonpath='{.spec.volumes[*].projected.sources[*].serviceAccountToken.audience}'",
      ),
    ],
  },
  {
    code: 'WI107',
    what: 'The cluster has no issuer that Entra can read',
    errorMessages: [
      "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: 'https://kubernetes.default.svc.cluster.local'.",
    ],
    why: [
      'The OIDC issuer of the AKS cluster is disabled',
      'The API server of a cluster outside AKS has a --service-account-issuer that is only reachable inside the cluster',
    ],
    remedy: command('wi-setup cluster'),
    manualChecks: [
      command('az aks show --resource-group … --name … --query oidcIssuerProfile'),
      command('kubectl get --raw /.well-known/openid-configuration'),
    ],
  },
  {
    code: 'WI108',
    what: "The issuer's documents are not readable from the internet, or lack the token's key",
    errorMessages: [
      'AADSTS90061, AADSTS50166 or AADSTS501661: Request to External OIDC endpoint failed.',
      'AADSTS7000272: The certificate with identifier … could not be found in the metadata of identity provider …',
    ],
    why: [
      'The storage that serves them is behind a firewall, a sign-in page or a private certificate authority',
      'The signing keys were rotated, but the published key set was not updated',
      'AKS has not published the documents; running "az aks update" makes it try again',
    ],
    remedy: command('wi-setup verify --wait 5m'),
    manualChecks: fetchDocuments,
  },
  {
    code: 'WI109',
    what: 'The application uses a token that has expired or is not yet valid',
    errorMessages: ['AADSTS700024: Client assertion is not within its valid time range.'],
    why: [
      'The application (custom code or an old SDK) read the token file once and cached the token. The kubelet renews the file, so the application must read it for each exchange',
      "The node's clock is wrong",
    ],
    remedy: restartDeployment,
    manualChecks: [
      command(`kubectl -n … exec deployment/… -- sh -c 'date -u; stat -c %y "$AZURE_FEDERATED_TOKEN_FILE"'`),
      decodeToken,
    ],
  },
  {
    code: 'WI110',
    what: "The service account's client ID doesn't belong to the identity",
    errorMessages: [
      "AADSTS700016: Application with identifier '/subscriptions/…/userAssignedIdentities/…' was not found in the directory '…'.",
    ],
    why: [
      'The annotation holds the resource ID, the object ID or the name instead of the client ID',
      'The identity is in another tenant, and the tenant-id annotation is missing',
      'The identity was deleted or recreated',
    ],
    remedy: command('wi-setup federate'),
    manualChecks: [
      showAnnotations,
      command('az ad sp show --id … --query "{name:displayName, appId:appId}"'),
    ],
  },
  {
    code: 'WI111',
    what: 'Two clusters keep overwriting the same federated credential',
    errorMessages: ['AADSTS70021 or AADSTS700211, intermittently, hours after everything worked'],
    why: [
      'Two clusters or pipelines use the same credential name, so each overwrites the other',
      'Some Entra replicas are outdated for a while after a change',
    ],
    remedy: command('wi-setup federate'),
    manualChecks: [
      listCredentials,
      command(
        `az monitor activity-log list --resource-group … --query "[?contains(operationName.value, 'federatedIdentityCredentials/write')].{at:eventTimestamp, by:caller}"`,
      ),
    ],
  },
  {
    code: 'WI112',
    what: "The cluster doesn't issue tokens for the service account under its issuer",
    errorMessages: [
      'error: failed to create token: serviceaccounts "…" not found',
      'Forbidden: cannot create resource "serviceaccounts/token"',
    ],
    why: [
      'The service account does not exist',
      'You lack the permission to create tokens for it (create on serviceaccounts/token)',
      'The API server issues tokens under a different issuer than it publishes: it has several --service-account-issuer flags, or must be restarted',
    ],
    remedy: command('wi-setup federate'),
    manualChecks: [decodeToken],
  },
  {
    code: 'WI113',
    what: 'The identity has no enabled service principal in the tenant',
    errorMessages: [
      'AADSTS7000229: The client application … is missing service principal in the tenant …',
      "AADSTS7000112: Application '…' is disabled.",
    ],
    why: [registeredWithoutPrincipal, 'The service principal was deleted or disabled'],
    remedy: command('wi-setup identity'),
    manualChecks: [command('az ad sp show --id … --query "{enabled:accountEnabled, objectId:id}"')],
  },
  {
    code: 'WI114',
    what: "The service account names a different tenant than the identity's",
    errorMessages: ["AADSTS700016: Application with identifier '…' was not found in the directory '…'."],
    why: [
      "The annotation azure.workload.identity/tenant-id names another tenant. Without the annotation, the webhook's tenant applies",
      'The identity was created in another tenant',
    ],
    remedy: command('wi-setup federate'),
    manualChecks: [showAnnotations, showTenant],
  },
  {
    code: 'WI115',
    what: 'The credential for the service account is on a different identity than the one it names',
    errorMessages: [
      'AADSTS70025: The client … has no configured federated identity credentials.',
      "AADSTS700213: No matching federated identity record found for presented assertion subject '…'.",
    ],
    why: [
      'The set-up was run earlier with another identity or identity kind (app registration or managed identity)',
      'The federated credential was added by hand to an identity with a similar name',
      "The service account's client-id annotation was changed later",
    ],
    remedy: command('wi-setup federate'),
    manualChecks: [showAnnotations, listCredentials],
  },
  {
    code: 'WI116',
    what: 'The cluster has no identity binding for the identity that the pods use',
    errorMessages: [
      "AADSTS700212: No matching federated identity record found for presented assertion audience 'api://AKSIdentityBinding'.",
    ],
    why: [
      'The binding was deleted, or exists in another cluster only: each cluster needs its own',
      "The service account's client-id annotation names another identity than the binding",
      'The identity is an app registration; only user-assigned managed identities can be bound',
    ],
    remedy: command(
      'az aks identity-binding create --resource-group … --cluster-name … --name … --managed-identity-resource-id …',
    ),
    manualChecks: [
      command('az aks identity-binding list --resource-group … --cluster-name …'),
      showAnnotations,
    ],
  },
  {
    code: 'WI117',
    what: 'The service account may not use the identity that is bound',
    errorMessages: [
      'no message that is known: the token proxy (AZURE_KUBERNETES_TOKEN_PROXY) returns status 403',
    ],
    why: [
      'No ClusterRole with the verb use-managed-identity on the client ID (API group cid.wi.aks.azure.com) is bound to the service account',
      'The role names the client ID of another identity, or the object ID',
      'In the preview API, the binding itself can list allowed subjects, which this check does not see',
    ],
    remedy:
      'Bind a ClusterRole that allows use-managed-identity on the client ID in the API group cid.wi.aks.azure.com to the service account',
    manualChecks: [
      command(
        'kubectl auth can-i use-managed-identity ….cid.wi.aks.azure.com --as system:serviceaccount:…:…',
      ),
    ],
  },
  {
    code: 'WI124',
    what: 'The identity is bound, but the pods do not opt in to the identity binding',
    errorMessages: [
      "AADSTS700211: No matching federated identity record found for presented assertion issuer '…'.",
    ],
    why: [
      'The pods lack the annotation azure.workload.identity/use-identity-binding: "true", so the webhook gives them a normal token, for which the identity has no credential',
      'The annotation is on the service account or the Deployment, not in the pod template',
      'The pods are older than the annotation',
    ],
    remedy: 'Add the annotation azure.workload.identity/use-identity-binding: "true" to the pod template',
    manualChecks: [
      command('kubectl get pods --output yaml'),
      command('az aks identity-binding list --resource-group … --cluster-name …'),
    ],
  },
  {
    code: 'WI125',
    what: "The keys published at the issuer are not the cluster's keys",
    errorMessages: [
      'AADSTS7000272: The certificate with identifier … could not be found in the metadata of identity provider …',
    ],
    why: [
      'The API server got a new signing key, and the published key set was not updated',
      'A rotation is in progress: the new key is published before the API server has it',
      'The old key was removed from the API server, and is still published',
    ],
    remedy: command('wi-setup issuer rotate --storage-account …'),
    manualChecks: [command('kubectl get --raw /openid/v1/jwks'), ...fetchDocuments],
  },
]
