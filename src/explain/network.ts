import type { Explanation } from './explanation.ts'

const host = /(?:^| )(?<host>[\w-]+(?:\.[\w-]+)+(?::\d+)?|localhost(?::\d+)?)(?= could not be reached|[ :]|$)/
const values = [
  /(?<host>[\w.-]+(?::\d+)?) could not be reached/,
  /getaddrinfo \w+ (?<host>[\w.-]+)/,
  /connect \w+ (?<host>[\d.:a-f]+)/,
  host,
]

const noAddress = /ENOTFOUND|EAI_AGAIN|no such host|name resolution/

/** Requests that got no proper answer. */
export const networkExplanations: readonly Explanation[] = [
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    message: /(?<host>[\w.-]+\.privatelink\.[\w-]+\.azmk8s\.\w+)/,
    context: noAddress,
    what: 'The cluster is private: the name of its API server, {host|…}, is known in its own network only',
    why: ['this machine is not in that network (VPN, peering, jump host), or does not ask its DNS'],
    remedy: 'Run the same command on a machine in the network of the cluster',
  },
  {
    codes: ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
    // Another port is that of another program.
    message: /\b(?<host>(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.[\d.]+\d)(?::(?:443|6443))?(?![\d.]|:\d)/,
    context: /Unable to connect to the server|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/,
    what: 'The API server at {host|its address} does not answer: the address lies in a private network',
    why: ['this machine is not in that network (VPN, peering, jump host)', 'a firewall drops the request'],
    remedy: 'Run the same command on a machine in the network of the cluster',
  },
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    values,
    what: 'The name {host|of the server} could not be looked up',
    why: [
      'there is no network, or its DNS server does not know the name',
      'for a new vault: its name is not known everywhere yet',
      'for a private cluster or vault: this machine is not in its network',
    ],
    remedy: 'nslookup {host|…}',
  },
  {
    codes: ['ECONNREFUSED'],
    values,
    what: '{host|The server} refuses the connection',
    why: ['nothing listens there: the cluster or the sandbox is not running', 'a firewall refuses it'],
    remedy: 'curl --verbose https://{host|…}',
  },
  {
    codes: ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'],
    values,
    what: 'The connection to {host|the server} was cut',
    why: [
      'a firewall or proxy in between cuts it',
      'the server restarts (an API server does when its issuer is switched on)',
    ],
    remedy: 'Run the same command again; it goes on from where it is',
  },
  {
    codes: ['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
    values,
    what: '{host|The server} does not answer',
    why: [
      'a firewall drops the request',
      'it can only be reached from inside a private network',
      'a proxy is needed (HTTPS_PROXY)',
    ],
    remedy: 'curl --verbose --max-time 10 https://{host|…}',
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
    what: 'The certificate of {host|the server} is not of an authority that this machine trusts',
    why: [
      'a proxy of the organisation replaces certificates by its own',
      'the server uses a private authority',
    ],
    remedy: 'export NODE_EXTRA_CA_CERTS=/path/to/authority.pem',
  },
  {
    codes: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
    values,
    what: 'The certificate of {host|the server} is expired or not yet valid',
    why: ['it was not renewed', 'the clock of this machine is wrong'],
    remedy: 'date --utc',
  },
  {
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    values,
    what: 'The certificate of {host|the server} is for another name',
    why: ['a proxy or load balancer answers in its place', 'the address is misspelt'],
    remedy: 'curl --verbose https://{host|…}',
  },
  {
    codes: ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'],
    values,
    what: '{host|The server} does not speak HTTPS there',
    why: ['the port is one for plain HTTP', 'a proxy answers with plain HTTP'],
    remedy: 'curl --verbose https://{host|…}',
  },
  {
    codes: ['NotHttps'],
    what: 'The address does not begin with https://',
    why: ['tokens and secrets are only sent encrypted'],
    remedy: 'Give the https:// address',
  },
  {
    codes: ['NotACloud'],
    what: "The address given as --cloud is not that of a cloud's resource manager",
    why: ['it serves no metadata document (/metadata/endpoints)', 'the sandbox there is not running'],
    remedy: 'Give public, usgov, china or the URL of a resource manager: --cloud https://…',
  },
  {
    codes: ['InvalidDocument', 'NotJson', 'HttpStatus'],
    services: ['network'],
    check: 'WI108',
    what: "The issuer's documents are not public as they must be",
    why: ['they are not uploaded, or behind a sign-in', 'a page in HTML is served in their place'],
    remedy: 'npx wi-setup verify',
  },
  {
    codes: ['REQUEST_SEND_ERROR'],
    values,
    what: '{host|The server} could not be reached',
    why: ['there is no network, or a firewall or proxy stands in the way'],
    remedy: 'curl --verbose https://{host|…}',
  },
]
