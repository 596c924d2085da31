import { command } from './command-template.ts'
import type { Explanation } from './explanation.ts'
import { machineExplanations } from './machine.ts'

const host = /(?:^| )(?<host>[\w-]+(?:\.[\w-]+)+(?::\d+)?|localhost(?::\d+)?)(?= is unreachable|[ :]|$)/
const values = [
  /(?<![\w.-])(?<host>[\w.-]+(?::\d+)?) is unreachable/,
  /getaddrinfo \w+ (?<host>[\w.-]+)/,
  /connect \w+ (?<host>[\d.:a-f]+)/,
  host,
]

const nameResolutionContext = /ENOTFOUND|EAI_AGAIN|no such host|name resolution/

const runInClusterNetwork = "Run the same command on a machine in the cluster's network"

/** Requests without a valid response. */
export const networkExplanations: readonly Explanation[] = [
  ...machineExplanations,
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    message: /(?<![\w.-])(?<host>[\w.-]+\.privatelink\.[\w-]+\.azmk8s\.\w+)/,
    context: nameResolutionContext,
    what: 'The cluster is private: its API server name {host|…} resolves only in its own network',
    why: ['This machine is not in that network (VPN, peering, jump host), or does not use its DNS'],
    remedy: runInClusterNetwork,
  },
  {
    codes: ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
    // Any other port belongs to something other than an API server.
    message: /\b(?<host>(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.[\d.]+\d)(?::(?:443|6443))?(?![\d.]|:\d)/,
    context: /Unable to connect to the server|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/,
    what: 'The API server at {host|its address} does not respond: the address is in a private network',
    why: ['This machine is not in that network (VPN, peering, jump host)', 'A firewall drops the request'],
    remedy: runInClusterNetwork,
  },
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    values,
    what: 'The host name {host|of the server} does not resolve',
    why: [
      'There is no network connection, or the DNS server does not know the name',
      "A new vault's name has not propagated in DNS yet",
      'The cluster or vault is private, and this machine is not in its network',
    ],
    remedy: command('nslookup {host|…}'),
  },
  {
    codes: ['ECONNREFUSED'],
    values,
    what: '{host|The server} refused the connection',
    why: [
      'Nothing listens at the address: the cluster or the sandbox is not running',
      'A firewall rejects the connection',
    ],
    remedy: command('curl --verbose https://{host|…}'),
  },
  {
    codes: ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'],
    values,
    what: 'The connection to {host|the server} was interrupted',
    why: [
      'A firewall or a proxy closed it',
      'The server restarted, as an API server does when its OIDC issuer is enabled',
    ],
    remedy: 'Run the same command again to continue',
  },
  {
    codes: ['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
    values,
    what: '{host|The server} does not respond',
    why: [
      'A firewall drops the request',
      'The server is only reachable from a private network',
      'The network requires a proxy (HTTPS_PROXY)',
    ],
    remedy: command('curl --verbose --max-time 10 https://{host|…}'),
  },
  {
    codes: [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    ],
    values,
    what: 'The certificate of {host|the server} is not from an authority that this machine trusts',
    why: [
      'A proxy of your organization replaces certificates with its own',
      'The server uses a private certificate authority',
    ],
    remedy: command('export NODE_EXTRA_CA_CERTS=/path/to/authority.pem'),
  },
  {
    codes: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
    message: /clock says (?<time>.+): the clock is probably at least (?<difference>.+?)$/m,
    values,
    what: "This machine's clock is probably at least {difference|minutes off}: the certificate of {host|the server} is not valid at {time|its current time}",
    why: ["This machine's clock is wrong", 'The clock is right, and the certificate was not renewed'],
    remedy: command('sudo timedatectl set-ntp true'),
  },
  {
    codes: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
    values,
    what: 'The certificate of {host|the server} has expired or is not yet valid',
    why: ['The certificate was not renewed', "This machine's clock is wrong"],
    remedy: command('date --utc'),
  },
  {
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    values,
    what: 'The certificate of {host|the server} is for another name',
    why: ['A proxy or a load balancer responds instead', 'The address is misspelled'],
    remedy: command('curl --verbose https://{host|…}'),
  },
  {
    codes: ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    values,
    what: '{host|The server} does not use HTTPS on this port',
    why: ['The port serves plain HTTP', 'A proxy responds with plain HTTP'],
    remedy: command('curl --verbose https://{host|…}'),
  },
  {
    codes: ['NotHttps'],
    what: 'The address does not start with https://',
    why: ['Tokens and secrets are only sent encrypted'],
    remedy: 'Use the https:// address',
  },
  {
    codes: ['ETOOLARGE'],
    values: [/(?<host>[\w.-]+(?::\d+)?) sent (?<excess>.+), which is the limit/],
    what: 'The response of {host|the server} is too large[: {excess}]',
    why: ['The server is not the real service, or a proxy responds instead', 'The server is faulty'],
    remedy: command('curl --silent --max-filesize 100000 https://{host|…}'),
  },
  {
    codes: ['ListTooLong', 'OutputTooLarge'],
    what: 'A service or program returned more data than wi-setup accepts',
    why: ['The server or program is not the real one, or is faulty'],
    remedy: 'Check the address or program in the message',
  },
  {
    codes: ['TokenNotForHost'],
    values: [/not sent to (?<host>\S+): (?:it is only for (?<allowed>.+)$)?/],
    what: 'A response names the address {host|…}, to which the token must not be sent[: it is only for {allowed}]',
    why: [
      'A proxy or a server that is not the real service changed the response',
      'The resource belongs to another cloud than the one in --cloud',
    ],
    remedy: 'Report the address to your security team, and check --cloud and HTTPS_PROXY',
  },
  {
    codes: ['AudienceNotAllowed'],
    values: [/requested for (?<audience>.+): not a service/],
    what: 'A service requests a token for {audience|an unknown audience}, which is not a service of the selected cloud',
    why: [
      'The resource belongs to another cloud than the one in --cloud',
      'The server is not the real service',
    ],
    remedy: "Check --cloud, and the resource's address",
  },
  {
    codes: ['NotACloud'],
    what: 'The address in --cloud is not the resource manager of a cloud',
    why: [
      'It serves no metadata document (/metadata/endpoints)',
      "The document names a login endpoint, an audience or a vault suffix outside the cloud's own domain",
      'The sandbox at this address is not running',
    ],
    remedy: 'Pass public, usgov, china or the URL of a resource manager: --cloud https://…',
  },
  {
    codes: ['InvalidDocument', 'NotJson', 'HttpStatus'],
    services: ['network'],
    check: 'WI108',
    what: "The issuer's documents are not publicly readable",
    why: ['The documents are not uploaded, or are behind a sign-in page', 'An HTML page is served instead'],
    remedy: command('wi-setup verify'),
  },
  {
    codes: ['REQUEST_SEND_ERROR'],
    values,
    what: '{host|The server} is unreachable',
    why: ['There is no network connection, or a firewall or proxy blocks it'],
    remedy: command('curl --verbose https://{host|…}'),
  },
]
