import { realpathSync } from 'node:fs'

/** Returns the path without links; undefined if it leads to nothing. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
