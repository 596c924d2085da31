import type { RequestOptions } from 'node:https'
import type { TokenCredential } from '@azure/core-auth'
import type { Agent } from '@azure/core-rest-pipeline'
import type { KubeConfig, User } from '@kubernetes/client-node'
import { withoutTrailingSlash } from '../../base/trailing-slash.ts'
import type { AksClusters } from '../aks-clusters.ts'
import type { Cloud } from '../cloud.ts'
import type { Http } from '../http.ts'
import type { Connection, ConnectionSecurity } from '../kubernetes.ts'
import { isLoopback } from '../loopback.ts'
import type { Recipient } from '../recipients.ts'
import { ServiceError } from '../service-error.ts'
import { makeAgents } from './agents.ts'
import { requireValidCertificate } from './client-certificate.ts'
import { requireReadableFiles } from './config-files.ts'
import { entraUser, isAksServer } from './entra-user.ts'
import { makeExecPlugin } from './exec-plugin.ts'
import { loadKubeconfig, parseKubeconfig, useContext } from './kubeconfig.ts'
import { proxyFor } from './proxy.ts'

/** How to connect to an API server. */
export interface ApiServer {
  /** Without a trailing slash; can have a path. */
  server: string
  allowHttp: boolean
  security(): Promise<ConnectionSecurity>
  /** Returns a kubeconfig with only this context, which needs no sign-in program if we can replace it. */
  kubeconfig(): Promise<string>
  /** Returns what authorizes the next request. Renews expired tokens. */
  authorize(): Promise<Authorization>
}

export interface Authorization {
  headers: Record<string, string>
  agent: Agent
  /** Discards the rejected credential of a sign-in program, so that `authorize` returns another; else undefined. */
  discard: (() => void) | undefined
}

export interface ApiServerOptions {
  connection: Connection
  aksClusters: AksClusters
  credential: TokenCredential
  env: Record<string, string | undefined>
  cloud: Cloud
  http: Http
  /** Ends the sign-in program. */
  signal: AbortSignal
}

export async function findApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { connection, cloud, credential, env, http } = options
  const config = await readKubeconfig(options)
  const { server, cluster } = clusterOf(config, env)
  const user = config.getCurrentUser()
  await requireReadableFiles(cluster, user)
  await requireValidCertificate(user)

  const { KubeConfig } = await import('./kube-config.ts')
  const withUser = (user: User | null) => narrowed(config, new KubeConfig(), cluster, user)
  const signIn = makeExecPlugin({ ...options, cluster: config.getCurrentCluster()! })
  // Reused, because it caches a token file's content.
  const original = withUser(user)
  const recipient: Recipient = { service: 'the Kubernetes API server', origins: [new URL(server).origin] }
  const isAks = connection.kind === 'aks' || isAksServer(cloud, server)
  const replaced = async () => user && (await entraUser(user, { credential, isAks }))
  const configWith = (replacement: User | null | undefined) =>
    replacement ? withUser(replacement) : original
  const agentFor = makeAgents(server, cluster.proxyUrl)

  return {
    server,
    allowHttp: server.startsWith('http:'),
    security: async () => ({
      cluster: cluster.name,
      signInProgram: programOf(user),
      insecure: [
        ...(cluster.skipTLSVerify && server.startsWith('https:')
          ? (['insecure-skip-tls-verify'] as const)
          : []),
        ...(env.NODE_TLS_REJECT_UNAUTHORIZED === '0' ? (['NODE_TLS_REJECT_UNAUTHORIZED'] as const) : []),
      ],
    }),
    kubeconfig: async () => configWith(await replaced()).exportConfig(),
    async authorize() {
      const replacement = await replaced()
      const signedIn = replacement || !user ? undefined : await signIn(user)
      const currentConfig = configWith(replacement ?? signedIn?.user)
      const request: RequestOptions = {}
      await currentConfig.applyToHTTPSOptions(request).catch((error) => {
        throw unusableUser(error)
      })
      const headers = { ...(request.headers as Record<string, string> | undefined) }
      if (request.auth) headers.Authorization = `Basic ${Buffer.from(request.auth).toString('base64')}`
      if (headers.Authorization) http.credentials.bind(headers.Authorization, recipient)
      return { headers, agent: agentFor(request), discard: signedIn?.discard }
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
  const server = withoutTrailingSlash(found.server)
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

const programOf = (user: User | null): string | undefined =>
  user?.exec?.command && [user.exec.command, ...(user.exec.args ?? []).slice(0, 2)].join(' ')

const unusableUser = (cause: Error) =>
  new ServiceError({
    service: 'kubernetes',
    code: 'KubeconfigInvalid',
    message: `The kubeconfig's user is not usable: ${cause.message}`,
    cause,
  })
