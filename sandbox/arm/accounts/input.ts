import { ArmError } from '../errors.ts'
import type { Shape } from '../request-body.ts'

/** `networkAcls` and `networkRuleSet`: rules with addresses as `value`. */
export const networkShape = {
  defaultAction: 'string',
  bypass: 'string',
  ipRules: [{ value: 'string', action: 'string' }],
  virtualNetworkRules: [{ id: 'string' }],
} as const satisfies Shape

/** Returns one of the allowed values in the service's spelling, or the default. Throws 400 for another one. */
export function oneOf<T extends string>(
  name: string,
  value: unknown,
  allowed: readonly T[],
  fallback: NoInfer<T>,
): T {
  if (value === undefined || value === null) return fallback
  const found = allowed.find((each) => each.toLowerCase() === String(value).toLowerCase())
  if (found) return found
  throw new ArmError(
    400,
    'InvalidParameter',
    `The value '${value}' of '${name}' is invalid. Allowed values: ${allowed.join(', ')}.`,
    { target: name },
  )
}

/** The values of `publicNetworkAccess`; not all services know the last one. */
export const accessModes = ['Enabled', 'Disabled', 'SecuredByPerimeter'] as const
