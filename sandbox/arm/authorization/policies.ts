import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { ArmError, notFound, sandboxOnly } from '../errors.ts'
import { listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody } from '../request-body.ts'
import type { PolicyAssignment } from '../state.ts'
import { covers } from './permissions.ts'
import { type PolicyExpression, policyDefinitions } from './policy-definitions.ts'

const type = 'Microsoft.Authorization/policyAssignments'
const path = `:scope*/providers/${type}`
const scopeOf = (id: string) =>
  id.replace(/\/providers\/Microsoft\.Authorization\/policyAssignments(\/.*)?$/i, '')

function put({ call, simulator, id, params }: ArmRequest): Reply {
  const input = parseBody<{ properties?: Partial<PolicyAssignment['properties']> }>(call, {
    properties: { policyDefinitionId: 'string', displayName: 'string', enforcementMode: 'string' },
  })
  const { policyDefinitionId = '', displayName, parameters = {}, enforcementMode } = input.properties ?? {}
  if (!policyDefinitions[policyDefinitionId.split('/').at(-1)!.toLowerCase()])
    throw new ArmError(
      404,
      'PolicyDefinitionNotFound',
      `The policy definition '${policyDefinitionId}' could not be found.${sandboxOnly}`,
      { by: 'gateway' },
    )
  const assignment: PolicyAssignment = {
    id,
    name: params.assignment!,
    type,
    properties: {
      displayName: displayName ?? params.assignment!,
      policyDefinitionId,
      scope: scopeOf(id),
      parameters,
      enforcementMode: enforcementMode ?? 'Default',
    },
  }
  simulator.state.arm.policyAssignments ??= {}
  simulator.state.arm.policyAssignments[id.toLowerCase()] = assignment
  return { status: 201, body: assignment }
}

function get({ simulator, id }: ArmRequest): Reply {
  const found = simulator.state.arm.policyAssignments?.[id.toLowerCase()]
  if (!found) throw notFound(id)
  return { status: 200, body: found }
}

function remove({ simulator, id }: ArmRequest): Reply {
  const all = simulator.state.arm.policyAssignments ?? {}
  const found = all[id.toLowerCase()]
  delete all[id.toLowerCase()]
  return found ? { status: 200, body: found } : { status: 204 }
}

const assignmentsOf = ({ state }: Simulator) => Object.values(state.arm.policyAssignments ?? {})

function list(request: ArmRequest): Reply {
  const scope = scopeOf(request.id)
  const found = assignmentsOf(request.simulator).filter(
    ({ properties }) => covers(properties.scope, scope) || covers(scope, properties.scope),
  )
  return { status: 200, body: listBody(request, found) }
}

/** A policy in effect that denies a resource. */
export interface Violation {
  assignmentId: string
  assignmentName: string
  definitionId: string
  definitionName: string
  expression: PolicyExpression
}

/** Returns the policies in effect that deny the resource with this ID. */
export function violationsOf(
  simulator: Simulator,
  id: string,
  written: { type: string; content: Record<string, unknown> },
): Violation[] {
  const inEffect = assignmentsOf(simulator).filter(
    ({ properties: { enforcementMode, scope } }) => enforcementMode === 'Default' && covers(scope, id),
  )
  return inEffect.flatMap(({ id: assignmentId, properties }) => {
    const definitionId = properties.policyDefinitionId
    const definition = policyDefinitions[definitionId.split('/').at(-1)!.toLowerCase()]!
    const expression = definition.denies(written, (name) => properties.parameters[name]?.value)
    if (!expression) return []
    const assignmentName = properties.displayName
    return [{ assignmentId, assignmentName, definitionId, definitionName: definition.name, expression }]
  })
}

/** Throws 403 if a policy in effect denies the resource that a request writes. */
export function requirePolicies(
  { call, simulator, id }: Pick<ArmRequest, 'call' | 'simulator' | 'id'>,
  resourceType: string,
): void {
  if (assignmentsOf(simulator).length === 0) return
  const { resources, groups } = simulator.state.arm
  const current = (resources[id.toLowerCase()] ?? groups[id.toLowerCase()])?.body
  const violated = violationsOf(simulator, id, {
    type: resourceType,
    content: { ...current, ...call.json() },
  }).map(({ assignmentId, assignmentName, definitionId, definitionName }) => ({
    policyAssignment: { name: assignmentName, id: assignmentId },
    policyDefinition: { name: definitionName, id: definitionId },
  }))
  if (violated.length === 0) return
  throw new ArmError(
    403,
    'RequestDisallowedByPolicy',
    `Resource '${id.split('/').at(-1)}' was disallowed by policy. Policy identifiers: '${JSON.stringify(violated)}'.`,
    { by: 'gateway', target: id.split('/').at(-1)! },
  )
}

export const policyRoutes: ArmRoute[] = [
  { method: 'GET', path, action: `${type}/read`, handler: list },
  { method: 'GET', path: `${path}/:assignment`, action: `${type}/read`, handler: get },
  { method: 'PUT', path: `${path}/:assignment`, action: `${type}/write`, handler: put },
  { method: 'DELETE', path: `${path}/:assignment`, action: `${type}/delete`, handler: remove },
]
