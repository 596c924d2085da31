import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { SandboxError } from '../sandbox-error.ts'

const me = process.getuid?.()

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
}

/** Returns what the user must do about an error of the file system; any other error unchanged. */
export function fileError(error: unknown, path: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined) return error
  if (code === 'EMFILE' || code === 'ENFILE')
    return new SandboxError(
      `The sandbox can't open ${path}: too many open files (${code})`,
      'Raise the limit (ulimit -n 4096), then run the command again',
    )
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  return new SandboxError(
    `The sandbox can't write ${path}: ${reasons[code] ?? syscall} (${code})`,
    isFull
      ? 'Free some space there, or set XDG_STATE_HOME to a folder on another disk'
      : 'Make the folder writable for you, or set XDG_STATE_HOME to a folder of your own',
  )
}

/** Runs `write`, and reports its failure with the path. */
export function reportingPath<T>(path: string, write: () => T): T {
  try {
    return write()
  } catch (error) {
    throw fileError(error, path)
  }
}

/** Writes the complete file or nothing, and never through a symbolic link. */
export function writePrivate(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`
  reportingPath(path, () => {
    try {
      rmSync(draft, { force: true })
      writeFileSync(draft, text, { mode: 0o600, flag: 'wx' })
      // The umask may have taken away more than others' access.
      chmodSync(draft, 0o600)
      renameSync(draft, path)
    } catch (error) {
      rmSync(draft, { force: true })
      throw error
    }
  })
}

/** Unlike a recursive `mkdirSync`, fails with the code of the file system on one that is read-only. */
function makeFolder(path: string): void {
  if (!existsSync(path)) mkdirSync(path, { mode: 0o700 })
}

/** Creates a folder for this user only, in a folder that is this user's already. */
export function createFolder(path: string): void {
  reportingPath(path, () => {
    makeFolder(path)
    if (me !== undefined && (lstatSync(path).mode & 0o777) !== 0o700) chmodSync(path, 0o700)
  })
}

/** Creates a folder for this user only. Throws `SandboxError` if it is a link, or others own it or can write to it. */
export function createPrivateFolder(dir: string): void {
  reportingPath(dir, () => {
    mkdirSync(dirname(dir), { recursive: true, mode: 0o700 })
    makeFolder(dir)
  })
  const stats = lstatSync(dir)
  const problem = stats.isSymbolicLink()
    ? 'is a symbolic link'
    : me !== undefined && stats.uid !== me
      ? 'belongs to another user'
      : me !== undefined && stats.mode & 0o022
        ? 'is writable by other users'
        : undefined
  if (problem)
    throw new SandboxError(
      `The sandbox folder ${dir} ${problem}`,
      'Delete the folder, restrict it to your user (chmod 700), or set XDG_STATE_HOME to a folder of your own',
    )
  if (me !== undefined && (stats.mode & 0o777) !== 0o700) reportingPath(dir, () => chmodSync(dir, 0o700))
}

/**
 * Takes away the access that others have to what is in the folder. Throws `SandboxError` for what is a link or belongs
 * to another user: it was put there by somebody else.
 */
export function restrictContents(dir: string): void {
  if (me === undefined) return
  for (const name of readdirSync(dir)) {
    const path = join(dir, name)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (!stats) continue
    if (stats.isSymbolicLink() || stats.uid !== me)
      throw new SandboxError(
        `${path} ${stats.isSymbolicLink() ? 'is a symbolic link' : 'belongs to another user'}, and the sandbox did not create it`,
        'Delete it, then run the command again',
      )
    if (stats.mode & 0o077) reportingPath(path, () => chmodSync(path, stats.isDirectory() ? 0o700 : 0o600))
  }
}
