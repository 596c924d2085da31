import type { Reply } from '../../http.ts'
import { ownProperty } from '../../own-property.ts'
import { notFound } from '../errors.ts'
import { listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { findResource } from '../resources/resources.ts'

const path = '/subscriptions/:subscription/resourceGroups/:group/providers/Microsoft.KeyVault/vaults/:vault'

/** Lists secrets as Resource Manager shows them: names, tags and times, but no values. */
function listSecrets(request: ArmRequest): Reply {
  const { simulator, id } = request
  const vault = findResource(simulator, id.replace(/\/secrets$/i, ''))
  if (!vault) throw notFound(id)
  const { vaultUri } = vault.body.properties
  const active = Object.values(
    ownProperty(simulator.state.vaults, vault.body.name.toLowerCase())?.secrets ?? {},
  ).filter(({ deletedAt }) => deletedAt === undefined)
  const items = active.map(({ name, versions }) => {
    const { version, tags, contentType, enabled, created, updated } = versions.at(-1)!
    const secretUri = `${vaultUri}secrets/${name}`
    return {
      id: `${vault.body.id}/secrets/${name}`,
      name,
      type: 'Microsoft.KeyVault/vaults/secrets',
      location: vault.body.location,
      tags,
      properties: {
        attributes: { enabled, created, updated },
        ...(contentType === undefined ? {} : { contentType }),
        secretUri,
        secretUriWithVersion: `${secretUri}/${version}`,
      },
    }
  })
  return { status: 200, body: listBody(request, items) }
}

/** The sandbox's vaults contain no keys. */
function listKeys(request: ArmRequest): Reply {
  if (!findResource(request.simulator, request.id.replace(/\/keys$/i, ''))) throw notFound(request.id)
  return { status: 200, body: listBody(request, []) }
}

export const vaultContentRoutes: ArmRoute[] = [
  {
    method: 'GET',
    path: `${path}/secrets`,
    action: 'Microsoft.KeyVault/vaults/secrets/read',
    handler: listSecrets,
  },
  { method: 'GET', path: `${path}/keys`, action: 'Microsoft.KeyVault/vaults/keys/read', handler: listKeys },
]
