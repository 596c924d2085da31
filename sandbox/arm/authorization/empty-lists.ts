import type { Reply } from '../../http.ts'
import { listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'

const none = (ask: ArmRequest): Reply => ({ status: 200, body: listBody(ask, []) })

/** What a subscription may have and this one has none of. */
export const absentRoutes: ArmRoute[] = ['locks', 'denyAssignments', 'policyAssignments'].map((type) => ({
  method: 'GET',
  path: `{scope}/providers/Microsoft.Authorization/${type}`,
  action: `Microsoft.Authorization/${type}/read`,
  handler: none,
}))
