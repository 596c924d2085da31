import type { Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import { notFound } from './errors.ts'
import { imageConfig, isConfigDigest, manifestType, resolveReference } from './images.ts'
import type { RegistryRequest } from './request.ts'
import type { Repository } from './state.ts'

const changeable = { deleteEnabled: true, writeEnabled: true, readEnabled: true, listEnabled: true }
const time = (ms: number) => new Date(ms).toISOString()

function requireRepository({ registry, params }: RegistryRequest): Repository {
  const found = ownProperty(registry.repositories, params.repository!)
  if (!found) throw notFound('NAME_UNKNOWN', { name: params.repository })
  return found
}

/** Returns the items after `last`, as many as `n` says, and a link to the rest. */
function page<T>(
  { call }: RegistryRequest,
  items: T[],
  nameOf: (item: T) => string,
): [T[], string | undefined] {
  const last = call.query('last')
  const size = Number(call.query('n') ?? 100) || 100
  const rest = items.filter((item) => last === undefined || nameOf(item) > last)
  const found = rest.slice(0, size)
  if (rest.length <= size) return [found, undefined]
  const query = new URLSearchParams({ last: nameOf(found.at(-1)!), n: String(size) })
  return [found, `<${call.url.pathname}?${query}>; rel="next"`]
}

export function listRepositories(request: RegistryRequest): Reply {
  const [repositories, link] = page(
    request,
    Object.keys(request.registry.repositories).sort(),
    (name) => name,
  )
  return { status: 200, headers: { link }, body: { repositories } }
}

export function getRepository(request: RegistryRequest): Reply {
  const { registry, params } = request
  const { createdAt, tags, manifests } = requireRepository(request)
  return {
    status: 200,
    body: {
      registry: registry.loginServer,
      imageName: params.repository,
      createdTime: time(createdAt),
      lastUpdateTime: time(Math.max(createdAt, ...Object.values(tags).map((tag) => tag.createdAt))),
      manifestCount: Object.keys(manifests).length,
      tagCount: Object.keys(tags).length,
      changeableAttributes: changeable,
    },
  }
}

const tagView = ([name, { digest, createdAt }]: [string, Repository['tags'][string]]) => ({
  name,
  digest,
  createdTime: time(createdAt),
  lastUpdateTime: time(createdAt),
  signed: false,
  changeableAttributes: changeable,
})

export function listTags(request: RegistryRequest): Reply {
  const sorted = Object.entries(requireRepository(request).tags).sort(([a], [b]) => (a < b ? -1 : 1))
  const [tags, link] = page(request, sorted, ([name]) => name)
  return {
    status: 200,
    headers: { link },
    body: {
      registry: request.registry.loginServer,
      imageName: request.params.repository,
      tags: tags.map(tagView),
    },
  }
}

export function getTag(request: RegistryRequest): Reply {
  const { registry, params } = request
  const found = ownProperty(requireRepository(request).tags, params.tag!)
  if (!found) throw notFound('TAG_UNKNOWN', { tag: params.tag })
  return {
    status: 200,
    body: {
      registry: registry.loginServer,
      imageName: params.repository,
      tag: tagView([params.tag!, found]),
    },
  }
}

/** Lists the tags as the OCI specification defines it. */
export function listTagNames(request: RegistryRequest): Reply {
  const [tags, link] = page(request, Object.keys(requireRepository(request).tags).sort(), (name) => name)
  return { status: 200, headers: { link }, body: { name: request.params.repository, tags } }
}

export function getManifest(request: RegistryRequest): Reply {
  const repository = requireRepository(request)
  const digest = resolveReference(repository, request.params.reference!)
  if (!digest) throw notFound('MANIFEST_UNKNOWN', { reference: request.params.reference })
  return {
    status: 200,
    headers: { 'content-type': manifestType, 'docker-content-digest': digest, etag: `"${digest}"` },
    body: repository.manifests[digest],
  }
}

export function getBlob(request: RegistryRequest): Reply {
  requireRepository(request)
  const { digest } = request.params
  if (!isConfigDigest(digest!)) throw notFound('BLOB_UNKNOWN', { digest })
  return {
    status: 200,
    headers: { 'content-type': 'application/octet-stream', 'docker-content-digest': digest },
    body: imageConfig,
  }
}
