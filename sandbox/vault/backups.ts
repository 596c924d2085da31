import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import { sha256 } from '../sha256.ts'
import type { Simulator } from '../simulator.ts'
import { badParameter, conflict } from './errors.ts'
import type { VaultRequest } from './request.ts'
import { secretBundle } from './secret-view.ts'
import { latestVersion, requireSecret } from './secrets.ts'
import type { Secret } from './state.ts'

/** A backup can be restored in this sandbox only, as Azure's only in the same geography and subscription. */
const backupKey = ({ state }: Simulator) => sha256(state.operator.clientSecret)

/** Returns all versions of a secret, encrypted. */
export function backupSecret({ simulator, vault, params }: VaultRequest): Reply {
  const secret = requireSecret(vault, params.name!)
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', backupKey(simulator), iv)
  const encrypted = Buffer.concat([cipher.update(JSON.stringify(secret), 'utf8'), cipher.final()])
  return {
    status: 200,
    body: { value: Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString('base64url') },
  }
}

function decrypt(simulator: Simulator, value: string): Secret | undefined {
  try {
    const bytes = Buffer.from(value, 'base64url')
    const decipher = createDecipheriv('aes-256-gcm', backupKey(simulator), bytes.subarray(0, 12))
    decipher.setAuthTag(bytes.subarray(12, 28))
    return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString())
  } catch {
    return undefined
  }
}

/** Restores a secret with all its versions. Throws 409 if the vault has one of its name. */
export function restoreSecret({ call, simulator, vault }: VaultRequest): Reply {
  const { value } = call.json<{ value?: unknown } | null>() ?? {}
  const secret = typeof value === 'string' ? decrypt(simulator, value) : undefined
  if (!secret) throw badParameter('Backup blob contains invalid or corrupt version.')
  const key = secret.name.toLowerCase()
  if (ownProperty(vault.data.secrets, key))
    throw conflict(undefined, `The specified secret already exists: ${secret.name}`)
  vault.data.secrets[key] = secret
  return { status: 200, body: secretBundle(vault, secret, latestVersion(secret)) }
}
