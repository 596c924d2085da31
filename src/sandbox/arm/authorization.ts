import type { Cloud } from '../cloud.ts'

/**
 * True if a role assignment at `scope` or above allows the principal this action (`kind` data: data actions),
 * and has been there long enough to take effect.
 */
export function allowed(
  _cloud: Cloud,
  _principalId: string,
  _action: string,
  _scope: string,
  _kind: 'control' | 'data' = 'control',
): boolean {
  return false
}
