import { listBody } from '../lists.ts'
import type { ArmRoute } from '../request.ts'

/** Types that a subscription may have; the sandbox's has none. */
export const emptyListRoutes: ArmRoute[] = ['policyAssignments'].map((type) => ({
  method: 'GET',
  path: `:scope*/providers/Microsoft.Authorization/${type}`,
  action: `Microsoft.Authorization/${type}/read`,
  handler: (request) => ({ status: 200, body: listBody(request, []) }),
}))
