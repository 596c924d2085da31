import { addImage } from '../../acr/images.ts'
import type { Reply } from '../../http.ts'
import { ArmError, notFound } from '../errors.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody } from '../request-body.ts'
import { findResource } from '../resources/resources.ts'
import { registryTypeName } from './registries.ts'

interface ImportBody {
  source?: { registryUri?: string; sourceImage?: string }
  targetTags?: string[]
}

/** Imports an image. The sandbox doesn't fetch it: it is stored as an empty image. */
function importImage({ call, simulator, id }: ArmRequest): Reply {
  const found = findResource(simulator, id.slice(0, id.lastIndexOf('/')))
  if (!found) throw notFound(id)
  const { source, targetTags } = parseBody<ImportBody>(call, {
    source: { registryUri: 'string', sourceImage: 'string' },
    targetTags: ['string'],
  })
  const image = source?.sourceImage
  if (!image) throw new ArmError(400, 'InvalidParameter', "The property 'source.sourceImage' is required.")
  for (const target of targetTags?.length ? targetTags : [image]) {
    const [, repository, tag] = /^([a-z0-9][a-z0-9._/-]*?)(?::([\w.-]{1,128}))?$/.exec(target) ?? []
    if (!repository) throw new ArmError(400, 'InvalidParameter', `The target tag '${target}' is invalid.`)
    addImage(simulator, found.body.name, repository, tag ?? 'latest')
  }
  return { status: 200 }
}

export const importRoute: ArmRoute = {
  method: 'POST',
  path: `/subscriptions/:subscription/resourceGroups/:group/providers/${registryTypeName}/:name/importImage`,
  handler: importImage,
}
