import type { Reply } from '../../http.ts'
import { notFound } from '../errors.ts'
import { listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { covers } from './permissions.ts'

const path = ':scope*/providers/Microsoft.Authorization/denyAssignments'
const action = 'Microsoft.Authorization/denyAssignments/read'

/** Lists the deny assignments at and above the scope, and without `atScope()` also those below it. */
function list(request: ArmRequest): Reply {
  const scope = request.id.replace(/\/providers\/Microsoft\.Authorization\/denyAssignments$/i, '') || '/'
  const atScope = /atScope\(\)/i.test(request.call.query('$filter') ?? '')
  const found = Object.values(request.simulator.state.arm.denyAssignments ?? {}).filter(
    ({ properties }) => covers(properties.scope, scope) || (!atScope && covers(scope, properties.scope)),
  )
  return { status: 200, body: listBody(request, found) }
}

function get({ simulator, id, params }: ArmRequest): Reply {
  const found = simulator.state.arm.denyAssignments?.[params.assignment!.toLowerCase()]
  if (!found) throw notFound(id)
  return { status: 200, body: found }
}

/** Only services create deny assignments, such as deployment stacks; the sandbox's control endpoint does. */
export const denyAssignmentRoutes: ArmRoute[] = [
  { method: 'GET', path, action, handler: list },
  { method: 'GET', path: `${path}/:assignment`, action, handler: get },
]
