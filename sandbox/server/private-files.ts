import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { SandboxError } from '../sandbox-error.ts'

/** Reads a file that only its owner may read; creates it if it is missing. */
export function readOrCreate(dir: string, name: string, create: () => string): string {
  const path = join(dir, name)
  if (existsSync(path)) return readFileSync(path, 'utf8')
  const text = create()
  writePrivate(path, text)
  return text
}

/** Writes the complete file or nothing, and never through a symbolic link. */
export function writePrivate(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`
  rmSync(draft, { force: true })
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' })
  renameSync(draft, path)
}

/** Creates a folder for this user only. Throws `SandboxError` if it is a link, or others own it or can write to it. */
export function createPrivateFolder(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const { mode, uid } = lstatSync(dir)
  const me = process.getuid?.()
  const problem = lstatSync(dir).isSymbolicLink()
    ? 'is a symbolic link'
    : me !== undefined && uid !== me
      ? 'belongs to another user'
      : me !== undefined && mode & 0o022
        ? 'is writable by other users'
        : undefined
  if (problem)
    throw new SandboxError(
      `The sandbox folder ${dir} ${problem}`,
      'Delete the folder, restrict it to your user (chmod 700), or set XDG_STATE_HOME to a folder of your own',
    )
  if (me !== undefined && mode & 0o077) chmodSync(dir, 0o700)
}
