import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { UsageError } from '../base/usage-error.ts'
import type { Invocation } from './invocation.ts'

const most = 25 * 1024

/** The secret's value from standard input or a file, without one final line break; undefined if none was given. It never comes by argv. */
export async function readSecretValue({ globals, world }: Invocation): Promise<string | undefined> {
  const { secretFromStdin, secretFromFile } = globals
  if (secretFromStdin && secretFromFile !== undefined)
    throw new UsageError('--secret-from-stdin and --secret-from-file exclude each other')
  if (!secretFromStdin && secretFromFile === undefined) return undefined
  const from = secretFromStdin
    ? '--secret-from-stdin'
    : `--secret-from-file ${JSON.stringify(secretFromFile)}`
  const bytes = secretFromStdin
    ? await buffer(world.stdin)
    : readFile(resolve(world.cwd, secretFromFile!), from)
  if (!isUtf8(bytes)) throw new UsageError(`${from} is not UTF-8 text; encode it, for example in base64`)
  const value = bytes.toString('utf8').replace(/\r?\n$/, '')
  if (value === '') throw new UsageError(`${from} is empty`)
  if (Buffer.byteLength(value) > most)
    throw new UsageError(`${from} holds ${Buffer.byteLength(value)} bytes; Key Vault takes at most ${most}`)
  return value
}

function readFile(path: string, from: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UsageError(`${from} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}
