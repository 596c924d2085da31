import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import type { Call, Reply } from '../http.ts'
import { ownProperty } from '../own-property.ts'
import type { Simulator } from '../simulator.ts'
import { bundle } from './bundle.ts'
import { badParameter, conflict } from './errors.ts'
import { latest, requireSecret } from './secrets.ts'
import type { Secret } from './state.ts'
import type { Vault } from './vaults.ts'

/** Backups can be read in this world only, as those of Azure only in one geography of one subscription. */
const keyOf = ({ state }: Simulator) => createHash('sha256').update(state.operator.clientSecret).digest()

/** All versions of a secret, sealed. */
export function backupSecret(simulator: Simulator, vault: Vault, name: string): Reply {
  const secret = requireSecret(vault, name)
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keyOf(simulator), iv)
  const sealed = Buffer.concat([cipher.update(JSON.stringify(secret), 'utf8'), cipher.final()])
  return {
    status: 200,
    body: { value: Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url') },
  }
}

function opened(simulator: Simulator, value: string): Secret | undefined {
  try {
    const bytes = Buffer.from(value, 'base64url')
    const decipher = createDecipheriv('aes-256-gcm', keyOf(simulator), bytes.subarray(0, 12))
    decipher.setAuthTag(bytes.subarray(12, 28))
    return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString())
  } catch {
    return undefined
  }
}

/** Brings a secret of a backup back with all its versions. Throws 409 where there is one of its name. */
export function restoreSecret(call: Call, simulator: Simulator, vault: Vault): Reply {
  const { value } = call.json<{ value?: unknown } | null>() ?? {}
  const secret = typeof value === 'string' ? opened(simulator, value) : undefined
  if (!secret) throw badParameter('Backup blob contains invalid or corrupt version.')
  const key = secret.name.toLowerCase()
  if (ownProperty(vault.data.secrets, key))
    throw conflict(undefined, `The specified secret already exists: ${secret.name}`)
  vault.data.secrets[key] = secret
  simulator.markChanged()
  return { status: 200, body: bundle(vault, secret, latest(secret)) }
}
