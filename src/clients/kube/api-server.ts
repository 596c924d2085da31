import { Agent as PlainAgent } from 'node:http'
import { Agent, type RequestOptions } from 'node:https'
import type { TokenCredential } from '@azure/core-auth'
import type { Agent as AnyAgent } from '@azure/core-rest-pipeline'
import type { KubeConfig, User } from '@kubernetes/client-node'
import type { AksClusters } from '../aks-clusters.ts'
import type { Connection } from '../kubernetes.ts'
import { isLoopback, loopbackLookup } from '../loopback.ts'
import { ServiceError } from '../service-error.ts'
import { requireValidCertificate } from './client-certificate.ts'
import { entraUser } from './entra-user.ts'
import { loadKubeconfig, parseKubeconfig, useContext } from './kubeconfig.ts'
import { proxyFor } from './proxy.ts'

/** The way to an API server, found once. */
export interface ApiServer {
  /** Without trailing slash; may have a path. */
  server: string
  allowHttp: boolean
  /** Kubeconfig with this one context, without programs to run where we could do without. */
  kubeconfig(): Promise<string>
  /** Headers and agent for the next request; tokens are renewed as they run out. */
  authorize(): Promise<{ headers: Record<string, string>; agent: AnyAgent }>
}

export interface ApiServerOptions {
  connection: Connection
  aksClusters: AksClusters
  credential: TokenCredential
  env: Record<string, string | undefined>
}

export async function findApiServer({
  connection,
  aksClusters,
  credential,
  env,
}: ApiServerOptions): Promise<ApiServer> {
  const config =
    connection.kind === 'aks'
      ? await parseKubeconfig(await aksClusters.kubeconfig(connection.group, connection.cluster))
      : await loadKubeconfig(connection.path, env)
  useContext(config, connection.kind === 'aks' ? undefined : connection.context)
  const found = config.getCurrentCluster()!
  const server = found.server.replace(/\/+$/, '')
  const proxyUrl = found.proxyUrl ?? proxyFor(server, env)
  const cluster = { ...found, ...(proxyUrl ? { proxyUrl } : {}) }
  const { protocol, hostname } = new URL(server)
  if (protocol === 'http:' && !isLoopback(hostname) && !cluster.skipTLSVerify)
    throw new ServiceError({
      service: 'kubernetes',
      code: 'KubeconfigInvalid',
      message: `${server} is not https, and not on this machine`,
    })

  const { KubeConfig } = await import('./kube-config.ts')
  const narrow = (user: User | null): KubeConfig => {
    const own = new KubeConfig()
    const name = config.getCurrentContext()
    own.loadFromOptions({
      // The library takes plain http only if told not to verify, of which there is nothing to do then.
      clusters: [protocol === 'http:' ? { ...cluster, skipTLSVerify: true } : cluster],
      users: user ? [user] : [],
      contexts: [{ ...config.getContextObject(name)! }],
      currentContext: name,
    })
    return own
  }
  const user = config.getCurrentUser()
  await requireValidCertificate(user)
  // Kept, since it keeps what a plugin answered.
  const asIs = narrow(user)
  const narrowed = async (): Promise<KubeConfig> => {
    const bearer = user && (await entraUser(user, credential))
    return bearer ? narrow(bearer) : asIs
  }

  /** One keep-alive agent for each set of certificates. */
  const agents = new Map<string, AnyAgent>()
  const agentFor = (of: RequestOptions): AnyAgent => {
    // Through a proxy: the library's own agent.
    if (cluster.proxyUrl) return of.agent as AnyAgent
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = of
    const trust = Object.fromEntries(
      Object.entries({ ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }).filter(
        ([, value]) => value !== undefined,
      ),
    )
    const id = JSON.stringify(trust)
    const agent =
      agents.get(id) ??
      (protocol === 'http:'
        ? new PlainAgent({ keepAlive: true })
        : new Agent({ keepAlive: true, ...trust, ...loopbackLookup(hostname) }))
    agents.set(id, agent)
    return agent
  }

  return {
    server,
    allowHttp: protocol === 'http:',
    kubeconfig: async () => (await narrowed()).exportConfig(),
    async authorize() {
      const own = await narrowed()
      const options: RequestOptions = {}
      await own.applyToHTTPSOptions(options).catch((error) => {
        throw pluginError(error, own)
      })
      const headers = { ...(options.headers as Record<string, string> | undefined) }
      if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`
      return { headers, agent: agentFor(options) }
    },
  }
}

function pluginError(error: NodeJS.ErrnoException, config: KubeConfig): unknown {
  const exec = config.getCurrentUser()?.exec
  if (!exec) {
    const message = `The kubeconfig's user can't be used: ${error.message}`
    return new ServiceError({ service: 'kubernetes', code: 'KubeconfigInvalid', message, cause: error })
  }
  if (error.code === 'ENOENT')
    return new ServiceError({
      service: 'kubernetes',
      code: 'ExecPluginNotFound',
      message: `The kubeconfig signs in by the program "${exec.command}", which was not found`,
      cause: error,
    })
  return new ServiceError({
    service: 'kubernetes',
    code: 'ExecPluginFailed',
    message: `"${exec.command}", by which the kubeconfig signs in, failed: ${error.message.trim().split('\n').at(-1)}`,
    cause: error,
  })
}
