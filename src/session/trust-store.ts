import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { configFolder, type Host } from '../base/host.ts'
import { jsonText } from '../base/json-text.ts'
import { realPath } from '../base/real-path.ts'
import { sha256 } from '../base/sha256.ts'
import { UsageError } from '../base/usage-error.ts'
import { WriteError, writeFileAtomically } from '../base/write-file.ts'
import type { SensitiveValue } from '../settings/sensitive.ts'
import { contentDigest } from './content-digest.ts'
import { filesNamedBy } from './kubeconfig-files.ts'

/** What the user trusted in one settings file. */
export interface TrustedFile {
  /** ISO 8601 time of the last consent. */
  since: string
  /** The folder in which it was trusted: relative paths start there, as in a run. Earlier versions didn't note it. */
  cwd?: string
  /** The digest of each trusted value, by the setting's name. */
  digests: Record<string, string>
}

type TrustedFiles = Record<string, TrustedFile>

const storePath = (host: Pick<Host, 'env' | 'home'>) => join(configFolder(host), 'trusted.json')

/** Returns the path by which a settings file is listed: its real path or, if it is gone, the path itself. */
export const listedPath = (path: string): string => realPath(path) ?? path

/**
 * Returns a digest of the value. That of a path covers the content too, because it may change with the next `git pull`:
 * of everything in the folder of the settings file, of what a relative path names, and of the files that such a
 * kubeconfig names in turn. Undefined if it is too large or unreadable.
 */
function digestOf({ name, value, isPath }: SensitiveValue, file: string, cwd: string): string | undefined {
  const given = resolve(cwd, value)
  const path = isPath ? listedPath(given) : ''
  const folder = dirname(listedPath(file))
  const isLocal = isPath && (!isAbsolute(value) || path.startsWith(`${folder}${sep}`))
  // Files that the kubeconfig names are relative to its path, even if that is a link.
  const named = isLocal && name === 'kubeconfig' ? filesNamedBy(given, { folder, cwd }) : []
  const content = named && contentDigest(isLocal ? [path, ...named] : [])
  if (content === undefined) return undefined
  return sha256(JSON.stringify([name, value, path, content])).toString('hex')
}

/** Throws a `UsageError` for a damaged list. */
export function readTrustedFiles(host: Pick<Host, 'env' | 'home'>): TrustedFiles {
  const path = storePath(host)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return {}
    throw new UsageError(`The list of trusted files ${path} can't be read: ${code}`)
  }
  const damaged = new UsageError(
    `The list of trusted files ${path} is damaged\n  delete it, and trust the files again`,
  )
  try {
    const { version, files } = JSON.parse(text)
    if (version !== 1 || !Object.values(files as object).every(isTrustedFile)) throw damaged
    return files
  } catch {
    throw damaged
  }
}

const isTrustedFile = (entry: unknown): entry is TrustedFile => {
  const { since, cwd, digests } = (entry ?? {}) as Partial<TrustedFile>
  return (
    typeof since === 'string' &&
    (cwd === undefined || typeof cwd === 'string') &&
    typeof digests === 'object' &&
    digests !== null &&
    Object.values(digests).every((digest) => typeof digest === 'string')
  )
}

/** Replaces the list. Only the user can read it. Throws a `UsageError` if it can't be written. */
export function writeTrustedFiles(host: Pick<Host, 'env' | 'home'>, files: TrustedFiles): void {
  const path = storePath(host)
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileAtomically(path, `${jsonText({ version: 1, files }, 2)}\n`, { mode: 0o600 })
  } catch (error) {
    const why =
      error instanceof WriteError
        ? error.message
        : `can't be written: ${(error as NodeJS.ErrnoException).code}`
    throw new UsageError(`The list of trusted files ${path} ${why}`)
  }
}

/** Returns those of the values that the user has trusted, in exactly this form. */
export function trustedOf(
  values: readonly SensitiveValue[],
  file: string,
  host: Pick<Host, 'env' | 'home' | 'cwd'>,
): SensitiveValue[] {
  if (values.length === 0) return []
  const entry = readTrustedFiles(host)[listedPath(file)]
  return values.filter((each) => {
    const digest = entry && digestOf(each, file, host.cwd)
    return digest !== undefined && entry?.digests[each.name] === digest
  })
}

/** Adds the values to what is trusted in the file. */
export function trustValues(
  values: readonly SensitiveValue[],
  file: string,
  host: Pick<Host, 'env' | 'home' | 'cwd'>,
): void {
  const digests = Object.fromEntries(
    values.flatMap((each) => {
      const digest = digestOf(each, file, host.cwd)
      return digest === undefined ? [] : [[each.name, digest]]
    }),
  )
  if (Object.keys(digests).length === 0) return
  const files = readTrustedFiles(host)
  const path = listedPath(file)
  const before = files[path]?.digests ?? {}
  if (Object.entries(digests).every(([name, digest]) => before[name] === digest)) return
  const since = new Date().toISOString()
  writeTrustedFiles(host, { ...files, [path]: { since, cwd: host.cwd, digests: { ...before, ...digests } } })
}
