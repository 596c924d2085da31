import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SandboxError } from '../sandbox-error.ts'
import type { SandboxState } from '../sandbox-state.ts'
import { services } from '../services.ts'
import { createPrivateFolder, readOrCreate, writePrivate } from './private-files.ts'

export const stateFileName = 'state.json'
export const keyFileName = 'key'

const sealed = 'sealed:'

/** Returns what to do about a file of the sandbox folder that can't be used. */
export const damaged = (path: string, what: string) =>
  new SandboxError(
    `${path} ${what}`,
    'Restore the file, or start over with an empty sandbox: npx wi-setup sandbox reset',
  )

/** True for the value of a secret's version. */
const isSecretValue = (holder: unknown, name: string) =>
  name === 'value' && typeof holder === 'object' && holder !== null && 'version' in holder

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const hasTexts = (value: unknown, ...names: string[]) =>
  isObject(value) && names.every((name) => typeof value[name] === 'string')

/** Returns whether this is a saved state; parts of services that are new since then may be missing. */
const isState = (value: unknown) =>
  isObject(value) &&
  Number.isInteger(value.port) &&
  hasTexts(value.tenant, 'id', 'domain', 'displayName') &&
  hasTexts(value.subscription, 'id', 'displayName') &&
  hasTexts(value.operator, 'clientId', 'clientSecret', 'objectId', 'displayName') &&
  services.every(({ state }) => !state || value[state.key] === undefined || isObject(value[state.key]))

/** The saved state of a sandbox folder. Secret values are encrypted at rest, as in Key Vault. */
export function stateFile(dir: string) {
  createPrivateFolder(dir)
  const path = join(dir, stateFileName)
  const { encrypt, decrypt } = cipherOf(dir)
  return {
    load(): SandboxState | undefined {
      if (!existsSync(path)) return undefined
      const state = parseState(path, decrypt)
      if (isObject(state) && typeof state.schema === 'number' && state.schema !== 1)
        throw damaged(path, `was written by another version of the sandbox (schema ${state.schema})`)
      if (!isState(state)) throw damaged(path, 'is damaged: it is not the state of a sandbox')
      return state as unknown as SandboxState
    },
    save(state: SandboxState): void {
      writePrivate(
        path,
        JSON.stringify(state, function (name, value) {
          return isSecretValue(this, name) ? encrypt(value) : value
        }),
      )
    },
  }
}

/** Returns the JSON of the file. Its text is not part of an error: it contains secrets. */
function parseState(path: string, decrypt: (text: string) => string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'), (_, value) =>
      typeof value === 'string' && value.startsWith(sealed) ? decrypt(value) : value,
    )
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(path, 'is damaged: it is not JSON')
    throw error
  }
}

function cipherOf(dir: string) {
  const keyPath = join(dir, keyFileName)
  const key = Buffer.from(
    readOrCreate(dir, keyFileName, () => randomBytes(32).toString('base64')),
    'base64',
  )
  if (key.length !== 32) throw damaged(keyPath, 'is damaged: it is not a key of 32 bytes')
  return {
    encrypt(text: string) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return sealed + Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')
    },
    decrypt(text: string) {
      const raw = Buffer.from(text.slice(sealed.length), 'base64')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, raw.subarray(0, 12))
        decipher.setAuthTag(raw.subarray(12, 28))
        return Buffer.concat([decipher.update(raw.subarray(28)), decipher.final()]).toString('utf8')
      } catch {
        throw damaged(keyPath, `does not decrypt the secrets in ${stateFileName}: one of the two was changed`)
      }
    },
  }
}
