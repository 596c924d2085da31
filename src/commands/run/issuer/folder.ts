import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../../../base/usage-error.ts'
import { WriteError, writeFileAtomically } from '../../../base/write-file.ts'
import type { Destination } from './destination.ts'

interface FolderOptions {
  /** As given. */
  path: string
  url: string
  cwd: string
}

/** Returns the nearest folder that exists: the folder itself or the one in which it is created. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder))
}

/** With `recursive`, mkdirSync never returns where the system has no such folder, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder)
}

/** A folder that a web server serves. Throws a `UsageError` if nothing can be written to it. */
export function folderDestination({ path, url, cwd }: FolderOptions): Destination {
  const root = resolve(cwd, path)
  const fault = (why: string) => new UsageError(`--to ${JSON.stringify(path)} ${why}`)
  const start = existing(root)
  if (!statSync(start).isDirectory()) throw fault(`is not a folder: ${start} is a file`)
  try {
    accessSync(start, constants.W_OK)
  } catch {
    throw fault(`can't be written: permission denied for ${start}`)
  }
  return {
    title: `in the folder ${root}`,
    issuer: url,
    changes: [],
    prepare: async () => {},
    async read(file) {
      const full = join(root, file)
      if (!existsSync(full)) return undefined
      try {
        // The web server decides about the headers.
        return { text: readFileSync(full, 'utf8'), contentType: '', cacheControl: '' }
      } catch (error) {
        throw fault(`can't be used: ${(error as Error).message}`)
      }
    },
    async write(file, { text }) {
      const full = join(root, file)
      try {
        makeFolder(dirname(full))
        writeFileAtomically(full, text)
      } catch (error) {
        const { message } = error as Error
        throw fault(
          error instanceof WriteError ? `can't be used: ${file} ${message}` : `can't be written: ${message}`,
        )
      }
    },
  }
}
