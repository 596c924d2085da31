import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { ActionRequiredError } from './action-required.ts'
import { onExit } from './exit-tasks.ts'
import { isRunning, ownProcess } from './process-identity.ts'
import { stateFolder } from './state-folder.ts'

type Environment = Record<string, string | undefined>

interface Parent {
  path: string
  recursive: boolean
}

/**
 * Folders for temporary credentials, best first. The runtime folder belongs to the user and is in memory; the state
 * folder belongs to the user. The temporary folder is shared with other users, so it is the last one.
 */
function parents(env: Environment): Parent[] {
  const runtime = env.XDG_RUNTIME_DIR
  return [
    ...(runtime && isAbsolute(runtime) ? [{ path: join(runtime, 'wi-setup'), recursive: false }] : []),
    { path: join(stateFolder({ env, home: env.HOME || homedir() }), 'tmp'), recursive: true },
    { path: join(tmpdir(), `wi-setup-${process.getuid?.() ?? userInfo().username}`), recursive: false },
  ]
}

/** Throws if the folder is not this user's own. */
function assertOwn(path: string): void {
  const found = lstatSync(path)
  const { uid, mode } = found
  const me = process.getuid?.()
  if (!found.isDirectory()) throw new Error('is not a folder')
  if (me === undefined) return
  if (uid !== me) throw new Error('belongs to another user')
  if (mode & 0o022) throw new Error('is writable by other users')
  if (mode & 0o077) chmodSync(path, 0o700)
}

/** A folder that only this user can read. */
export interface PrivateFolder {
  path: string
  remove(): void
}

/** Creates an empty private folder, which is removed when the process exits at the latest. */
export function createPrivateFolder(env: Environment): PrivateFolder {
  const problems: string[] = []
  for (const { path: parent, recursive } of parents(env))
    try {
      makeParent(parent, recursive)
      const path = mkdtempSync(join(parent, `${ownProcess()}-`))
      const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 3 })
      const forget = onExit(remove)
      return {
        path,
        remove() {
          remove()
          forget()
        },
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      problems.push(`${parent} (${code ?? message})`)
    }
  throw new ActionRequiredError(
    `Can't create a private folder for temporary credentials: ${problems.join(', ')}`,
    'Set XDG_RUNTIME_DIR or XDG_STATE_HOME to a folder of your own that can be written',
  )
}

function makeParent(path: string, recursive: boolean): void {
  try {
    mkdirSync(path, { recursive, mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  assertOwn(path)
}

/** Age in ms from which a folder is left over although its process, in another container, can't be looked up. */
const maxAge = 3_600_000

const isLeftOver = (path: string, identity: string) => {
  const running = isRunning(identity)
  return running === undefined ? Date.now() - lstatSync(path).mtimeMs > maxAge : !running
}

/** Removes the private folders of processes that were killed. */
export function removeLeftOverFolders(env: Environment): void {
  for (const { path: parent } of parents(env))
    try {
      for (const name of readdirSync(parent)) {
        const identity = /^(\d+-\d+-[0-9a-f]{12})-/.exec(name)?.[1]
        const path = join(parent, name)
        if (identity === undefined || !isLeftOver(path, identity)) continue
        assertOwn(parent)
        rmSync(path, { recursive: true, force: true })
      }
    } catch {
      // A folder that doesn't exist, or isn't ours, has nothing to remove.
    }
}
