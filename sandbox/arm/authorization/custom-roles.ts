import { isGuid } from '../../guid.ts'
import type { Reply } from '../../http.ts'
import { ownProperty } from '../../own-property.ts'
import { ArmError, invalidContent } from '../errors.ts'
import type { ArmRequest } from '../request.ts'
import { parseBody, type Shape } from '../request-body.ts'
import { roleForDefinition } from './permissions.ts'
import type { Permission, Role } from './role.ts'

interface DefinitionProperties {
  roleName?: string
  description?: string
  type?: string
  assignableScopes?: string[]
  permissions?: Partial<Permission>[]
}

const shape: Shape = {
  properties: {
    roleName: 'string',
    description: 'string',
    type: 'string',
    assignableScopes: ['string'],
    permissions: [
      { actions: ['string'], notActions: ['string'], dataActions: ['string'], notDataActions: ['string'] },
    ],
  },
}

/** Reads the definition of a custom role. Its permissions are merged into one. Throws 400. */
function parseDefinition({ call, params }: ArmRequest): Role {
  const guid = params.role!.toLowerCase()
  if (!isGuid(guid))
    throw new ArmError(
      400,
      'InvalidRoleDefinitionId',
      `The role definition ID '${params.role}' is not valid.`,
    )
  const { roleName, description, assignableScopes, permissions } =
    parseBody<{ properties?: DefinitionProperties }>(call, shape).properties ?? {}
  if (!roleName || !assignableScopes?.length || !permissions?.length)
    throw invalidContent(
      "The request content was invalid and could not be deserialized: 'Required properties roleName, assignableScopes and permissions are missing'.",
    )
  const merged = (name: keyof Permission) => permissions.flatMap((each) => each[name] ?? [])
  return {
    guid,
    name: roleName,
    description: description ?? '',
    assignableScopes,
    permission: {
      actions: merged('actions'),
      notActions: merged('notActions'),
      dataActions: merged('dataActions'),
      notDataActions: merged('notDataActions'),
    },
  }
}

/** Creates or replaces a custom role. */
export function putRole(request: ArmRequest, view: (role: Role) => unknown): Reply {
  const { state } = request.simulator
  const role = parseDefinition(request)
  const existing = roleForDefinition(request.simulator, role.guid)
  if (existing && !existing.assignableScopes)
    throw new ArmError(400, 'BuiltInRoleDefinitionNotModifiable', 'Built-in roles cannot be changed.')
  state.arm.customRoles ??= {}
  const namesake = Object.values(state.arm.customRoles).some(
    ({ guid, name }) => guid !== role.guid && name.toLowerCase() === role.name.toLowerCase(),
  )
  if (namesake)
    throw new ArmError(
      409,
      'RoleDefinitionWithSameNameExists',
      'A custom role with the same name already exists in this directory. Use a different name',
    )
  state.arm.customRoles[role.guid] = role
  return { status: 201, body: view(role) }
}

/** Deletes a custom role that is not assigned. */
export function deleteRole(request: ArmRequest, view: (role: Role) => unknown): Reply {
  const { state } = request.simulator
  const { customRoles = {} } = state.arm
  const role = ownProperty(customRoles, request.params.role!.toLowerCase())
  if (!role) return { status: 204 }
  const isAssigned = Object.values(state.arm.roleAssignments).some(
    ({ roleDefinitionId, deletedAt }) =>
      deletedAt === undefined && roleDefinitionId.toLowerCase().endsWith(role.guid),
  )
  if (isAssigned)
    throw new ArmError(
      400,
      'RoleDefinitionHasAssignments',
      `There are existing role assignments referencing role (code: RoleDefinitionHasAssignments)`,
    )
  delete customRoles[role.guid]
  return { status: 200, body: view(role) }
}
