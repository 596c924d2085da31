import type { Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import type { Simulator } from '../simulator.ts'
import { conflict, deletedSecretNotFound, forbidden } from './errors.ts'
import { listReply } from './paging.ts'
import type { VaultRequest } from './request.ts'
import { secretBundle, secretItem } from './secret-view.ts'
import { latestVersion, requireValidName } from './secrets.ts'
import type { Secret } from './state.ts'
import type { Vault } from './vaults.ts'

/** True once the deletion has been completed, some seconds after the request. */
const isDeleted = (simulator: Simulator, secret: Secret) =>
  secret.deletedAt !== undefined && !simulator.isPending(secret.deletedAt, 'secretDelete')

/** Purges the deleted secrets whose retention has ended. */
export function dropExpiredSecrets(simulator: Simulator): void {
  for (const { secrets } of Object.values(simulator.state.vaults))
    for (const [key, { purgeAt, deletedAt }] of Object.entries(secrets)) {
      if (deletedAt === undefined || purgeAt === undefined || purgeAt > simulator.now()) continue
      delete secrets[key]
      simulator.markChanged()
    }
}

function requireDeleting(vault: Vault, name: string): Secret {
  requireValidName(name)
  const secret = ownProperty(vault.data.secrets, name.toLowerCase())
  if (!secret || secret.deletedAt === undefined) throw deletedSecretNotFound(name)
  return secret
}

function requireDeleted({ simulator, vault, params }: VaultRequest): Secret {
  const secret = requireDeleting(vault, params.name!)
  if (!isDeleted(simulator, secret))
    throw conflict('ObjectIsBeingDeleted', `Secret ${params.name} is currently being deleted; retry later.`)
  return secret
}

export function getDeletedSecret({ simulator, vault, params }: VaultRequest): Reply {
  const secret = requireDeleting(vault, params.name!)
  if (!isDeleted(simulator, secret)) throw deletedSecretNotFound(params.name!)
  return { status: 200, body: secretBundle(vault, secret, latestVersion(secret), { withDeletion: true }) }
}

export function listDeletedSecrets({ call, simulator, vault }: VaultRequest): Reply {
  const items = Object.keys(vault.data.secrets)
    .sort()
    .map((key) => vault.data.secrets[key]!)
    .filter((secret) => isDeleted(simulator, secret))
    .map((secret) => secretItem(vault, secret, latestVersion(secret), { withDeletion: true }))
  return listReply(call, vault, 'deletedsecrets', items)
}

export function recoverSecret(request: VaultRequest): Reply {
  const secret = requireDeleted(request)
  delete secret.deletedAt
  delete secret.purgeAt
  return { status: 200, body: secretBundle(request.vault, secret, latestVersion(secret)) }
}

export function purgeSecret(request: VaultRequest): Reply {
  const { vault } = request
  const secret = requireDeleted(request)
  if (vault.purgeProtected)
    throw forbidden(
      'ForbiddenByPolicy',
      'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.',
    )
  delete vault.data.secrets[secret.name.toLowerCase()]
  return { status: 204 }
}
