import type { Reply } from '../http.ts'
import { regionFor } from './regions.ts'
import type { ArmRequest, Route } from './route.ts'
import { coresUsed, mostCores } from './vcpu-quota.ts'

const usage = (value: string, localizedValue: string, currentValue: number, limit: number) => ({
  limit,
  unit: 'Count',
  currentValue,
  name: { value, localizedValue },
})

/** `GET …/locations/{l}/usages`: what the clusters' nodes use of the regional quota. */
const usages = ({ simulator, params }: ArmRequest): Reply => {
  const region = regionFor(params.location, { type: 'locations/usages' })
  const cores = coresUsed(simulator, region)
  return {
    status: 200,
    body: {
      value: [
        usage('availabilitySets', 'Availability Sets', 0, 2500),
        usage('cores', 'Total Regional vCPUs', cores, mostCores),
        usage('standardDSv5Family', 'Standard DSv5 Family vCPUs', cores, mostCores),
      ],
    },
  }
}

export const computeUsageRoutes: Route[] = [
  {
    method: 'GET',
    path: '/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}/usages',
    action: 'Microsoft.Compute/locations/usages/read',
    to: usages,
  },
]
