import type { JWK } from 'jose'
import { type Keys, newKeys } from '../../sandbox/index.ts'

let made: Promise<Keys> | undefined
const pool: Promise<JWK>[] = []

/** Keys for one world; all worlds of a process share them, each its own order of them from the first. */
export async function sharedKeys(): Promise<Keys> {
  made ??= newKeys()
  const { authority, leaf, newRsaKey } = await made
  let next = 0
  return {
    authority,
    leaf,
    newRsaKey: async () => {
      const turn = next++
      pool[turn] ??= newRsaKey()
      return { ...(await pool[turn]) }
    },
  }
}
