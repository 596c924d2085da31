import type { JWK } from 'jose'
import { newKeys, type SandboxKeys } from '../../sandbox/index.ts'

let made: Promise<SandboxKeys> | undefined
const pool: Promise<JWK>[] = []

/** Keys for one world; all worlds of a process share them, each its own order of them from the first. */
export async function sharedKeys(): Promise<SandboxKeys> {
  made ??= newKeys()
  const { authority, server, newRsaKey } = await made
  let next = 0
  return {
    authority,
    server,
    newRsaKey: async () => {
      const turn = next++
      pool[turn] ??= newRsaKey()
      return { ...(await pool[turn]) }
    },
  }
}
