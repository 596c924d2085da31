import type { Simulator } from '../../simulator.ts'
import type { DenyAssignment } from '../state.ts'

/** The principal that stands for everybody. */
export const everyone = '00000000-0000-0000-0000-000000000000'

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')

/** Creates a deny assignment as a deployment stack does. Returns it, or what is wrong with the request. */
export function newDenyAssignment(
  simulator: Simulator,
  input: Record<string, unknown>,
): DenyAssignment | string {
  const { name, scope, actions = [], notActions = [], dataActions = [], notDataActions = [] } = input
  const { principals = [everyone], excludePrincipals = [], doNotApplyToChildScopes = false } = input
  if (typeof name !== 'string' || !name) return 'name: the name to show is required'
  if (typeof scope !== 'string' || !/^\/subscriptions\/[^/]+/i.test(scope))
    return 'scope: the ARM ID of a subscription, resource group or resource is required'
  const lists = { actions, notActions, dataActions, notDataActions, principals, excludePrincipals }
  const wrong = Object.entries(lists).find(([, value]) => !isTexts(value))?.[0]
  if (wrong) return `${wrong}: must be a list of strings`
  if ((actions as string[]).length + (dataActions as string[]).length === 0)
    return 'actions, dataActions: one of them must name what is denied, such as "*/delete"'
  const id = crypto.randomUUID()
  const toPrincipal = (each: string) => ({
    id: each,
    type: each === everyone ? 'SystemDefined' : 'ServicePrincipal',
  })
  const assignment: DenyAssignment = {
    id: `${scope}/providers/Microsoft.Authorization/denyAssignments/${id}`,
    name: id,
    type: 'Microsoft.Authorization/denyAssignments',
    properties: {
      denyAssignmentName: name,
      description: null,
      permissions: [
        {
          actions: lists.actions as string[],
          notActions: lists.notActions as string[],
          dataActions: lists.dataActions as string[],
          notDataActions: lists.notDataActions as string[],
        },
      ],
      scope,
      doNotApplyToChildScopes: doNotApplyToChildScopes === true,
      principals: (lists.principals as string[]).map(toPrincipal),
      excludePrincipals: (lists.excludePrincipals as string[]).map(toPrincipal),
      isSystemProtected: true,
    },
  }
  simulator.state.arm.denyAssignments ??= {}
  simulator.state.arm.denyAssignments[id] = assignment
  simulator.markChanged()
  return assignment
}
