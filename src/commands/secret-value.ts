import { isUtf8 } from 'node:buffer'
import { resolve } from 'node:path'
import type { Host } from '../base/host.ts'
import { readFileLimited, readLimited, TooLargeError } from '../base/read-limited.ts'
import { readLimits } from '../base/read-limits.ts'
import { UsageError } from '../base/usage-error.ts'
import type { FlagValues } from './command.ts'

/** The flags of commands that write the secret. The value is never passed as an argument. */
export const secretFlags = {
  secretFromStdin: { description: 'Read the secret value from standard input', group: 'Vault:' },
  secretFromFile: { value: 'path', description: 'Read the secret value from a file', group: 'Vault:' },
} as const

// Key Vault's limit for a secret's value, in bytes.
const maxBytes = 25 * 1024

/** Returns the secret's value without one trailing newline; undefined if no flag gives one. */
export async function readSecretValue(
  { stdin, cwd }: Pick<Host, 'stdin' | 'cwd'>,
  { secretFromStdin, secretFromFile }: FlagValues<typeof secretFlags>,
): Promise<string | undefined> {
  if (secretFromStdin && secretFromFile !== undefined)
    throw new UsageError("--secret-from-stdin and --secret-from-file can't be combined")
  if (!secretFromStdin && secretFromFile === undefined) return undefined
  const source = secretFromStdin
    ? '--secret-from-stdin'
    : `--secret-from-file ${JSON.stringify(secretFromFile)}`
  const { secretInput } = readLimits
  const bytes = await (secretFromStdin
    ? readLimited(stdin, secretInput)
    : readFileLimited(resolve(cwd, secretFromFile!), secretInput)
  ).catch(unreadable(source))
  if (!isUtf8(bytes)) throw new UsageError(`${source} is not UTF-8 text; encode it, for example as base64`)
  const value = bytes.toString('utf8').replace(/\r?\n$/, '')
  if (value === '') throw new UsageError(`${source} is empty`)
  const size = Buffer.byteLength(value)
  if (size > maxBytes)
    throw new UsageError(`${source} has ${size} bytes; Key Vault accepts at most ${maxBytes}`)
  return value
}

const unreadable = (source: string) => (error: NodeJS.ErrnoException) => {
  const fault = error instanceof TooLargeError ? error.message : `can't be read: ${error.code}`
  throw new UsageError(`${source} ${fault}`)
}
