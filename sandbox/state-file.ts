import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { ActionRequiredError } from '../src/base/action-required.ts'
import type { SandboxState } from './sandbox-state.ts'

const sealed = 'sealed:'

/** Reads or makes a file that only its owner may read. */
export function keep(dir: string, name: string, make: () => string): string {
  const path = join(dir, name)
  if (existsSync(path)) return readFileSync(path, 'utf8')
  const text = make()
  writePrivate(path, text)
  return text
}

/** Makes a folder that is this user's alone. Throws `Refusal` if it leads elsewhere, or others may write into it. */
export function ownFolder(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const { mode, uid } = lstatSync(dir)
  const me = process.getuid?.()
  const why = lstatSync(dir).isSymbolicLink()
    ? 'is a link'
    : me !== undefined && uid !== me
      ? 'belongs to another user'
      : me !== undefined && mode & 0o022
        ? 'may be written to by others'
        : undefined
  if (why)
    throw new ActionRequiredError(
      `The folder of the sandbox ${dir} ${why}`,
      'Remove it or take the right to write from others (chmod 700), or set XDG_STATE_HOME to a folder of your own',
    )
  if (me !== undefined && mode & 0o077) chmodSync(dir, 0o700)
}

/** Writes whole or not at all, and never through a link. */
export function writePrivate(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`
  rmSync(draft, { force: true })
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' })
  renameSync(draft, path)
}

/** The world in a folder. Secret values are encrypted at rest, as Key Vault does. */
export function stateFile(dir: string) {
  ownFolder(dir)
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
    load(): SandboxState | undefined {
      if (!existsSync(path)) return undefined
      return JSON.parse(readFileSync(path, 'utf8'), (_, value) =>
        typeof value === 'string' && value.startsWith(sealed) ? open(value) : value,
      ) as SandboxState
    },
    save(state: SandboxState): void {
      writePrivate(
        path,
        JSON.stringify(state, function (name, value) {
          return isValue(this, name) ? seal(value) : value
        }),
      )
    },
  }
}
