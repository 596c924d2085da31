import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Cloud } from '../../cloud.ts'
import { apiAudiences, mint, podClaims } from '../auth/tokens.ts'
import { resourceOf } from '../objects/resources.ts'
import { read } from '../objects/store.ts'
import type { KubeCluster, KubeObject, Open } from '../state.ts'

/** A projected token and the moment (ms) at which the kubelet takes a new one. */
export interface TokenFile {
  file: string
  audience: string | undefined
  seconds: number
  refreshAt: number
}

const keys = (source: Open, data: Record<string, Buffer>): [string, Buffer][] =>
  source.items
    ? source.items.flatMap(({ key, path }: Open) => (data[key] ? [[path, data[key]]] : []))
    : Object.entries(data)

/** A field of the pod as `fieldRef` names it. */
export function podField(pod: KubeObject, path: string): string {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (keyed) return pod.metadata[keyed[1]!]?.[keyed[2]!] ?? ''
  const value = path.split('.').reduce<unknown>((at, step) => (at as Open | undefined)?.[step], pod)
  if (typeof value !== 'object' || value === null) return value === undefined ? '' : String(value)
  return Object.entries(value)
    .map(([key, each]) => `${key}=${JSON.stringify(each)}`)
    .join('\n')
}

export const configMapData = (object: KubeObject | undefined): Record<string, Buffer> => ({
  ...Object.fromEntries(
    Object.entries(object?.data ?? {}).map(([key, text]) => [key, Buffer.from(String(text))]),
  ),
  ...secretData({ data: object?.binaryData }),
})

export const secretData = (object: Open | undefined): Record<string, Buffer> =>
  Object.fromEntries(
    Object.entries(object?.data ?? {}).map(([key, text]) => [key, Buffer.from(String(text), 'base64')]),
  )

/** A volume's files, and the paths of its tokens. */
function contents(
  cluster: KubeCluster,
  pod: KubeObject,
  volume: Open,
): { files: [string, Buffer][]; tokens: Open[] } {
  const { namespace = '' } = pod.metadata
  const of = (kind: string, name: string) => read(cluster, resourceOf(kind), namespace, name)
  const files: [string, Buffer][] = []
  const tokens: Open[] = []
  for (const source of [volume, ...(volume.projected?.sources ?? [])] as Open[]) {
    if (source.configMap)
      files.push(...keys(source.configMap, configMapData(of('ConfigMap', source.configMap.name))))
    if (source.secret)
      files.push(
        ...keys(source.secret, secretData(of('Secret', source.secret.secretName ?? source.secret.name))),
      )
    for (const item of source.downwardAPI?.items ?? [])
      if (item.fieldRef) files.push([item.path, Buffer.from(podField(pod, item.fieldRef.fieldPath))])
    if (source.serviceAccountToken) tokens.push(source.serviceAccountToken)
  }
  return { files, tokens }
}

/** The first volume whose source is missing, as the kubelet says it; undefined when all can be mounted. */
export function unmountable(cluster: KubeCluster, pod: KubeObject): string | undefined {
  const { namespace = '' } = pod.metadata
  const gone = (kind: string, name: string, optional: unknown) =>
    optional !== true && !read(cluster, resourceOf(kind), namespace, name)
  for (const volume of (pod.spec.volumes ?? []) as Open[])
    for (const source of [volume, ...(volume.projected?.sources ?? [])] as Open[]) {
      const [map, secret] = [source.configMap, source.secret]
      const name = map?.name ?? secret?.secretName ?? secret?.name
      if (name && gone(map ? 'ConfigMap' : 'Secret', name, (map ?? secret).optional))
        return `MountVolume.SetUp failed for volume "${volume.name}" : ${map ? 'configmap' : 'secret'} "${name}" not found`
    }
  return undefined
}

const within = (root: string, path: string) =>
  join(root, ...path.split('/').filter((part) => part && part !== '..'))

function put(file: string, content: Buffer | string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.new`
  writeFileSync(draft, content, { mode: 0o600 })
  renameSync(draft, file)
}

/** Writes a new token; throws when the service account is gone. */
export async function writeToken(
  cloud: Cloud,
  cluster: KubeCluster,
  pod: KubeObject,
  token: TokenFile,
): Promise<void> {
  const { namespace = '' } = pod.metadata
  const account = read(cluster, resourceOf('ServiceAccount'), namespace, pod.spec.serviceAccountName)
  if (!account) throw new Error(`serviceaccounts "${pod.spec.serviceAccountName}" not found`)
  const minted = await mint(cloud, cluster, account, {
    audiences: token.audience ? [token.audience] : apiAudiences(cluster),
    seconds: token.seconds,
    bound: podClaims(cluster, pod),
  })
  put(token.file, minted.token)
  token.refreshAt = cloud.now() + Math.min(token.seconds * 0.8, 86_400) * 1000
}

/** Lays a container's volumes out below `root`. Returns its mount paths and its tokens. */
export async function mountVolumes(
  cloud: Cloud,
  cluster: KubeCluster,
  pod: KubeObject,
  container: Open,
  root: string,
): Promise<{ mounts: string[]; tokens: TokenFile[] }> {
  const tokens: TokenFile[] = []
  const mounts: string[] = []
  for (const { name, mountPath, subPath } of (container.volumeMounts ?? []) as Open[]) {
    const volume = ((pod.spec.volumes ?? []) as Open[]).find((each) => each.name === name)
    if (!volume) continue
    mounts.push(mountPath)
    const found = contents(cluster, pod, volume)
    const placed = (path: string) =>
      subPath === undefined ? `${mountPath}/${path}` : path === subPath ? mountPath : undefined
    if (subPath === undefined) mkdirSync(within(root, mountPath), { recursive: true, mode: 0o700 })
    for (const [path, content] of found.files) {
      const at = placed(path)
      if (at) put(within(root, at), content)
    }
    for (const { path, audience, expirationSeconds = 3600 } of found.tokens) {
      const at = placed(path)
      if (!at) continue
      const token = { file: within(root, at), audience, seconds: expirationSeconds, refreshAt: 0 }
      await writeToken(cloud, cluster, pod, token)
      tokens.push(token)
    }
  }
  return { mounts, tokens }
}

/** The host's path of a container path below one of its mounts; any other text stays as it is. */
export const onHost = (root: string, mounts: string[], text: string): string =>
  mounts.some((mount) => text === mount || text.startsWith(`${mount.replace(/\/$/, '')}/`))
    ? within(root, text)
    : text
