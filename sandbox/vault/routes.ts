import type { Call } from '../http.ts'
import { createRouter } from '../router.ts'
import { backupSecret, restoreSecret } from './backups.ts'
import { certificates, createCertificate, getContacts, getPending } from './certificates.ts'
import { getDeletedSecret, listDeletedSecrets, purgeSecret, recoverSecret } from './deleted-secrets.ts'
import { badParameter } from './errors.ts'
import { createKey, keys } from './keys.ts'
import type { VaultRoute } from './request.ts'
import { deleteSecret, getSecret, listSecrets, listVersions, setSecret, updateSecret } from './secrets.ts'
import type { VaultCollection } from './state.ts'

type RouteOf = (
  method: string,
  path: string,
  permission: VaultRoute['permission'],
  action: string,
  handler: VaultRoute['handler'],
) => VaultRoute

const routeOf =
  (collection: VaultCollection): RouteOf =>
  (method, path, permission, action, handler) => ({
    method,
    path,
    permission,
    collection,
    action: `${collection}/${action}`,
    handler,
  })
const [route, keyRoute, certificateRoute] = [routeOf('secrets'), routeOf('keys'), routeOf('certificates')]

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
  keyRoute('GET', '/keys', 'list', 'read', keys.list),
  keyRoute('POST', '/keys/:name/create', 'create', 'create/action', createKey),
  keyRoute('DELETE', '/keys/:name', 'delete', 'delete', keys.remove),
  keyRoute('GET', '/keys/:name', 'get', 'read', keys.get),
  keyRoute('GET', '/keys/:name/versions', 'list', 'read', keys.listVersions),
  keyRoute('GET', '/keys/:name/:version', 'get', 'read', keys.get),
  keyRoute('POST', '/deletedkeys/:name/recover', 'recover', 'recover/action', keys.recover),
  {
    ...certificateRoute('GET', '/certificates/contacts', 'managecontacts', '', getContacts),
    action: 'certificatecontacts/read',
  },
  certificateRoute('GET', '/certificates', 'list', 'read', certificates.list),
  certificateRoute('POST', '/certificates/:name/create', 'create', 'create/action', createCertificate),
  certificateRoute('DELETE', '/certificates/:name', 'delete', 'delete', certificates.remove),
  certificateRoute('GET', '/certificates/:name', 'get', 'read', certificates.get),
  certificateRoute('GET', '/certificates/:name/pending', 'get', 'read', getPending),
  certificateRoute('GET', '/certificates/:name/versions', 'list', 'read', certificates.listVersions),
  certificateRoute('GET', '/certificates/:name/:version', 'get', 'read', certificates.get),
  certificateRoute(
    'POST',
    '/deletedcertificates/:name/recover',
    'recover',
    'recover/action',
    certificates.recover,
  ),
]

const findRoute = createRouter(routes)

/** Finds the route of a request. Throws 400, as Key Vault does for unknown operations. */
export function requireRoute(call: Call): { route: VaultRoute; params: Record<string, string> } {
  const match = findRoute(call.method, call.path)
  if ('route' in match) return match
  throw badParameter(`Method ${call.method} does not allow operation '${call.segments.at(-1) ?? ''}'`)
}
