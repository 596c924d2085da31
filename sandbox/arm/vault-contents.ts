import type { Reply } from '../http.ts'
import { own } from '../own-property.ts'
import { notFound } from './errors.ts'
import { page } from './listing.ts'
import { find } from './resources.ts'
import type { ArmRequest, Route } from './route.ts'

const path =
  '/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{vault}'

/** The secrets as Resource Manager tells them: names, tags and times, no values. */
function secrets(ask: ArmRequest): Reply {
  const { simulator, id } = ask
  const vault = find(simulator, id.replace(/\/secrets$/i, ''))
  if (!vault) throw notFound(id)
  const { vaultUri } = vault.body.properties
  const living = Object.values(
    own(simulator.state.vaults, vault.body.name.toLowerCase())?.secrets ?? {},
  ).filter(({ deletedAt }) => deletedAt === undefined)
  const told = living.map(({ name, versions }) => {
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
  return { status: 200, body: page(ask, told) }
}

/** No keys here: the sandbox's vaults hold secrets. */
function keys(ask: ArmRequest): Reply {
  if (!find(ask.simulator, ask.id.replace(/\/keys$/i, ''))) throw notFound(ask.id)
  return { status: 200, body: page(ask, []) }
}

export const vaultContentRoutes: Route[] = [
  { method: 'GET', path: `${path}/secrets`, action: 'Microsoft.KeyVault/vaults/secrets/read', to: secrets },
  { method: 'GET', path: `${path}/keys`, action: 'Microsoft.KeyVault/vaults/keys/read', to: keys },
]
