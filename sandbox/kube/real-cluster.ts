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

/** A Kubernetes cluster outside, for which the simulated AKS resources stand. */
export interface RealCluster {
  /** The `cluster` and the `user` of its kubeconfig, files read in. */
  cluster: ClusterEntry
  user: RealUser
  /** Its public signing keys, as it has them now. Rejects while it does not answer. */
  keySet(): Promise<unknown>
  /** Without the `v`. */
  version(): Promise<string>
  /** The issuer that its tokens carry; undefined if it tells none. */
  issuer(): Promise<string | undefined>
}

const patience = 5000

/** Reads the current context of a kubeconfig whose user signs in by token or certificate. Throws `Error` saying what is wrong. */
export function readRealCluster(file: string): RealCluster {
  const config = parse(readFileSync(file, 'utf8')) as Record<string, unknown> | null
  const pick = <T>(list: string, kind: string, name: unknown): T => {
    const found = ((config?.[list] ?? []) as (Named & Record<string, T>)[]).find((each) => each.name === name)
    if (!found?.[kind]) throw new Error(`${file} has no ${kind} ${JSON.stringify(name ?? '')}`)
    return found[kind]
  }
  const context = pick<{ cluster: string; user: string }>('contexts', 'context', config?.['current-context'])
  const cluster = withFiles<ClusterEntry>(pick('clusters', 'cluster', context.cluster), dirname(file))
  const user = withFiles<RealUser>(pick('users', 'user', context.user), dirname(file))
  if (!user.token && !user['client-certificate-data'])
    throw new Error(`The user of ${file} signs in neither by token nor by certificate`)

  const text = (data: string | undefined) => (data ? Buffer.from(data, 'base64').toString() : undefined)
  const agent = new Agent({
    ca: text(cluster['certificate-authority-data']),
    cert: text(user['client-certificate-data']),
    key: text(user['client-key-data']),
  })
  const read = (path: string) =>
    new Promise<Record<string, unknown>>((done, fail) => {
      const asked = request(
        `${cluster.server.replace(/\/+$/, '')}${path}`,
        {
          agent,
          signal: AbortSignal.timeout(patience),
          headers: user.token ? { authorization: `Bearer ${user.token}` } : {},
        },
        (response) => {
          const parts: Buffer[] = []
          response.on('data', (part: Buffer) => parts.push(part))
          response.on('error', fail)
          response.on('end', () => {
            if (response.statusCode !== 200)
              return fail(new Error(`${path} is answered with ${response.statusCode}`))
            done(JSON.parse(Buffer.concat(parts).toString()))
          })
        },
      )
      asked.on('error', fail)
      asked.end()
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

/** What a kubeconfig says by the path of a file, put into it. */
function withFiles<T>(entry: Record<string, unknown>, folder: string): T {
  const whole = { ...entry }
  for (const name of ['certificate-authority', 'client-certificate', 'client-key']) {
    const path = whole[name]
    if (typeof path !== 'string') continue
    delete whole[name]
    whole[`${name}-data`] = readFileSync(resolve(folder, path)).toString('base64')
  }
  if (typeof whole.tokenFile === 'string') {
    whole.token = readFileSync(resolve(folder, whole.tokenFile), 'utf8').trim()
    delete whole.tokenFile
  }
  return whole as T
}
