import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SandboxError } from '../sandbox-error.ts'
import type { SandboxState } from '../sandbox-state.ts'
import { services } from '../services.ts'
import { writePrivate } from './private-files.ts'

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
  [value.otherSubscriptions ?? []].flat().every((each) => hasTexts(each, 'id', 'displayName')) &&
  hasTexts(value.operator, 'clientId', 'clientSecret', 'objectId', 'displayName') &&
  services.every(({ state }) => !state || value[state.key] === undefined || isObject(value[state.key]))

const statePath = (dir: string) => join(dir, stateFileName)
const keyPath = (dir: string) => join(dir, keyFileName)

/** Returns the saved state; undefined if there is none. Writes nothing: a guest of the sandbox may call it. */
export function readState(dir: string): SandboxState | undefined {
  const path = statePath(dir)
  if (!existsSync(path)) return undefined
  const key = readKey(dir)
  const state = parseState(path, (text) => decrypt(dir, key, text))
  if (isObject(state) && typeof state.schema === 'number' && state.schema !== 1)
    throw damaged(path, `was written by another version of the sandbox (schema ${state.schema})`)
  if (!isState(state)) throw damaged(path, 'is damaged: it is not the state of a sandbox')
  return state as unknown as SandboxState
}

/**
 * Returns a function that saves the state, for the process that serves the folder. Secret values are encrypted at rest,
 * as in Key Vault, with a key that the first call creates.
 */
export function makeSaveState(dir: string): (state: SandboxState) => void {
  let key: Buffer | undefined
  return (state) => {
    key ??= readKey(dir) ?? createKey(dir)
    const own = key
    writePrivate(
      statePath(dir),
      JSON.stringify(state, function (name, value) {
        return isSecretValue(this, name) ? encrypt(own, value) : value
      }),
    )
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

function readKey(dir: string): Buffer | undefined {
  const path = keyPath(dir)
  if (!existsSync(path)) return undefined
  const key = Buffer.from(readFileSync(path, 'utf8'), 'base64')
  if (key.length !== 32) throw damaged(path, 'is damaged: it is not a key of 32 bytes')
  return key
}

function createKey(dir: string): Buffer {
  const key = randomBytes(32)
  writePrivate(keyPath(dir), key.toString('base64'))
  return key
}

function encrypt(key: Buffer, text: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return sealed + Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')
}

function decrypt(dir: string, key: Buffer | undefined, text: string): string {
  if (!key)
    throw damaged(keyPath(dir), `is missing, and the secrets in ${stateFileName} are encrypted with it`)
  const raw = Buffer.from(text.slice(sealed.length), 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, raw.subarray(0, 12))
    decipher.setAuthTag(raw.subarray(12, 28))
    return Buffer.concat([decipher.update(raw.subarray(28)), decipher.final()]).toString('utf8')
  } catch {
    throw damaged(
      keyPath(dir),
      `does not decrypt the secrets in ${stateFileName}: one of the two was changed`,
    )
  }
}
