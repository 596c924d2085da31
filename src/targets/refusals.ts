import { ServiceError } from '../clients/service-error.ts'
import type { RefusalCause, Target } from './target.ts'

/** Codes that services share; the others are those of a target's `refusal`. */
const causes: Readonly<Record<string, RefusalCause>> = {
  AuthorizationPermissionMismatch: 'role',
  ForbiddenByRbac: 'role',
  AccessDenied: 'role',
  AuthorizationFailure: 'network',
  ForbiddenByFirewall: 'network',
  ForbiddenByConnection: 'network',
  InvalidAuthenticationInfo: 'token',
  InvalidAuthenticationToken: 'token',
}

/** Returns why the service refused; undefined if the error is no refusal, such as an outage. */
export function refusalCause(target: Pick<Target, 'refusal'>, error: unknown): RefusalCause | undefined {
  if (!(error instanceof ServiceError)) return undefined
  const { code, innerCode, status, message } = error
  const own = target.refusal?.({ code: innerCode ?? code, status, message })
  if (own) return own
  const known = causes[innerCode ?? ''] ?? causes[code]
  if (known) return known
  return status === 404 ? 'entity' : status === 401 ? 'token' : status === 403 ? 'role' : undefined
}
