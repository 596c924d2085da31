import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** A file was not written; the message continues a sentence that names it: `is a symbolic link`. */
export class WriteError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'WriteError'
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder is not a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is exceeded',
  EMFILE: 'too many open files',
}

const writeError = (error: unknown): WriteError => {
  const { code, message } = error as NodeJS.ErrnoException
  return new WriteError(`can't be written: ${reasons[code ?? ''] ?? code ?? message}`, error)
}

const statOf = (path: string) => {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw writeError(error)
  }
}

/** Throws a `WriteError` for a link, a folder or a device, whose target would be written instead of a file. */
function existingMode(path: string): number | undefined {
  const found = statOf(path)
  if (!found) return undefined
  if (found.isSymbolicLink())
    throw new WriteError('is a symbolic link; wi-setup writes to regular files only')
  if (found.isDirectory()) throw new WriteError('is a folder')
  if (!found.isFile()) throw new WriteError('is not a regular file')
  if ((found.mode & 0o222) === 0) throw new WriteError('is write-protected')
  return found.mode & 0o777
}

const { O_CREAT, O_EXCL, O_WRONLY } = constants
// Not defined on Windows.
const O_NOFOLLOW = constants.O_NOFOLLOW ?? 0

/** Calls `use` with a new file next to `path`; it is removed unless `use` renames it. */
function withDraft(path: string, mode: number | undefined, use: (draft: string, fd: number) => void): void {
  const draft = join(dirname(path), `.${basename(path).slice(0, 60)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const fd = openSync(draft, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, mode === undefined ? 0o644 : 0o600)
    try {
      if (mode !== undefined) fchmodSync(fd, mode)
      use(draft, fd)
    } finally {
      closeSync(fd)
      rmSync(draft, { force: true })
    }
  } catch (error) {
    throw writeError(error)
  }
}

/**
 * Writes the file completely or not at all: to a new file in the same folder, which then takes its place. Keeps the mode
 * of an existing file unless `mode` is given. Other hard links keep the old content. Throws a `WriteError`.
 */
export function writeFileAtomically(path: string, text: string, { mode }: { mode?: number } = {}): void {
  const kept = existingMode(path)
  withDraft(path, mode ?? kept, (draft, fd) => {
    writeFileSync(fd, text)
    fsyncSync(fd)
    renameSync(draft, path)
  })
}

/** Throws the `WriteError` that writing the file would throw. */
export const requireWritable = (path: string): void => withDraft(path, existingMode(path), () => {})
