import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { World } from './world.ts'

const sealed = 'sealed:'

/** Reads or makes a file that only its owner may read. */
export function keep(dir: string, name: string, make: () => string): string {
  const path = join(dir, name)
  if (existsSync(path)) return readFileSync(path, 'utf8')
  const text = make()
  writePrivate(path, text)
  return text
}

/** Writes whole or not at all. */
export function writePrivate(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, path)
}

/** The world in a folder. Secret values are encrypted at rest, as Key Vault does. */
export function stateFile(dir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const path = join(dir, 'world.json')
  const key = Buffer.from(
    keep(dir, 'key', () => randomBytes(32).toString('base64')),
    'base64',
  )
  const isValue = (holder: unknown, name: string) =>
    name === 'value' && typeof holder === 'object' && holder !== null && 'version' in holder

  const seal = (text: string) => {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, iv)
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return sealed + Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')
  }
  const open = (text: string) => {
    const raw = Buffer.from(text.slice(sealed.length), 'base64')
    const cipher = createDecipheriv('aes-256-gcm', key, raw.subarray(0, 12)).setAuthTag(raw.subarray(12, 28))
    return Buffer.concat([cipher.update(raw.subarray(28)), cipher.final()]).toString('utf8')
  }

  return {
    load(): World | undefined {
      if (!existsSync(path)) return undefined
      return JSON.parse(readFileSync(path, 'utf8'), (_, value) =>
        typeof value === 'string' && value.startsWith(sealed) ? open(value) : value,
      ) as World
    },
    save(world: World): void {
      writePrivate(
        path,
        JSON.stringify(world, function (name, value) {
          return isValue(this, name) ? seal(value) : value
        }),
      )
    },
  }
}
