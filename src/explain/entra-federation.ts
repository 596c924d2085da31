import { fromCatalogue } from './catalogue/index.ts'
import {
  differentClaims,
  differentIdentity,
  differentServiceAccount,
  identityBinding,
  registeredWithoutPrincipal,
  replicating,
} from './causes.ts'
import { advice, command, grant } from './command-template.ts'
import { federateCaller, setAudience } from './commands.ts'
import { aadstsCodes, type Explanation } from './explanation.ts'

const subject = /subject:? '(?<subject>[^']*)'/i
const workload = /system:serviceaccount:(?<namespace>[^:'\s]+):(?<serviceAccount>[^'\s]+)/
const issuer = /issuer:? '(?<issuer>[^']*)'/i
const audience = /audience:? '(?<audience>[^']*)'/i
const application = /(?:application|client|app)\s+'?(?<application>[0-9a-f]{8}-[0-9a-f-]{27})/i

const showTokenStart = command(
  `kubectl -n … exec deployment/… -- sh -c 'cut -c1-20 "$AZURE_FEDERATED_TOKEN_FILE"'`,
)

/** Entra rejects a service account's token (the federated assertion). */
export const entraFederationExplanations: readonly Explanation[] = [
  {
    codes: aadstsCodes(70021, 700211),
    message: /issuer:? '(?<issuer>https?:\/\/kubernetes\.default[^']*)'/i,
    values: [subject, workload],
    check: 'WI108',
    what: "The token's issuer[, {issuer},] is internal to the cluster, so Entra can't read its documents",
    why: fromCatalogue('WI107').why,
    remedy: command('wi-setup cluster'),
  },
  {
    codes: aadstsCodes(70021),
    values: [issuer, subject, audience, workload],
    check: 'WI101',
    what: 'No federated credential of the identity matches the token of {subject|the service account}',
    why: [differentClaims, replicating, differentIdentity],
    remedy: federateCaller,
  },
  {
    codes: aadstsCodes(700211),
    values: [issuer, subject, workload],
    check: 'WI102',
    what: "No federated credential of the identity has the token's issuer[, {issuer}]",
    why: [
      'The cluster was recreated and has a new issuer, or the credential lacks the trailing slash',
      differentIdentity,
      replicating,
    ],
    remedy: federateCaller,
  },
  {
    codes: aadstsCodes(700212),
    values: [audience],
    check: 'WI106',
    what: "No federated credential of the identity has the token's audience[, {audience}]",
    why: [
      'The token was requested for an audience other than api://AzureADTokenExchange (the US Government and China clouds have their own)',
      identityBinding,
    ],
    remedy: setAudience,
  },
  {
    codes: aadstsCodes(700213),
    values: [subject, workload],
    check: 'WI104',
    what: 'No federated credential of the identity has the subject {subject|of this token}',
    why: [
      'The credential names a different namespace or service account, possibly because of a typo',
      differentServiceAccount,
      replicating,
    ],
    remedy: federateCaller,
  },
  {
    codes: aadstsCodes(7002138),
    values: [subject, workload],
    check: 'WI105',
    what: "The credential's subject and the token's subject[, {subject},] differ in case",
    why: fromCatalogue('WI105').why,
    remedy: federateCaller,
  },
  {
    codes: aadstsCodes(7002137, 7002131),
    values: [subject, workload],
    check: 'WI104',
    what: 'No federated credential of the identity accepts the subject {subject|of this token}',
    why: ["The subject is different, or doesn't match the expression of a flexible credential"],
    remedy: federateCaller,
  },
  {
    codes: aadstsCodes(70025, 7000226),
    values: [/client '(?<application>[^']+)'(?:\((?<name>[^)]*)\))?/],
    check: 'WI102',
    what: 'The identity[ {application}] has no federated credentials',
    why: ['It never had one, or its credentials were deleted', differentIdentity, replicating],
    remedy: command('wi-setup federate'),
  },
  {
    codes: aadstsCodes(7000229),
    values: [application, /tenant (?<tenant>[0-9a-f-]{36})/],
    check: 'WI113',
    what: 'The application[ {application}] has no service principal in the tenant[ {tenant}]',
    why: [
      registeredWithoutPrincipal,
      'The service principal was deleted',
      'The application was created only seconds ago',
    ],
    remedy: grant(command('az ad sp create --id {application|…}')),
  },
  {
    codes: aadstsCodes(7000272),
    values: [/identity provider (?<issuer>\S+?)[.']?\s/, /identifier (?<key>[0-9A-F]+)/],
    check: 'WI108',
    what: "The key that signed the token is not among the keys that {issuer|the cluster's issuer} publishes",
    why: [
      "The cluster's signing keys were rotated, but the published key set was not updated",
      'Entra still caches the old key set, usually for minutes and at most for half an hour',
      'The token comes from a different cluster than the issuer',
    ],
    remedy: command('wi-setup verify --wait 5m'),
  },
  {
    codes: aadstsCodes(50166, 501661, 90061),
    check: 'WI108',
    what: "Entra can't read the cluster's issuer documents",
    why: [
      'The issuer is not reachable from the internet, or is behind a firewall or a sign-in page',
      'The issuer was unreachable for a moment; the next attempt succeeds',
      "The issuer's certificate is not from a public authority, or its document is not valid JSON or names a different issuer",
      'In the discovery document, authorization_endpoint or subject_types_supported is empty',
    ],
    remedy: command('wi-setup verify'),
  },
  {
    codes: aadstsCodes(700024, 500133),
    message: /This machine's clock is (?<difference>\d+ \w+ (?:behind|ahead));/,
    check: 'WI109',
    what: "This machine's clock is {difference|wrong}, so Entra rejects assertions that it signs",
    why: ['The time is set by hand, or time synchronization is off'],
    remedy: command('sudo timedatectl set-ntp true'),
  },
  {
    codes: aadstsCodes(700024),
    values: [
      /Current time: (?<now>\S+?),/,
      /valid from (?<from>\S+?),/,
      /expiry time of assertion (?<until>\S+?)\.?\s/,
    ],
    check: 'WI109',
    what: 'The token has expired or is not yet valid[ (now {now}][, expires {until})]',
    why: fromCatalogue('WI109').why,
    remedy: command('kubectl -n {namespace|…} rollout restart deployment/…'),
  },
  {
    codes: aadstsCodes(700021),
    what: 'The client issued the assertion itself, but for a different client ID',
    why: [`AZURE_CLIENT_ID and the assertion's "iss" and "sub" belong to different applications`],
    remedy: command('wi-setup verify'),
  },
  {
    codes: aadstsCodes(700027),
    values: [/Reason - (?<reason>[^.\]]+)/],
    check: 'WI108',
    what: "The token's signature is invalid[: {reason}]",
    why: [
      "The issuer's published key set has a different key with the same key ID",
      'The certificate used to sign in is not registered on the application',
    ],
    remedy: command('wi-setup verify'),
  },
  {
    codes: aadstsCodes(5002738, 5002730),
    values: [/'(?<algorithm>[A-Z]{2}\d+)' is not a supported/],
    check: 'WI108',
    what: 'The cluster signs its tokens with {algorithm|a key type} that Entra does not accept; Entra requires RS256',
    why: ['The API server uses an elliptic-curve key (--service-account-signing-key-file)'],
    remedy: 'Create an RSA key (openssl genrsa 2048), publish it, and restart the API server with it',
  },
  {
    codes: aadstsCodes(5002723),
    what: 'The token does not name the key that signed it (its header has no "kid")',
    why: ['The token was not issued by a Kubernetes API server, or by a very old one'],
    remedy: command(
      'kubectl -n {namespace|…} create token {serviceAccount|…} --audience api://AzureADTokenExchange',
    ),
  },
  {
    codes: aadstsCodes(50027),
    what: 'The application sent something that is not a token',
    why: ['The token file is empty or truncated, or has quotes or a byte order mark around the token'],
    remedy: showTokenStart,
  },
  {
    codes: aadstsCodes(90014),
    values: [/required field '(?<field>[^']+)'/],
    what: 'The token or the request lacks the field[ {field}]',
    why: [
      'The token is not a service account token, which has "iss", "sub" and "aud"',
      'The request names no scope',
    ],
    remedy: command('wi-setup verify'),
  },
  {
    codes: aadstsCodes(700222, 700229),
    check: 'WI102',
    what: 'Entra accepts only tokens of external issuers or app-only tokens of managed identities here, but got one that Entra issued',
    why: ["The credential's issuer is login.microsoftonline.com instead of the cluster's issuer"],
    remedy: command('wi-setup federate'),
  },
  {
    codes: aadstsCodes(7002381, 700223, 700236, 700238),
    values: [/issued by '(?<issuer>[^']+)'/],
    check: 'WI409',
    what: 'A tenant policy forbids federation with {issuer|this issuer}',
    why: ["The tenant's administrators restrict the allowed issuers"],
    remedy: advice`Ask the tenant's administrators to allow the issuer, which ${command('wi-setup verify')} prints`,
  },
  {
    codes: aadstsCodes(700233, 700234, 700235, 700237, 7002241),
    what: 'The expression of the flexible federated credential is invalid, or not allowed for this issuer',
    why: ['Flexible credentials support only GitHub, GitLab and Terraform Cloud, not Kubernetes'],
    remedy: command('wi-setup federate'),
  },
]
