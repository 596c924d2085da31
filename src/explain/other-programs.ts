import { fromCatalogue } from './catalogue/index.ts'
import { advice, command } from './command-template.ts'
import { refreshKubeconfig } from './commands.ts'
import type { Explanation } from './explanation.ts'
import { installProgram, signInOfProgram } from './sign-in-programs.ts'

const signInOfKubelogin = () => signInOfProgram({ program: 'kubelogin' })

const server = /(?:https:\/\/|host='|lookup |for )(?<host>[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})/

/** Entra or a vault is unreachable: messages of Java, Python and .NET. */
const unreachableHost =
  /UnknownHostException: (?:Failed to resolve ')?(?<host>login\.[\w.]{2,60}|[\w-]{1,60}\.vault\.[\w.]{2,60})|host='(?<host2>login\.[\w.]{2,60}|[\w-]{1,60}\.vault\.[\w.]{2,60})'[^\n]{0,300}?(?:NewConnectionError|ConnectTimeoutError|NameResolutionError|getaddrinfo failed)|(?:Name or service not known|Temporary failure in name resolution|No such host is known\.?|Resource temporarily unavailable|Connection refused|Network is unreachable) \((?<host3>login\.[\w.]{2,60}|[\w-]{1,60}\.vault\.[\w.]{2,60}):443\)/i

/** Network, TLS and sign-in errors of Python, Go, Java, .NET, curl, kubectl and kubelogin. */
export const otherProgramExplanations: readonly Explanation[] = [
  {
    codes: ['ClusterCertificateUnknown'],
    message: /Unable to connect to the server: (?:tls: failed to verify certificate: )?x509: /i,
    check: 'WI701',
    what: 'kubectl does not trust the certificate of the API server',
    why: [
      'The cluster was recreated, or its certificates were rotated, and the kubeconfig has the old CA',
      'A proxy of your organization inspects TLS: add the cluster to NO_PROXY',
    ],
    remedy: refreshKubeconfig,
  },
  {
    codes: ['CertificateNotTrusted'],
    message:
      /certificate verify failed|CERTIFICATE_VERIFY_FAILED|x509: certificate signed by unknown authority|PKIX path building failed|RemoteCertificate(?:ChainErrors|NameMismatch)|(?:unable to get|problem: .{0,40}) local issuer certificate|remote certificate (?:is|was) (?:invalid|rejected)/i,
    context: /login\.|azure|microsoft|windows\.net|vault|graph|azmk8s|curl/i,
    values: [server],
    what: 'The program does not trust the certificate of {host|the server}',
    why: [
      'A proxy of your organization inspects TLS and replaces certificates with its own',
      'The image has no CA certificates, or outdated ones',
    ],
    remedy:
      'Give the program the CA of the proxy: REQUESTS_CA_BUNDLE for az and Python, SSL_CERT_FILE for Go, curl and .NET, NODE_EXTRA_CA_CERTS for Node.js, a trust store (keytool -importcert) for Java',
  },
  {
    codes: ['ClusterNameUnknown'],
    message:
      /(?:lookup|resolve host:?) (?<host>[\w-]{1,80}\.(?:hcp\.)?[\w-]{1,40}\.azmk8s\.\w{2,20})[^\n]{0,80}(?:no such host|server misbehaving)|Could not resolve host: (?<host2>[\w-]{1,80}\.(?:hcp\.)?[\w-]{1,40}\.azmk8s\.\w{2,20})/i,
    derive: ({ host, host2 }) => ({ host: host ?? host2, host2: undefined }),
    check: 'WI701',
    what: "The API server's host name[ {host}] does not resolve",
    why: [
      'The cluster was deleted, stopped or recreated, and the kubeconfig still names the old one',
      "This machine's DNS server does not respond",
    ],
    remedy: refreshKubeconfig,
  },
  {
    codes: ['ApiServerRefused'],
    message: /The connection to the server (?<host>[\w.:-]{1,200}?)(?::443)? was refused/i,
    check: 'WI701',
    what: 'The API server at {host|its address} refuses connections',
    why: [
      'kubectl found no kubeconfig, and uses localhost:8080 or the server of another context',
      'The cluster is stopped, or is being upgraded',
    ],
    remedy: refreshKubeconfig,
  },
  {
    codes: ['ApiServerTimeout'],
    message:
      /(?:Unable to connect to the server|azmk8s)[^\n]{0,200}?dial tcp (?<host>(?!10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)\d{1,3}(?:\.\d{1,3}){3}):443: (?:i\/o timeout|connect: connection timed out|connectex)|Unable to connect to the server: net\/http: TLS handshake timeout/i,
    check: 'WI701',
    what: 'The API server at {host|its public address} does not respond',
    why: [
      'The cluster allows only authorized IP ranges, and the address of this machine is not in them',
      'A firewall drops the request, or the cluster is stopped',
    ],
    remedy: advice`Show the authorized ranges: ${command('az aks show --resource-group … --name … --query "{ranges:apiServerAccessProfile.authorizedIpRanges, state:powerState.code}"')}, then set them, including your address: ${command('az aks update --resource-group … --name … --api-server-authorized-ip-ranges …')}`,
  },
  {
    codes: ['ExecPluginNotFound'],
    message:
      /exec: executable (?<program>[\w.-]{1,60}) not found|exec: "(?<program2>[\w.-]{1,60})": executable file not found/i,
    context: /credential|kubelogin|client-go|exec plugin/i,
    derive: ({ program, program2 }) => ({ program: program ?? program2, program2: undefined }),
    check: 'WI701',
    what: "The kubeconfig's sign-in program[ {program}] is not installed",
    why: ['AKS clusters with Entra sign-in need kubelogin', 'The program is installed, but not on the PATH'],
    remedy: installProgram,
  },
  {
    codes: ['WrongKubelogin'],
    message: /unknown (?:flag: --(?:environment|server-id|login)\b|shorthand flag: 'l' in -l)/i,
    context: /kubelogin|exec plugin|getting credentials/i,
    check: 'WI701',
    what: "The program kubelogin on the PATH is not Azure's",
    why: ['Another program for OIDC sign-in has the same name, and some package managers install that one'],
    remedy: advice`Remove the other program, or put Azure's before it on the PATH: ${command('az aks install-cli')}`,
  },
  {
    codes: ['AzureAuthPluginRemoved'],
    message: /azure auth plugin has been removed|no Auth Provider found for name "azure"/i,
    check: 'WI701',
    what: 'The kubeconfig uses the azure auth plugin, which kubectl 1.26 removed',
    why: ['The kubeconfig was not converted for kubelogin'],
    remedy: signInOfKubelogin,
  },
  {
    codes: ['ExecPluginFailed'],
    symptom: true,
    message:
      /exec: executable (?<program>[\w.-]{1,60}) failed with exit code|exec plugin: [^\n]{0,80}(?:failed|invalid)|Error running (?<program2>kubelogin): \[Errno/i,
    derive: ({ program, program2 }) => ({ program: program ?? program2, program2: undefined }),
    check: 'WI701',
    what: "The kubeconfig's sign-in program[ {program}] failed",
    why: ["The program's own sign-in has expired", 'The program needs a browser, but there is none'],
    remedy: signInOfProgram,
  },
  {
    codes: ['KubeloginTooOld'],
    message: /'(?<method>[\w-]{1,40})' is not a supported login method/i,
    what: 'The installed kubelogin does not support the sign-in method[ {method}]',
    why: ['It is too old; workloadidentity needs kubelogin 0.0.15 or newer'],
    remedy: command('az aks install-cli'),
  },
  {
    codes: ['Unauthorized'],
    message:
      /You must be logged in to the server|the server has asked for the client to provide credentials/i,
    check: 'WI701',
    what: 'The API server does not accept the sign-in',
    why: [
      'The sign-in has expired, or belongs to another tenant',
      'The cluster was recreated, and the kubeconfig belongs to the old one',
      'The cluster uses Entra sign-in, and the kubeconfig was not converted (kubelogin convert-kubeconfig)',
    ],
    remedy: refreshKubeconfig,
  },
  {
    codes: ['EntraUnreachable'],
    message: unreachableHost,
    derive: ({ host, host2, host3 }) => ({
      host: host ?? host2 ?? host3,
      host2: undefined,
      host3: undefined,
    }),
    ...fromCatalogue('WI601'),
    what: "The application can't reach {host|Entra or the vault}",
  },
]
