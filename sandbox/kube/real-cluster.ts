import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'

interface Named {
  name: string
}
interface RealUser {
  token?: string
  'client-certificate-data'?: string
  'client-key-data'?: string
}
interface ClusterEntry {
  server: string
  'certificate-authority-data'?: string
}

/** A real Kubernetes cluster that simulated AKS resources represent. */
export interface RealCluster {
  /** The `cluster` and `user` of its kubeconfig, with the contents of referenced files. */
  cluster: ClusterEntry
  user: RealUser
  /** Reads its public signing keys. Rejects if the cluster is unavailable. */
  keySet(): Promise<unknown>
  /** Reads its Kubernetes version, without the leading `v`. */
  version(): Promise<string>
  /** Reads the issuer of its tokens; `undefined` if it can't be read. */
  issuer(): Promise<string | undefined>
}

const requestTimeout = 5000

/** Reads the current context of a kubeconfig. Throws `Error` unless its user has a token or a client certificate. */
export function readRealCluster(file: string): RealCluster {
  const config = parse(readFileSync(file, 'utf8')) as Record<string, unknown> | null
  const requireEntry = <T>(list: string, kind: string, name: unknown): T => {
    const found = ((config?.[list] ?? []) as (Named & Record<string, T>)[]).find((each) => each.name === name)
    if (!found?.[kind]) throw new Error(`${file} has no ${kind} ${JSON.stringify(name ?? '')}`)
    return found[kind]
  }
  const context = requireEntry<{ cluster: string; user: string }>(
    'contexts',
    'context',
    config?.['current-context'],
  )
  const cluster = withFiles<ClusterEntry>(requireEntry('clusters', 'cluster', context.cluster), dirname(file))
  const user = withFiles<RealUser>(requireEntry('users', 'user', context.user), dirname(file))
  if (!user.token && !user['client-certificate-data'])
    throw new Error(`The user in ${file} has neither a token nor a client certificate`)

  const text = (data: string | undefined) => (data ? Buffer.from(data, 'base64').toString() : undefined)
  const agent = new Agent({
    ca: text(cluster['certificate-authority-data']),
    cert: text(user['client-certificate-data']),
    key: text(user['client-key-data']),
  })
  const read = (path: string) =>
    new Promise<Record<string, unknown>>((done, fail) => {
      const outgoing = request(
        `${cluster.server.replace(/\/+$/, '')}${path}`,
        {
          agent,
          signal: AbortSignal.timeout(requestTimeout),
          headers: user.token ? { authorization: `Bearer ${user.token}` } : {},
        },
        (response) => {
          const parts: Buffer[] = []
          response.on('data', (part: Buffer) => parts.push(part))
          response.on('error', fail)
          response.on('end', () => {
            if (response.statusCode !== 200)
              return fail(new Error(`GET ${path} returned ${response.statusCode}`))
            done(JSON.parse(Buffer.concat(parts).toString()))
          })
        },
      )
      outgoing.on('error', fail)
      outgoing.end()
    })
  return {
    cluster,
    user,
    keySet: () => read('/openid/v1/jwks'),
    issuer: async () => {
      const document = await read('/.well-known/openid-configuration').catch(() => undefined)
      return document && String(document.issuer)
    },
    version: async () => String((await read('/version')).gitVersion).replace(/^v/, ''),
  }
}

/** Replaces file paths in a kubeconfig entry by the contents of the files. */
function withFiles<T>(entry: Record<string, unknown>, folder: string): T {
  const resolved = { ...entry }
  for (const name of ['certificate-authority', 'client-certificate', 'client-key']) {
    const path = resolved[name]
    if (typeof path !== 'string') continue
    delete resolved[name]
    resolved[`${name}-data`] = readFileSync(resolve(folder, path)).toString('base64')
  }
  if (typeof resolved.tokenFile === 'string') {
    resolved.token = readFileSync(resolve(folder, resolved.tokenFile), 'utf8').trim()
    delete resolved.tokenFile
  }
  return resolved as T
}
