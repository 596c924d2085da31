import { aadstsCodes, type Explanation } from './explanation.ts'

const subject = /subject:? '(?<subject>[^']*)'/i
const workload = /system:serviceaccount:(?<namespace>[^:'\s]+):(?<serviceAccount>[^'\s]+)/
const issuer = /issuer:? '(?<issuer>[^']*)'/i
const audience = /audience:? '(?<audience>[^']*)'/i
const application = /(?:application|client|app)\s+'?(?<application>[0-9a-f]{8}-[0-9a-f-]{27})/i

const young =
  'the credential is only minutes old: Entra copies it around, and a try may fail again even after one that went well'
const federate = 'npx wi-setup federate[ --namespace {namespace}][ --service-account {serviceAccount}]'

/** Entra refuses a service account's token (the federated assertion). */
export const entraFederationExplanations: readonly Explanation[] = [
  {
    codes: aadstsCodes(70021, 700211),
    message: /issuer:? '(?<issuer>https?:\/\/kubernetes\.default[^']*)'/i,
    values: [subject, workload],
    check: 'WI108',
    what: "The token is of the cluster's internal issuer {issuer|}, which Entra cannot read",
    why: [
      'the OIDC issuer of the AKS cluster is off',
      'a cluster of your own: its API server must be started with a public https --service-account-issuer',
    ],
    remedy: 'npx wi-setup cluster',
  },
  {
    codes: aadstsCodes(70021),
    values: [issuer, subject, audience, workload],
    check: 'WI101',
    what: 'No federated credential of the identity fits the token of {subject|the service account}',
    why: [
      'the credential\'s issuer, subject or audience differs from the token\'s, often by a final "/" of the issuer',
      young,
      "the service account's client-id annotation names another identity",
    ],
    remedy: federate,
  },
  {
    codes: aadstsCodes(700211),
    values: [issuer, subject, workload],
    check: 'WI102',
    what: "No federated credential of the identity has the token's issuer {issuer|(unknown)}",
    why: [
      'the cluster was made anew and has a new issuer, or the credential lacks the final "/"',
      "the service account's client-id annotation names another identity",
      young,
    ],
    remedy: federate,
  },
  {
    codes: aadstsCodes(700212),
    values: [audience],
    check: 'WI106',
    what: "No federated credential of the identity has the token's audience {audience|(unknown)}",
    why: [
      'the token was requested for another audience than api://AzureADTokenExchange (China and US Government have their own)',
      'it is a token of an AKS identity binding (api://AKSIdentityBinding), which is not meant for Entra',
    ],
    remedy: 'npx wi-setup federate --audience api://AzureADTokenExchange',
  },
  {
    codes: aadstsCodes(700213),
    values: [subject, workload],
    check: 'WI104',
    what: 'No federated credential of the identity has the subject {subject|of this token}',
    why: [
      'the credential names another namespace or service account; a spelling mistake is enough',
      'the pod runs under another service account than meant',
      young,
    ],
    remedy: federate,
  },
  {
    codes: aadstsCodes(7002138),
    values: [subject, workload],
    check: 'WI105',
    what: "The credential's subject and the token's, {subject|system:serviceaccount:…}, differ in upper and lower case",
    why: [
      'Entra compares subjects letter by letter since 2025',
      'a stale record may have to be removed and made again',
    ],
    remedy: federate,
  },
  {
    codes: aadstsCodes(7002137, 7002131),
    values: [subject, workload],
    check: 'WI104',
    what: 'No federated credential of the identity accepts the subject {subject|of this token}',
    why: ['the subject is another one, or the expression of a flexible credential does not match it'],
    remedy: federate,
  },
  {
    codes: aadstsCodes(70025, 7000226),
    values: [/client '(?<application>[^']+)'(?:\((?<name>[^)]*)\))?/],
    check: 'WI102',
    what: 'The identity {application|of this client id} has no federated credential at all',
    why: [
      'it was never federated, or its credentials were removed',
      "the service account's client-id annotation names another identity",
      young,
    ],
    remedy: 'npx wi-setup federate',
  },
  {
    codes: aadstsCodes(7000229),
    values: [application, /tenant (?<tenant>[0-9a-f-]{36})/],
    check: 'WI113',
    what: 'The application[ {application}] has no service principal in the tenant[ {tenant}]',
    why: [
      'the application was registered without one (the portal makes it, `az ad app create` and Graph do not)',
      'the service principal was deleted',
      'it is only seconds old',
    ],
    remedy: 'az ad sp create --id {application|…}',
  },
  {
    codes: aadstsCodes(7000272),
    values: [/identity provider (?<issuer>\S+?)[.']?\s/, /identifier (?<key>[0-9A-F]+)/],
    check: 'WI108',
    what: "The key that signed the token is not among the keys published by {issuer|the cluster's issuer}",
    why: [
      "the cluster's signing keys were rotated and the published key set was not",
      'Entra still remembers the old key set; that lasts minutes, at times half an hour',
      'the token comes from another cluster than the issuer',
    ],
    remedy: 'npx wi-setup verify --wait 5m',
  },
  {
    codes: aadstsCodes(50166, 501661, 90061),
    check: 'WI108',
    what: "Entra could not read the cluster's issuer documents",
    why: [
      'the issuer is not reachable from the internet, or only behind a firewall or with a sign-in',
      'it was out of reach for a moment: then the next try goes well',
      'its certificate is not of a public authority, or the document is not valid JSON, or its `issuer` is another address',
      'the discovery document has an empty authorization_endpoint or subject_types_supported',
    ],
    remedy: 'npx wi-setup verify',
  },
  {
    codes: aadstsCodes(700024),
    values: [
      /Current time: (?<now>\S+?),/,
      /valid from (?<from>\S+?),/,
      /expiry time of assertion (?<until>\S+?)\.?\s/,
    ],
    check: 'WI109',
    what: 'The token is expired or not yet valid (now {now|?}, expired {until|?})',
    why: [
      'the program read the token file once and kept it: the kubelet renews the file, so it must be read for each exchange',
      "the clock of the cluster's nodes is wrong",
    ],
    remedy: 'kubectl -n {namespace|…} rollout restart deployment/…',
  },
  {
    codes: aadstsCodes(700021),
    what: 'The assertion was issued by the client itself, and for another client id',
    why: ['AZURE_CLIENT_ID and the assertion (its `iss` and `sub`) belong to different applications'],
    remedy: 'npx wi-setup verify',
  },
  {
    codes: aadstsCodes(700027),
    values: [/Reason - (?<reason>[^.\]]+)/],
    check: 'WI108',
    what: 'The signature of the token is not valid: {reason|Entra does not say why}',
    why: [
      "the issuer's published key set holds another key under the same key id",
      'a certificate is used to sign in that is not registered on the application',
    ],
    remedy: 'npx wi-setup verify',
  },
  {
    codes: aadstsCodes(5002738, 5002730),
    values: [/'(?<algorithm>[A-Z]{2}\d+)' is not a supported/],
    check: 'WI108',
    what: 'The cluster signs its tokens with {algorithm|a kind of key} that Entra does not accept; it needs RS256',
    why: ['the API server runs with an elliptic-curve key (--service-account-signing-key-file)'],
    remedy: 'Give the API server an RSA key (openssl genrsa 2048), publish it, and restart it',
  },
  {
    codes: aadstsCodes(5002723),
    what: 'The token does not name the key that signed it (no `kid` in its header)',
    why: ['it was not issued by a Kubernetes API server, or by a very old one'],
    remedy: 'kubectl -n {namespace|…} create token {serviceAccount|…} --audience api://AzureADTokenExchange',
  },
  {
    codes: aadstsCodes(50027),
    what: 'What was sent as a token is none',
    why: ['the token file is empty, cut off, or has quotes or a byte order mark around the token'],
    remedy: 'kubectl -n … exec deployment/… -- sh -c \'cut -c1-20 "$AZURE_FEDERATED_TOKEN_FILE"\'',
  },
  {
    codes: aadstsCodes(90014),
    values: [/required field '(?<field>[^']+)'/],
    what: 'The token or the request lacks the field {field|(unknown)}',
    why: [
      'the token is not a service account token (`iss`, `sub` and `aud` are needed)',
      'the request names no scope',
    ],
    remedy: 'npx wi-setup verify',
  },
  {
    codes: aadstsCodes(700222, 700229),
    check: 'WI102',
    what: "Entra's own tokens cannot be exchanged here; only an outside issuer's, or a managed identity's app-only one",
    why: ["the credential was given the issuer login.microsoftonline.com in place of the cluster's"],
    remedy: 'npx wi-setup federate',
  },
  {
    codes: aadstsCodes(7002381, 700223, 700236, 700238),
    values: [/issued by '(?<issuer>[^']+)'/],
    check: 'WI409',
    what: 'A policy of the tenant does not allow federation with {issuer|this issuer}',
    why: ["the tenant's administrators restrict from which issuers tokens are taken"],
    remedy: "Ask the tenant's administrators to allow the issuer; `npx wi-setup verify` prints it",
  },
  {
    codes: aadstsCodes(700233, 700234, 700235, 700237, 7002241),
    what: 'The expression of a flexible federated credential is not valid or not allowed for this issuer',
    why: ['flexible credentials are for GitHub, GitLab and Terraform Cloud only, never for Kubernetes'],
    remedy: 'npx wi-setup federate',
  },
]
