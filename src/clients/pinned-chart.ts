import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readFileLimited, TooLargeError } from '../base/read-limited.ts'
import { readLimits } from '../base/read-limits.ts'
import { sha256 } from '../base/sha256.ts'
import { ServiceError } from './service-error.ts'

/**
 * Returns the archive that `helm pull` has left in the folder. Throws `ServiceError` with the code `ChartDigestMismatch`
 * unless its SHA-256 is the pinned one.
 */
export async function pinnedArchive(folder: string, digest: string): Promise<string> {
  const name = readdirSync(folder).find((each) => each.endsWith('.tgz'))
  const failed = (text: string) =>
    new ServiceError({
      service: 'helm',
      code: 'ChartDigestMismatch',
      message: `The chart ${text}; it was not installed`,
    })
  if (name === undefined) throw failed('was downloaded without an archive')
  const archive = join(folder, name)
  const content = await readFileLimited(archive, readLimits.manifest).catch((error) => {
    throw error instanceof TooLargeError ? failed(`${name} ${error.message}`) : error
  })
  const found = sha256(content).toString('hex')
  if (found === digest) return archive
  throw failed(`${name} has the SHA-256 ${found} instead of ${digest}`)
}
