import { requestDenied } from './errors.ts'
import type { GraphCall } from './request.ts'

const readers = ['Application.Read.All', 'Directory.Read.All', 'Global Reader', 'Directory Readers']
const writers = [
  'Application.ReadWrite.All',
  'Directory.ReadWrite.All',
  'Global Administrator',
  'Application Administrator',
  'Cloud Application Administrator',
]
const creators = ['Application.ReadWrite.OwnedBy', 'Application Developer']

/** The caller's permissions and roles as the directory has them now. */
function rightsOf(call: GraphCall): string[] {
  const principal = call.simulator.state.directory.servicePrincipals[call.caller.oid]
  return principal && principal.deletedAt === undefined ? principal.directoryRights : []
}

const has = (call: GraphCall, wanted: string[]) => rightsOf(call).some((right) => wanted.includes(right))

/** Throws 403 unless the caller may read the directory. */
export function requireReadPermission(call: GraphCall): void {
  if (!has(call, [...readers, ...writers, ...creators])) throw requestDenied()
}

/** True for callers that may write only what they own, and own what they create. */
export const isLimitedToOwned = (call: GraphCall) => !has(call, writers) && has(call, creators)

/** Throws 403 unless the caller may register applications. */
export function requireCreatePermission(call: GraphCall): void {
  if (!has(call, [...writers, ...creators])) throw requestDenied()
}

/** Throws 403 unless the caller may write this object. */
export function requireWritePermission(call: GraphCall, { owners }: { owners?: string[] }): void {
  if (has(call, writers)) return
  if (!isLimitedToOwned(call) || !owners?.includes(call.caller.oid)) throw requestDenied()
}

/** Throws 403 unless the caller has this very permission, or reads the whole directory by a role. */
export function requirePolicyReadPermission(call: GraphCall): void {
  if (!has(call, ['Policy.Read.All', 'Global Administrator', 'Global Reader'])) throw requestDenied()
}
