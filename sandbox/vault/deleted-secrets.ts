import type { Call, Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import type { Simulator } from '../simulator.ts'
import { bundle, deletion, item } from './bundle.ts'
import { conflict, deletedSecretNotFound, forbidden } from './errors.ts'
import { page } from './paging.ts'
import { latest, requireName } from './secrets.ts'
import type { Secret } from './state.ts'
import type { Vault } from './vaults.ts'

const isSettled = (simulator: Simulator, secret: Secret) =>
  secret.deletedAt !== undefined && !simulator.isPending(secret.deletedAt, 'secretDelete')

/** Removes for good what has been deleted for as long as the vault keeps it. */
export function dropExpired(simulator: Simulator, vault: Vault): void {
  for (const [key, { purgeAt, deletedAt }] of Object.entries(vault.data.secrets)) {
    if (deletedAt === undefined || purgeAt === undefined || purgeAt > simulator.now()) continue
    delete vault.data.secrets[key]
    simulator.markChanged()
  }
}

function requireDeleted(vault: Vault, name: string): Secret {
  requireName(name)
  const found = ownProperty(vault.data.secrets, name.toLowerCase())
  if (!found || found.deletedAt === undefined) throw deletedSecretNotFound(name)
  return found
}

function requireSettled(simulator: Simulator, vault: Vault, name: string): Secret {
  const secret = requireDeleted(vault, name)
  if (!isSettled(simulator, secret))
    throw conflict('ObjectIsBeingDeleted', `Secret ${name} is currently being deleted; retry later.`)
  return secret
}

export function getDeletedSecret(simulator: Simulator, vault: Vault, name: string): Reply {
  const secret = requireDeleted(vault, name)
  if (!isSettled(simulator, secret)) throw deletedSecretNotFound(name)
  if (!latest(secret).enabled)
    throw forbidden('SecretDisabled', 'Operation get is not allowed on a disabled secret.')
  return { status: 200, body: { ...deletion(vault, secret), ...bundle(vault, secret, latest(secret)) } }
}

export function listDeletedSecrets(call: Call, simulator: Simulator, vault: Vault): Reply {
  const items = Object.keys(vault.data.secrets)
    .sort()
    .map((key) => vault.data.secrets[key]!)
    .filter((secret) => isSettled(simulator, secret))
    .map((secret) => ({ ...deletion(vault, secret), ...item(vault, secret, latest(secret)) }))
  return page(call, vault, 'deletedsecrets', items)
}

export function recoverSecret(simulator: Simulator, vault: Vault, name: string): Reply {
  const secret = requireSettled(simulator, vault, name)
  delete secret.deletedAt
  delete secret.purgeAt
  simulator.markChanged()
  return { status: 200, body: bundle(vault, secret, latest(secret)) }
}

export function purgeSecret(simulator: Simulator, vault: Vault, name: string): Reply {
  const secret = requireSettled(simulator, vault, name)
  if (vault.purgeProtected)
    throw forbidden(
      'ForbiddenByPolicy',
      'Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.',
    )
  delete vault.data.secrets[secret.name.toLowerCase()]
  simulator.markChanged()
  return { status: 204 }
}
