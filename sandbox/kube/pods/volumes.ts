import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Simulator } from '../../simulator.ts'
import { apiAudiences, mintServiceAccountToken, podClaims } from '../auth/tokens.ts'
import { resourceForKind } from '../objects/resources.ts'
import { getObject } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'

/** A projected token and the time (ms) of its next refresh. */
export interface TokenFile {
  file: string
  audience: string | undefined
  seconds: number
  refreshAt: number
}

const selectKeys = (source: JsonObject, data: Record<string, Buffer>): [string, Buffer][] =>
  source.items
    ? source.items.flatMap(({ key, path }: JsonObject) => (data[key] ? [[path, data[key]]] : []))
    : Object.entries(data)

/** Returns the field of a pod that a `fieldRef` names. */
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

/** Returns the files and token projections of a volume. */
function volumeContents(
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
      files.push(...selectKeys(source.configMap, configMapData(find('ConfigMap', source.configMap.name))))
    if (source.secret)
      files.push(
        ...selectKeys(
          source.secret,
          secretData(find('Secret', source.secret.secretName ?? source.secret.name)),
        ),
      )
    for (const item of source.downwardAPI?.items ?? [])
      if (item.fieldRef) files.push([item.path, Buffer.from(podField(pod, item.fieldRef.fieldPath))])
    if (source.serviceAccountToken) tokens.push(source.serviceAccountToken)
  }
  return { files, tokens }
}

/** Returns the kubelet's message for the first volume whose source is missing, or `undefined`. */
export function mountFailure(cluster: KubeCluster, pod: StoredObject): string | undefined {
  const { namespace = '' } = pod.metadata
  const isMissing = (kind: string, name: string, optional: unknown) =>
    optional !== true && !getObject(cluster, resourceForKind(kind), namespace, name)
  for (const volume of (pod.spec.volumes ?? []) as JsonObject[])
    for (const source of [volume, ...(volume.projected?.sources ?? [])] as JsonObject[]) {
      const [map, secret] = [source.configMap, source.secret]
      const name = map?.name ?? secret?.secretName ?? secret?.name
      if (name && isMissing(map ? 'ConfigMap' : 'Secret', name, (map ?? secret).optional))
        return `MountVolume.SetUp failed for volume "${volume.name}" : ${map ? 'configmap' : 'secret'} "${name}" not found`
    }
  return undefined
}

const joinBelow = (root: string, path: string) =>
  join(root, ...path.split('/').filter((part) => part && part !== '..'))

function writeAtomically(file: string, content: Buffer | string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.new`
  writeFileSync(draft, content, { mode: 0o600 })
  renameSync(draft, file)
}

/** Writes a new token. Throws if the service account no longer exists. */
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
  const issued = await mintServiceAccountToken(simulator, cluster, account, {
    audiences: token.audience ? [token.audience] : apiAudiences(cluster),
    seconds: token.seconds,
    bound: podClaims(cluster, pod),
  })
  writeAtomically(token.file, issued.token)
  token.refreshAt = simulator.now() + Math.min(token.seconds * 0.8, 86_400) * 1000
}

/** Writes a container's volumes below `root`. Returns its mount paths, its token files, and the folders it may write to. */
export async function mountVolumes(
  simulator: Simulator,
  cluster: KubeCluster,
  pod: StoredObject,
  container: JsonObject,
  root: string,
): Promise<{ mounts: string[]; tokens: TokenFile[]; writable: string[] }> {
  const tokens: TokenFile[] = []
  const writable: string[] = []
  const mounts: string[] = []
  for (const { name, mountPath, subPath } of (container.volumeMounts ?? []) as JsonObject[]) {
    const volume = ((pod.spec.volumes ?? []) as JsonObject[]).find((each) => each.name === name)
    if (!volume) continue
    mounts.push(mountPath)
    if (volume.emptyDir && subPath === undefined) writable.push(joinBelow(root, mountPath))
    const found = volumeContents(cluster, pod, volume)
    const mountedPath = (path: string) =>
      subPath === undefined ? `${mountPath}/${path}` : path === subPath ? mountPath : undefined
    if (subPath === undefined) mkdirSync(joinBelow(root, mountPath), { recursive: true, mode: 0o700 })
    for (const [path, content] of found.files) {
      const at = mountedPath(path)
      if (at) writeAtomically(joinBelow(root, at), content)
    }
    for (const { path, audience, expirationSeconds = 3600 } of found.tokens) {
      const at = mountedPath(path)
      if (!at) continue
      const token = { file: joinBelow(root, at), audience, seconds: expirationSeconds, refreshAt: 0 }
      await writeToken(simulator, cluster, pod, token)
      tokens.push(token)
    }
  }
  return { mounts, tokens, writable }
}

/** Maps a container path below a mount to the host. Returns other text unchanged. */
export const toHostPath = (root: string, mounts: string[], text: string): string =>
  mounts.some((mount) => text === mount || text.startsWith(`${mount.replace(/\/$/, '')}/`))
    ? joinBelow(root, text)
    : text
