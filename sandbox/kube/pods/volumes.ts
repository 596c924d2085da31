import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Simulator } from '../../simulator.ts'
import { apiAudiences, mintServiceAccountToken, podClaims } from '../auth/tokens.ts'
import { resourceForKind } from '../objects/resources.ts'
import { getObject } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'

/** A projected token and the moment (ms) at which the kubelet takes a new one. */
export interface TokenFile {
  file: string
  audience: string | undefined
  seconds: number
  refreshAt: number
}

const keys = (source: JsonObject, data: Record<string, Buffer>): [string, Buffer][] =>
  source.items
    ? source.items.flatMap(({ key, path }: JsonObject) => (data[key] ? [[path, data[key]]] : []))
    : Object.entries(data)

/** A field of the pod as `fieldRef` names it. */
export function podField(pod: StoredObject, path: string): string {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (keyed) return pod.metadata[keyed[1]!]?.[keyed[2]!] ?? ''
  const value = path.split('.').reduce<unknown>((at, step) => (at as JsonObject | undefined)?.[step], pod)
  if (typeof value !== 'object' || value === null) return value === undefined ? '' : String(value)
  return Object.entries(value)
    .map(([key, each]) => `${key}=${JSON.stringify(each)}`)
    .join('\n')
}

export const configMapData = (object: StoredObject | undefined): Record<string, Buffer> => ({
  ...Object.fromEntries(
    Object.entries(object?.data ?? {}).map(([key, text]) => [key, Buffer.from(String(text))]),
  ),
  ...secretData({ data: object?.binaryData }),
})

export const secretData = (object: JsonObject | undefined): Record<string, Buffer> =>
  Object.fromEntries(
    Object.entries(object?.data ?? {}).map(([key, text]) => [key, Buffer.from(String(text), 'base64')]),
  )

/** A volume's files, and the paths of its tokens. */
function contents(
  cluster: KubeCluster,
  pod: StoredObject,
  volume: JsonObject,
): { files: [string, Buffer][]; tokens: JsonObject[] } {
  const { namespace = '' } = pod.metadata
  const find = (kind: string, name: string) => getObject(cluster, resourceForKind(kind), namespace, name)
  const files: [string, Buffer][] = []
  const tokens: JsonObject[] = []
  for (const source of [volume, ...(volume.projected?.sources ?? [])] as JsonObject[]) {
    if (source.configMap)
      files.push(...keys(source.configMap, configMapData(find('ConfigMap', source.configMap.name))))
    if (source.secret)
      files.push(
        ...keys(source.secret, secretData(find('Secret', source.secret.secretName ?? source.secret.name))),
      )
    for (const item of source.downwardAPI?.items ?? [])
      if (item.fieldRef) files.push([item.path, Buffer.from(podField(pod, item.fieldRef.fieldPath))])
    if (source.serviceAccountToken) tokens.push(source.serviceAccountToken)
  }
  return { files, tokens }
}

/** The first volume whose source is missing, as the kubelet says it; undefined when all can be mounted. */
export function mountFailure(cluster: KubeCluster, pod: StoredObject): string | undefined {
  const { namespace = '' } = pod.metadata
  const gone = (kind: string, name: string, optional: unknown) =>
    optional !== true && !getObject(cluster, resourceForKind(kind), namespace, name)
  for (const volume of (pod.spec.volumes ?? []) as JsonObject[])
    for (const source of [volume, ...(volume.projected?.sources ?? [])] as JsonObject[]) {
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
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  token: TokenFile,
): Promise<void> {
  const { namespace = '' } = pod.metadata
  const account = getObject(
    cluster,
    resourceForKind('ServiceAccount'),
    namespace,
    pod.spec.serviceAccountName,
  )
  if (!account) throw new Error(`serviceaccounts "${pod.spec.serviceAccountName}" not found`)
  const minted = await mintServiceAccountToken(simulator, cluster, account, {
    audiences: token.audience ? [token.audience] : apiAudiences(cluster),
    seconds: token.seconds,
    bound: podClaims(cluster, pod),
  })
  put(token.file, minted.token)
  token.refreshAt = simulator.now() + Math.min(token.seconds * 0.8, 86_400) * 1000
}

/** Lays a container's volumes out below `root`. Returns its mount paths and its tokens. */
export async function mountVolumes(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  container: JsonObject,
  root: string,
): Promise<{ mounts: string[]; tokens: TokenFile[] }> {
  const tokens: TokenFile[] = []
  const mounts: string[] = []
  for (const { name, mountPath, subPath } of (container.volumeMounts ?? []) as JsonObject[]) {
    const volume = ((pod.spec.volumes ?? []) as JsonObject[]).find((each) => each.name === name)
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
      await writeToken(simulator, cluster, pod, token)
      tokens.push(token)
    }
  }
  return { mounts, tokens }
}

/** The host's path of a container path below one of its mounts; any other text stays as it is. */
export const toHostPath = (root: string, mounts: string[], text: string): string =>
  mounts.some((mount) => text === mount || text.startsWith(`${mount.replace(/\/$/, '')}/`))
    ? within(root, text)
    : text
