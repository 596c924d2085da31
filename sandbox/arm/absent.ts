import type { Reply } from '../http.ts'
import { page } from './listing.ts'
import type { ArmRequest, Route } from './route.ts'

const none = (ask: ArmRequest): Reply => ({ status: 200, body: page(ask, []) })

/** What a subscription may have and this one has none of. */
export const absentRoutes: Route[] = ['locks', 'denyAssignments', 'policyAssignments'].map((type) => ({
  method: 'GET',
  path: `{scope}/providers/Microsoft.Authorization/${type}`,
  action: `Microsoft.Authorization/${type}/read`,
  to: none,
}))
