import type { RequestOptions } from 'node:https'
import type { TokenCredential } from '@azure/core-auth'
import type { Agent } from '@azure/core-rest-pipeline'
import type { KubeConfig, User } from '@kubernetes/client-node'
import type { AksClusters } from '../aks-clusters.ts'
import type { Cloud } from '../cloud.ts'
import type { Http } from '../http.ts'
import type { Connection } from '../kubernetes.ts'
import { isLoopback } from '../loopback.ts'
import type { Recipient } from '../recipients.ts'
import { ServiceError } from '../service-error.ts'
import { makeAgents } from './agents.ts'
import { requireValidCertificate } from './client-certificate.ts'
import { entraUser, isAksServer } from './entra-user.ts'
import { loadKubeconfig, parseKubeconfig, useContext } from './kubeconfig.ts'
import { proxyFor } from './proxy.ts'

/** How to connect to an API server. */
export interface ApiServer {
  /** Without a trailing slash; can have a path. */
  server: string
  allowHttp: boolean
  /** Returns a kubeconfig with only this context, which needs no sign-in program if we can replace it. */
  kubeconfig(): Promise<string>
  /** Returns headers and agent for the next request. Renews expired tokens. */
  authorize(): Promise<{ headers: Record<string, string>; agent: Agent }>
}

export interface ApiServerOptions {
  connection: Connection
  aksClusters: AksClusters
  credential: TokenCredential
  env: Record<string, string | undefined>
  cloud: Cloud
  http: Http
}

export async function findApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { connection, cloud, credential, env, http } = options
  const config = await readKubeconfig(options)
  const { server, cluster } = clusterOf(config, env)
  const user = config.getCurrentUser()
  await requireValidCertificate(user)

  const { KubeConfig } = await import('./kube-config.ts')
  const withUser = (user: User | null) => narrowed(config, new KubeConfig(), cluster, user)
  // Reused, because it caches the sign-in program's result.
  const original = withUser(user)
  const recipient: Recipient = { service: 'the Kubernetes API server', origins: [new URL(server).origin] }
  const isAks = connection.kind === 'aks' || isAksServer(cloud, server)
  const current = async (): Promise<KubeConfig> => {
    const replacement = user && (await entraUser(user, { credential, isAks }))
    return replacement ? withUser(replacement) : original
  }
  const agentFor = makeAgents(server, cluster.proxyUrl)

  return {
    server,
    allowHttp: server.startsWith('http:'),
    kubeconfig: async () => (await current()).exportConfig(),
    async authorize() {
      const currentConfig = await current()
      const request: RequestOptions = {}
      await currentConfig.applyToHTTPSOptions(request).catch((error) => {
        throw signInError(error, currentConfig)
      })
      const headers = { ...(request.headers as Record<string, string> | undefined) }
      if (request.auth) headers.Authorization = `Basic ${Buffer.from(request.auth).toString('base64')}`
      if (headers.Authorization) http.credentials.bind(headers.Authorization, recipient)
      return { headers, agent: agentFor(request) }
    },
  }
}

/** Returns the kubeconfig with the requested context selected. */
async function readKubeconfig({ connection, aksClusters, env }: ApiServerOptions): Promise<KubeConfig> {
  if (connection.kind === 'kubeconfig') {
    const config = await loadKubeconfig(connection.path, env)
    useContext(config, connection.context)
    return config
  }
  const config = await parseKubeconfig(await aksClusters.kubeconfig(connection.group, connection.cluster))
  useContext(config, undefined)
  return config
}

function clusterOf(config: KubeConfig, env: ApiServerOptions['env']) {
  const found = config.getCurrentCluster()!
  const server = found.server.replace(/(?<!\/)\/+$/, '')
  const { protocol, hostname } = new URL(server)
  if (protocol === 'http:' && !isLoopback(hostname) && !found.skipTLSVerify)
    throw new ServiceError({
      service: 'kubernetes',
      code: 'KubeconfigInvalid',
      message: `${server} does not use https and is not on this machine`,
    })
  const proxyUrl = found.proxyUrl ?? proxyFor(server, env)
  const cluster = { ...found, ...(proxyUrl ? { proxyUrl } : {}) }
  // The library allows plain HTTP only without TLS verification, which does not apply to it anyway.
  return { server, cluster: protocol === 'http:' ? { ...cluster, skipTLSVerify: true } : cluster }
}

/** Fills `target` with the current context, the cluster and the user. */
function narrowed(
  config: KubeConfig,
  target: KubeConfig,
  cluster: ReturnType<typeof clusterOf>['cluster'],
  user: User | null,
): KubeConfig {
  const name = config.getCurrentContext()
  target.loadFromOptions({
    clusters: [cluster],
    users: user ? [user] : [],
    contexts: [{ ...config.getContextObject(name)! }],
    currentContext: name,
  })
  return target
}

function signInError(cause: NodeJS.ErrnoException, config: KubeConfig): ServiceError {
  const error = (code: string, message: string) =>
    new ServiceError({ service: 'kubernetes', code, message, cause })
  const program = config.getCurrentUser()?.exec?.command
  if (program === undefined)
    return error('KubeconfigInvalid', `The kubeconfig's user is not usable: ${cause.message}`)
  if (cause.code === 'ENOENT')
    return error(
      'ExecPluginNotFound',
      `The kubeconfig's sign-in program "${program}" is not installed, or not on the PATH`,
    )
  const reason = cause.message.trim().split('\n').at(-1)
  return error('ExecPluginFailed', `The kubeconfig's sign-in program "${program}" failed: ${reason}`)
}
