import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { UsageError } from '../settings/usage-error.ts'
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
  const value = (
    secretFromStdin ? await text(world.stdin) : readFile(resolve(world.cwd, secretFromFile!), from)
  ).replace(/\r?\n$/, '')
  if (value === '') throw new UsageError(`${from} is empty`)
  if (Buffer.byteLength(value) > most)
    throw new UsageError(`${from} holds ${Buffer.byteLength(value)} bytes; Key Vault takes at most ${most}`)
  return value
}

function readFile(path: string, from: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${from} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}
