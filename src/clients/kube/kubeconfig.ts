import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import { readFileLimited, TooLargeError } from '../../base/read-limited.ts'
import { readLimits } from '../../base/read-limits.ts'
import { ServiceError } from '../service-error.ts'
import { addExecConfig } from './exec-config.ts'

export interface KubeContext {
  name: string
  server: string
  current: boolean
}

type Env = Record<string, string | undefined>

const kubeconfigError = (code: string, message: string, cause?: unknown) =>
  new ServiceError({ service: 'kubernetes', code, message, cause })

async function parse(text: string, source: string): Promise<KubeConfig> {
  const { KubeConfig } = await import('./kube-config.ts')
  const config = new KubeConfig()
  try {
    config.loadFromString(text)
    addExecConfig(config, text)
  } catch (error) {
    const reason = (error as Error).message.split('\n')[0]
    throw kubeconfigError('KubeconfigInvalid', `${source} is not a kubeconfig: ${reason}`, error)
  }
  return config
}

/** Returns the files that kubectl would read: the given one, those in KUBECONFIG, or the one in the home directory. */
function kubeconfigFiles(path: string | undefined, env: Env): string[] {
  if (path) return [path]
  const files = env.KUBECONFIG?.split(delimiter).filter(Boolean) ?? []
  return files.length ? files : [join(env.HOME || env.USERPROFILE || homedir(), '.kube', 'config')]
}

/** Returns the file's text; undefined if it does not exist. */
const readIfExists = async (file: string): Promise<string | undefined> => {
  try {
    return (await readFileLimited(file, readLimits.configFile)).toString('utf8')
  } catch (thrown) {
    const error = thrown as NodeJS.ErrnoException
    if (error.code === 'ENOENT') return undefined
    if (error instanceof TooLargeError) throw kubeconfigError('KubeconfigInvalid', `${file} ${error.message}`)
    throw kubeconfigError('KubeconfigInvalid', `${file} can't be read: ${error.code ?? error.message}`, error)
  }
}

/** Resolves sign-in programs with a path as kubectl does: against the kubeconfig's folder, not the current one. */
function makeProgramsAbsolute(config: KubeConfig, folder: string): void {
  for (const { exec } of config.getUsers())
    if (/[\\/]/.test(exec?.command ?? '')) exec.command = resolve(folder, exec.command)
}

/** Adds entries that are not in `target` yet, like kubectl: of entries with the same name, the first file's wins. */
function merge(target: KubeConfig, source: KubeConfig): void {
  const has = (entries: { name: string }[], name: string) => entries.some((each) => each.name === name)
  for (const cluster of source.getClusters())
    if (!has(target.getClusters(), cluster.name)) target.addCluster(cluster)
  for (const user of source.getUsers()) if (!has(target.getUsers(), user.name)) target.addUser(user)
  for (const context of source.getContexts())
    if (!has(target.getContexts(), context.name)) target.addContext(context)
  if (!target.getCurrentContext()) target.setCurrentContext(source.getCurrentContext())
}

/**
 * Returns the kubeconfig that kubectl would use. Throws `ServiceError` with the code `KubeconfigNotFound` or
 * `KubeconfigInvalid`.
 */
export async function loadKubeconfig(path: string | undefined, env: Env): Promise<KubeConfig> {
  const files = kubeconfigFiles(path, env)
  let config: KubeConfig | undefined
  for (const file of files) {
    const text = await readIfExists(file)
    if (text === undefined) continue
    const next = await parse(text, file)
    next.makePathsAbsolute(dirname(file))
    makeProgramsAbsolute(next, dirname(file))
    if (config) merge(config, next)
    else config = next
  }
  if (config) return config
  if (!path && env.KUBERNETES_SERVICE_HOST) {
    const { KubeConfig } = await import('./kube-config.ts')
    const inCluster = new KubeConfig()
    inCluster.loadFromCluster()
    return inCluster
  }
  throw kubeconfigError('KubeconfigNotFound', `There is no kubeconfig at ${files.join(' or ')}`)
}

export const parseKubeconfig = (text: string): Promise<KubeConfig> => parse(text, "The cluster's kubeconfig")

/** Selects the context, or validates the current one. Throws `ServiceError` with the code `ContextNotFound`. */
export function useContext(config: KubeConfig, context: string | undefined): void {
  const name = context ?? config.getCurrentContext()
  const names = config.getContexts().map((each) => each.name)
  const available = `available contexts: ${names.join(', ') || 'none'}`
  if (!name) throw kubeconfigError('ContextNotFound', `The kubeconfig has no current context; ${available}`)
  if (!config.getContextObject(name))
    throw kubeconfigError('ContextNotFound', `The kubeconfig has no context "${name}"; ${available}`)
  config.setCurrentContext(name)
  if (!URL.canParse(config.getCurrentCluster()?.server ?? ''))
    throw kubeconfigError('KubeconfigInvalid', `The context "${name}" has no cluster with a server address`)
}

/** Returns the contexts of the kubeconfig. Throws the same errors as `loadKubeconfig`. */
export async function listContexts(path: string | undefined, env: Env): Promise<KubeContext[]> {
  const config = await loadKubeconfig(path, env)
  return config.getContexts().map(({ name, cluster }) => ({
    name,
    server: config.getCluster(cluster)?.server ?? '',
    current: name === config.getCurrentContext(),
  }))
}
