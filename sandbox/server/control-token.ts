import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../sha256.ts'

/** Contains the token of the control endpoint, for programs of this user. */
export const controlTokenFile = (dir: string) => join(dir, 'control-token')

/** Returns a token for one start of the sandbox. */
export const newControlToken = () => randomBytes(32).toString('base64url')

/** Returns the token of the sandbox that runs on the folder, if it can be read. */
export function controlToken(dir: string): string | undefined {
  try {
    return /^[\w-]{43}$/.exec(readFileSync(controlTokenFile(dir), 'utf8'))?.[0]
  } catch {
    return undefined
  }
}

/** Returns whether an `Authorization` header carries the token. Takes equally long for every header. */
export const carriesToken = (header: string | undefined, token: string) =>
  timingSafeEqual(sha256(header ?? ''), sha256(`Bearer ${token}`))
