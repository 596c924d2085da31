import { createHash } from 'node:crypto'
import { ownOrNew, ownProperty } from '../own-property.ts'
import type { Simulator } from '../simulator.ts'
import type { Repository } from './state.ts'

export const manifestType = 'application/vnd.oci.image.manifest.v1+json'

const digestOf = (content: string) => `sha256:${createHash('sha256').update(content).digest('hex')}`

/** The configuration of every image: one without layers. */
export const imageConfig = JSON.stringify({
  architecture: 'amd64',
  os: 'linux',
  rootfs: { type: 'layers', diff_ids: [] },
})

/** Stores an image without layers under a tag. */
export function addImage(simulator: Simulator, registry: string, name: string, tag: string): void {
  const repositories = ownOrNew(simulator.state.acr, registry.toLowerCase(), () => ({}))
  const repository = ownOrNew(
    repositories,
    name,
    (): Repository => ({
      createdAt: simulator.now(),
      tags: {},
      manifests: {},
    }),
  )
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: digestOf(imageConfig),
      size: imageConfig.length,
    },
    layers: [],
    annotations: { 'org.opencontainers.image.ref.name': `${name}:${tag}` },
  })
  const digest = digestOf(manifest)
  repository.manifests[digest] = manifest
  repository.tags[tag] = { digest, createdAt: simulator.now() }
}

export const isConfigDigest = (digest: string) => digest === digestOf(imageConfig)

/** Returns the digest of a tag or of a digest itself, if the repository has it. */
export const resolveReference = ({ tags, manifests }: Repository, reference: string): string | undefined =>
  ownProperty(tags, reference)?.digest ?? (Object.hasOwn(manifests, reference) ? reference : undefined)
