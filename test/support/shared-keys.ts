import type { JWK } from 'jose'
import { newKeys, type SandboxKeys } from '../../sandbox/index.ts'

let made: Promise<SandboxKeys> | undefined
const pool: Promise<JWK>[] = []

/**
 * Returns the keys of one sandbox. All sandboxes of a process share them, because generating keys takes most of the
 * time of starting one: the n-th key is the same in each.
 */
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
