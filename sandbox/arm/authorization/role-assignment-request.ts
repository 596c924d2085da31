import { isGuid } from '../../guid.ts'
import type { Simulator } from '../../simulator.ts'
import { ArmError, groupNotFound, invalidContent, notFound } from '../errors.ts'
import type { ArmRequest } from '../request.ts'
import { parseBody, type Shape } from '../request-body.ts'
import { findGroup, findResource } from '../resources/resources.ts'
import { covers, roleForDefinition } from './permissions.ts'
import type { Role } from './role.ts'

interface AssignmentProperties {
  roleDefinitionId?: string
  principalId?: string
  principalType?: string
  description?: string
  condition?: string
  conditionVersion?: string
}

const shape: Shape = {
  properties: {
    roleDefinitionId: 'string',
    principalId: 'string',
    principalType: 'string',
    description: 'string',
    condition: 'string',
    conditionVersion: 'string',
  },
}

const principalTypes = ['User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device']
const equal = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** What a PUT of a role assignment asks for. */
export interface AssignmentRequest {
  name: string
  scope: string
  role: Role
  principalId: string
  principalType: string | undefined
  extra: Pick<AssignmentProperties, 'description' | 'condition' | 'conditionVersion'>
}

/** Reads and checks a PUT of a role assignment. Throws 400 or 404. */
export function parseAssignment({ call, simulator, params }: ArmRequest): AssignmentRequest {
  const [scope, name] = [params.scope || '/', params.assignment!]
  const input = parseBody<{ properties?: AssignmentProperties }>(call, shape).properties ?? {}
  const { roleDefinitionId, principalId, principalType, description, condition, conditionVersion } = input
  if (!isGuid(name))
    throw new ArmError(
      400,
      'InvalidRoleAssignmentId',
      `The role assignment ID '${name}' is not valid. The role assignment ID must be a GUID.`,
    )
  if (!roleDefinitionId || !principalId)
    throw invalidContent(
      "The request content was invalid and could not be deserialized: 'Required properties roleDefinitionId and principalId are missing'.",
    )
  if (!isGuid(principalId))
    throw new ArmError(
      400,
      'InvalidPrincipalId',
      'A valid principal ID must be provided for role assignment.',
    )
  if (principalType && !principalTypes.some((type) => equal(type, principalType)))
    throw new ArmError(400, 'InvalidPrincipalType', `The principal type '${principalType}' is not valid.`)
  requireScope(simulator, scope)
  return {
    name,
    scope,
    role: requireRole(simulator, roleDefinitionId, scope),
    principalId,
    principalType,
    extra: {
      ...(description !== undefined && { description }),
      ...(condition !== undefined && { condition, conditionVersion: conditionVersion ?? '2.0' }),
    },
  }
}

function requireRole(simulator: Simulator, roleDefinitionId: string, scope: string): Role {
  const role = roleForDefinition(simulator, roleDefinitionId)
  if (!role)
    throw new ArmError(
      404,
      'RoleDefinitionDoesNotExist',
      `The specified role definition with ID '${roleDefinitionId.split('/').at(-1)!.replaceAll('-', '')}' does not exist.`,
    )
  // A built-in role can be assigned everywhere.
  if (role.assignableScopes?.some((each) => covers(each, scope)) === false)
    throw new ArmError(
      400,
      'RoleAssignmentScopeNotAssignableToRoleDefinition',
      `The role assignment scope '${scope}' is not assignable to the role definition '${role.guid.replaceAll('-', '')}'.`,
    )
  return role
}

/** Throws 404 unless the group and the resource exist. Parts of a resource, such as a secret, are not checked. */
function requireScope(simulator: Simulator, scope: string): void {
  const [top, group] =
    /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)(\/providers\/[^/]+\/[^/]+\/[^/]+)?/i.exec(scope) ?? []
  if (!top || !group) return
  if (!findGroup(simulator, scope, group)) throw groupNotFound(group)
  if (/\/providers\//i.test(top) && !findResource(simulator, top)) throw notFound(top)
}

/** Returns the principal's type. Unless the request states it, the directory must know the principal already. */
export function resolvePrincipalType(
  simulator: Simulator,
  principalId: string,
  requested: string | undefined,
): string {
  const { servicePrincipals, applications, groups = {} } = simulator.state.directory
  const matches = ({ id, deletedAt }: { id: string; deletedAt?: number }) =>
    equal(id, principalId) && deletedAt === undefined
  const principal = Object.values(servicePrincipals).find(matches)
  const isGroup = Object.values(groups).some(matches)
  const type = isGroup ? 'Group' : 'ServicePrincipal'
  if ((principal || isGroup) && requested && !equal(requested, type))
    throw new ArmError(
      400,
      'UnmatchedPrincipalType',
      `The PrincipalId '${principalId.replaceAll('-', '')}' has type '${type}' , which is different from specified PrinciaplType '${requested}'.`,
    )
  if (requested) return requested
  if (isGroup) return type
  if (principal && !simulator.isPending(principal.createdAt, 'directoryLag')) return 'ServicePrincipal'
  if (Object.values(applications).some(matches))
    throw new ArmError(
      400,
      'PrincipalTypeNotSupported',
      'Principals of type Application cannot validly be used in role assignments.',
    )
  throw new ArmError(
    400,
    'PrincipalNotFound',
    `Principal ${principalId} does not exist in the directory ${simulator.state.tenant.id}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype`,
  )
}
