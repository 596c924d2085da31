import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SandboxState } from '../sandbox-state.ts'
import { createPrivateFolder, readOrCreate, writePrivate } from './private-files.ts'

export const stateFileName = 'state.json'

const sealed = 'sealed:'

/** True for the value of a secret's version. */
const isSecretValue = (holder: unknown, name: string) =>
  name === 'value' && typeof holder === 'object' && holder !== null && 'version' in holder

/** The saved state of a sandbox folder. Secret values are encrypted at rest, as in Key Vault. */
export function stateFile(dir: string) {
  createPrivateFolder(dir)
  const path = join(dir, stateFileName)
  const key = Buffer.from(
    readOrCreate(dir, 'key', () => randomBytes(32).toString('base64')),
    'base64',
  )
  const encrypt = (text: string) => {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, iv)
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return sealed + Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')
  }
  const decrypt = (text: string) => {
    const raw = Buffer.from(text.slice(sealed.length), 'base64')
    const cipher = createDecipheriv('aes-256-gcm', key, raw.subarray(0, 12)).setAuthTag(raw.subarray(12, 28))
    return Buffer.concat([cipher.update(raw.subarray(28)), cipher.final()]).toString('utf8')
  }

  return {
    load(): SandboxState | undefined {
      if (!existsSync(path)) return undefined
      return JSON.parse(readFileSync(path, 'utf8'), (_, value) =>
        typeof value === 'string' && value.startsWith(sealed) ? decrypt(value) : value,
      ) as SandboxState
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
