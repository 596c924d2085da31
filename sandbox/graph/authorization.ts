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

/** Returns the caller's current application permissions and directory roles. */
function permissionsOf(call: GraphCall): string[] {
  const principal = call.simulator.state.directory.servicePrincipals[call.caller.oid]
  return principal && principal.deletedAt === undefined ? principal.directoryRights : []
}

const hasAny = (call: GraphCall, wanted: string[]) =>
  permissionsOf(call).some((permission) => wanted.includes(permission))

/** Throws 403 unless the caller can read the directory. */
export function requireReadPermission(call: GraphCall): void {
  if (!hasAny(call, [...readers, ...writers, ...creators])) throw requestDenied()
}

/** True for callers that can write only objects they own. They own what they create. */
export const isLimitedToOwned = (call: GraphCall) => !hasAny(call, writers) && hasAny(call, creators)

/** Throws 403 unless the caller can register applications. */
export function requireCreatePermission(call: GraphCall): void {
  if (!hasAny(call, [...writers, ...creators])) throw requestDenied()
}

/** Throws 403 unless the caller can write this object. */
export function requireWritePermission(call: GraphCall, { owners }: { owners?: string[] }): void {
  if (hasAny(call, writers)) return
  if (!isLimitedToOwned(call) || !owners?.includes(call.caller.oid)) throw requestDenied()
}

/** Throws 403 unless the caller can write groups. */
export function requireGroupWritePermission(call: GraphCall): void {
  if (
    !hasAny(call, [
      'Group.ReadWrite.All',
      'Directory.ReadWrite.All',
      'Global Administrator',
      'Groups Administrator',
    ])
  )
    throw requestDenied()
}

/** Throws 403 unless the caller has `Policy.Read.All` or a global role. */
export function requirePolicyReadPermission(call: GraphCall): void {
  if (!hasAny(call, ['Policy.Read.All', 'Global Administrator', 'Global Reader'])) throw requestDenied()
}
