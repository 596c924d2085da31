import type { Reply } from '../../http.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { requireRegion } from '../resources/regions.ts'
import { coresUsed, regionalCores } from './vcpu-quota.ts'

const usage = (value: string, localizedValue: string, currentValue: number, limit: number) => ({
  limit,
  unit: 'Count',
  currentValue,
  name: { value, localizedValue },
})

/** `GET …/locations/:location/usages`: what the clusters' nodes use of the regional quota. */
const usages = ({ simulator, params, id }: ArmRequest): Reply => {
  const region = requireRegion(params.location, { type: 'locations/usages' })
  const cores = coresUsed(simulator, region, id)
  return {
    status: 200,
    body: {
      value: [
        usage('availabilitySets', 'Availability Sets', 0, 2500),
        usage('cores', 'Total Regional vCPUs', cores, regionalCores),
        usage('standardDSv5Family', 'Standard DSv5 Family vCPUs', cores, regionalCores),
      ],
    },
  }
}

export const computeUsageRoutes: ArmRoute[] = [
  {
    method: 'GET',
    path: '/subscriptions/:subscription/providers/Microsoft.Compute/locations/:location/usages',
    action: 'Microsoft.Compute/locations/usages/read',
    handler: usages,
  },
]
