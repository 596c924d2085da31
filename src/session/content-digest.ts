import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** More than any kubeconfig or chart; the digest of more would take too long. */
const maxBytes = 20 * 1024 * 1024
const maxEntries = 2000

/** Returns a digest of a file, or of everything in a folder; empty if it doesn't exist, undefined if it is too large. */
export function contentDigest(path: string): string | undefined {
  const hash = createHash('sha256')
  let bytes = 0
  let entries = 0
  const add = (at: string, name: string): boolean => {
    const found = lstatSync(at)
    entries += 1
    bytes += found.isFile() ? found.size : 0
    if (entries > maxEntries || bytes > maxBytes) return false
    hash.update(`\0${name}\0${found.isFile() ? found.size : ''}\0`)
    if (found.isSymbolicLink()) hash.update(readlinkSync(at))
    else if (found.isFile()) hash.update(readFileSync(at))
    else if (found.isDirectory())
      return readdirSync(at)
        .sort()
        .every((each) => add(join(at, each), `${name}/${each}`))
    return true
  }
  try {
    return add(path, '') ? hash.digest('hex') : undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? '' : undefined
  }
}
