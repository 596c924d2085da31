import { ArmError } from '../errors.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody } from '../request-body.ts'
import { resourcesOfType } from '../resources/resources.ts'

/** How a type's names must look. A name is a host name, so it is unique across all tenants. */
export interface NameRule {
  type: string
  /** Other types that share the host names. */
  otherTypes?: readonly string[]
  isValid(name: string): boolean
  invalid(name: string): { code: string; message: string }
  taken(name: string): { code: string; message: string }
  /** Status of a creation with a taken name. */
  takenStatus: 400 | 409
}

/** True if a resource has the name. Here, other tenants have all names that begin with `taken`. */
export const isNameTaken = ({ simulator }: ArmRequest, types: readonly string[], name: string): boolean =>
  /^taken/i.test(name) ||
  types.some((type) =>
    resourcesOfType(simulator, type).some(({ body }) => body.name.toLowerCase() === name.toLowerCase()),
  )

const typesOf = ({ type, otherTypes = [] }: NameRule) => [type, ...otherTypes]

/** Throws unless a new resource can have the name. */
export function requireFreeName(request: ArmRequest, rule: NameRule, name: string): void {
  const problem = rule.isValid(name) ? rule.taken(name) : rule.invalid(name)
  if (!rule.isValid(name)) throw new ArmError(400, problem.code, problem.message)
  if (isNameTaken(request, typesOf(rule), name))
    throw new ArmError(rule.takenStatus, problem.code, problem.message)
}

/** Returns the route that tells whether a name is valid and free. */
export const nameCheckRoute = (rule: NameRule): ArmRoute => ({
  method: 'POST',
  path: `/subscriptions/:subscription/providers/${rule.type.split('/')[0]}/checkNameAvailability`,
  handler(request) {
    const { name = '' } = parseBody<{ name?: string }>(request.call, { name: 'string', type: 'string' })
    const unavailable = (reason: string, message: string) => ({
      status: 200,
      body: { nameAvailable: false, reason, message },
    })
    if (!rule.isValid(name)) return unavailable('Invalid', rule.invalid(name).message)
    if (isNameTaken(request, typesOf(rule), name))
      return unavailable('AlreadyExists', rule.taken(name).message)
    return { status: 200, body: { nameAvailable: true } }
  },
})
