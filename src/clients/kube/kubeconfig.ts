import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import { ServiceError } from '../service-error.ts'

export interface KubeContext {
  name: string
  server: string
  current: boolean
}

type Env = Record<string, string | undefined>

const refuse = (code: string, message: string, cause?: unknown) =>
  new ServiceError({ service: 'kubernetes', code, message, cause })

async function readConfig(text: string, from: string): Promise<KubeConfig> {
  const { KubeConfig } = await import('./kube-config.ts')
  const config = new KubeConfig()
  try {
    config.loadFromString(text)
  } catch (error) {
    const why = (error as Error).message.split('\n')[0]
    throw refuse('KubeconfigInvalid', `${from} is no kubeconfig: ${why}`, error)
  }
  return config
}

/** The files that kubectl would read: the one given, those of KUBECONFIG, or the one in the home directory. */
function filesFor(path: string | undefined, env: Env): string[] {
  if (path) return [path]
  const listed = env.KUBECONFIG?.split(delimiter).filter(Boolean) ?? []
  return listed.length ? listed : [join(env.HOME || env.USERPROFILE || homedir(), '.kube', 'config')]
}

/** Undefined if there is no such file. */
const textOf = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return undefined
    throw refuse('KubeconfigInvalid', `${file} can't be read: ${error.code ?? error.message}`, error)
  })

/** Adds what `into` has not, as kubectl merges: the first file that names a thing wins. */
function merge(into: KubeConfig, from: KubeConfig): void {
  const has = (list: { name: string }[], name: string) => list.some((each) => each.name === name)
  for (const each of from.getClusters()) if (!has(into.getClusters(), each.name)) into.addCluster(each)
  for (const each of from.getUsers()) if (!has(into.getUsers(), each.name)) into.addUser(each)
  for (const each of from.getContexts()) if (!has(into.getContexts(), each.name)) into.addContext(each)
  if (!into.getCurrentContext()) into.setCurrentContext(from.getCurrentContext())
}

/**
 * Reads the kubeconfig that kubectl would. Throws `ServiceError` (service kubernetes): `KubeconfigNotFound`,
 * `KubeconfigInvalid`.
 */
export async function loadKubeconfig(path: string | undefined, env: Env): Promise<KubeConfig> {
  const files = filesFor(path, env)
  let config: KubeConfig | undefined
  for (const file of files) {
    const text = await textOf(file)
    if (text === undefined) continue
    const read = await readConfig(text, file)
    read.makePathsAbsolute(dirname(file))
    if (config) merge(config, read)
    else config = read
  }
  if (config) return config
  if (!path && env.KUBERNETES_SERVICE_HOST) {
    const { KubeConfig } = await import('./kube-config.ts')
    const inside = new KubeConfig()
    inside.loadFromCluster()
    return inside
  }
  throw refuse('KubeconfigNotFound', `There is no kubeconfig at ${files.join(' or ')}`)
}

export const parseKubeconfig = (text: string): Promise<KubeConfig> =>
  readConfig(text, "The cluster's kubeconfig")

const namesOf = (config: KubeConfig) => config.getContexts().map((each) => each.name)

/** Makes `context` the current one, or checks the one that is. Throws `ContextNotFound`, naming those there are. */
export function useContext(config: KubeConfig, context: string | undefined): void {
  const name = context ?? config.getCurrentContext()
  const there = namesOf(config).join(', ') || 'none'
  if (!name) throw refuse('ContextNotFound', `The kubeconfig has no current context; there are: ${there}`)
  if (!config.getContextObject(name))
    throw refuse('ContextNotFound', `The kubeconfig has no context "${name}"; there are: ${there}`)
  config.setCurrentContext(name)
  if (!URL.canParse(config.getCurrentCluster()?.server ?? ''))
    throw refuse('KubeconfigInvalid', `The context "${name}" leads to no cluster with a server's address`)
}

/** The contexts of a kubeconfig, for choosing one. Throws as `loadKubeconfig` does. */
export async function listContexts(path: string | undefined, env: Env): Promise<KubeContext[]> {
  const config = await loadKubeconfig(path, env)
  return config.getContexts().map(({ name, cluster }) => ({
    name,
    server: config.getCluster(cluster)?.server ?? '',
    current: name === config.getCurrentContext(),
  }))
}
