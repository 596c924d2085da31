import { createHash } from 'node:crypto'
import {
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs'
import { join } from 'node:path'

/** More than any kubeconfig or chart; the digest of more would take too long. */
const maxBytes = 20 * 1024 * 1024
const maxEntries = 2000

const kindOf = (found: Stats | undefined) =>
  found === undefined
    ? 'missing'
    : found.isFile()
      ? `file ${found.size}`
      : found.isDirectory()
        ? 'folder'
        : 'other'

/**
 * Returns a digest of files, and of everything in folders; undefined if that is unreadable or too large. Links are
 * followed, as by the programs that read the files.
 */
export function contentDigest(paths: readonly string[]): string | undefined {
  const hash = createHash('sha256')
  let bytes = 0
  let entries = 0
  /** The folders around the current one: a link to one of them would not end. */
  const around = new Set<string>()
  const addFolder = (at: string, name: string): boolean => {
    const real = realpathSync(at)
    if (around.has(real)) return true
    around.add(real)
    const complete = readdirSync(at)
      .sort()
      .every((each) => add(join(at, each), `${name}/${each}`))
    around.delete(real)
    return complete
  }
  const add = (at: string, name: string): boolean => {
    const isLink = lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink()
    const found = statSync(at, { throwIfNoEntry: false })
    entries += 1
    bytes += found?.isFile() ? found.size : 0
    if (entries > maxEntries || bytes > maxBytes) return false
    hash.update(`\0${name}\0${isLink ? readlinkSync(at) : ''}\0${kindOf(found)}\0`)
    if (found?.isFile()) hash.update(readFileSync(at))
    return !found?.isDirectory() || addFolder(at, name)
  }
  try {
    return paths.every((path) => add(path, path)) ? hash.digest('hex') : undefined
  } catch {
    return undefined
  }
}
