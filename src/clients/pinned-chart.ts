import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readFileLimited } from '../base/read-limited.ts'
import { readLimits } from '../base/read-limits.ts'
import { sha256 } from '../base/sha256.ts'
import { ServiceError } from './service-error.ts'

/**
 * Returns the archive that `helm pull` has left in the folder. Throws `ServiceError` with the code `ChartDigestMismatch`
 * unless its SHA-256 is the pinned one.
 */
export async function pinnedArchive(folder: string, digest: string): Promise<string> {
  const name = readdirSync(folder).find((each) => each.endsWith('.tgz')) ?? ''
  const archive = join(folder, name)
  const found = name
    ? sha256(await readFileLimited(archive, readLimits.manifest)).toString('hex')
    : '(no archive)'
  if (found === digest) return archive
  throw new ServiceError({
    service: 'helm',
    code: 'ChartDigestMismatch',
    message: `The chart ${name} has the SHA-256 ${found} instead of ${digest}; it was not installed`,
  })
}
