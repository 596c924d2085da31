import type { Call } from '../http.ts'
import { createRouter } from '../router.ts'
import { backupSecret, restoreSecret } from './backups.ts'
import { getDeletedSecret, listDeletedSecrets, purgeSecret, recoverSecret } from './deleted-secrets.ts'
import { badParameter } from './errors.ts'
import type { VaultRoute } from './request.ts'
import { deleteSecret, getSecret, listSecrets, listVersions, setSecret, updateSecret } from './secrets.ts'

const route = (
  method: string,
  path: string,
  permission: VaultRoute['permission'],
  action: string,
  handler: VaultRoute['handler'],
): VaultRoute => ({ method, path, permission, action, handler })

const routes = [
  route('GET', '/secrets', 'list', 'readMetadata/action', listSecrets),
  route('POST', '/secrets/restore', 'restore', 'restore/action', restoreSecret),
  route('PUT', '/secrets/:name', 'set', 'setSecret/action', setSecret),
  route('GET', '/secrets/:name', 'get', 'getSecret/action', getSecret),
  route('PATCH', '/secrets/:name', 'set', 'update/action', updateSecret),
  route('DELETE', '/secrets/:name', 'delete', 'delete', deleteSecret),
  route('GET', '/secrets/:name/versions', 'list', 'readMetadata/action', listVersions),
  route('POST', '/secrets/:name/backup', 'backup', 'backup/action', backupSecret),
  route('GET', '/secrets/:name/:version', 'get', 'getSecret/action', getSecret),
  route('PATCH', '/secrets/:name/:version', 'set', 'update/action', updateSecret),
  route('GET', '/deletedsecrets', 'list', 'readMetadata/action', listDeletedSecrets),
  route('GET', '/deletedsecrets/:name', 'get', 'readMetadata/action', getDeletedSecret),
  route('DELETE', '/deletedsecrets/:name', 'purge', 'purge/action', purgeSecret),
  route('POST', '/deletedsecrets/:name/recover', 'recover', 'recover/action', recoverSecret),
]

const findRoute = createRouter(routes)

const otherCollections = /^\/(keys|certificates|storage|deletedkeys|deletedcertificates)(\/|$)/i

/** Finds the route of a request. Throws 400, as Key Vault does for unknown operations. */
export function requireRoute(call: Call): { route: VaultRoute; params: Record<string, string> } {
  const match = findRoute(call.method, call.path)
  if ('route' in match) return match
  if (otherCollections.test(call.path))
    throw badParameter(`The sandbox's vaults hold secrets only: there is no '${call.segments[0]}' here`)
  throw badParameter(`Method ${call.method} does not allow operation '${call.segments.at(-1) ?? ''}'`)
}
