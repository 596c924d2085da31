import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import { assignmentsOf } from '../authorization/permissions.ts'
import { listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { geographies, regions } from './regions.ts'

const subscriptionBody = ({ state }: Simulator) => ({
  id: `/subscriptions/${state.subscription.id}`,
  authorizationSource: 'RoleBased',
  managedByTenants: [],
  subscriptionId: state.subscription.id,
  tenantId: state.tenant.id,
  displayName: state.subscription.displayName,
  state: 'Enabled',
  subscriptionPolicies: {
    locationPlacementId: 'Public_2014-09-01',
    quotaId: 'PayAsYouGo_2014-09-01',
    spendingLimit: 'Off',
  },
})

/** The subscription is listed only for callers with a role in it. */
function list(request: ArmRequest): Reply {
  const isVisible = assignmentsOf(request.simulator, request.caller.oid).length > 0
  return {
    status: 200,
    body: {
      ...listBody(request, isVisible ? [subscriptionBody(request.simulator)] : []),
      count: { type: 'Total', value: isVisible ? 1 : 0 },
    },
  }
}

const locations = ({ simulator }: ArmRequest): Reply => {
  const id = (name: string) => `/subscriptions/${simulator.state.subscription.id}/locations/${name}`
  return {
    status: 200,
    body: {
      value: [
        ...regions.map((region) => ({
          id: id(region.name),
          name: region.name,
          type: 'Region',
          displayName: region.displayName,
          regionalDisplayName: `(${region.group}) ${region.displayName}`,
          metadata: {
            regionType: 'Physical',
            regionCategory: region.category,
            geography: region.geography,
            geographyGroup: region.group,
            longitude: region.longitude,
            latitude: region.latitude,
            physicalLocation: region.place,
            pairedRegion: region.paired ? [{ name: region.paired, id: id(region.paired) }] : [],
          },
          ...(region.zones && {
            availabilityZoneMappings: ['1', '2', '3'].map((logicalZone) => ({
              logicalZone,
              physicalZone: `${region.name}-az${logicalZone}`,
            })),
          }),
        })),
        ...geographies.map(({ name, displayName }) => ({
          id: id(name),
          name,
          type: 'Region',
          displayName,
          regionalDisplayName: displayName,
          metadata: { regionType: 'Logical', regionCategory: 'Other' },
        })),
      ],
    },
  }
}

const tenants = ({ simulator }: ArmRequest): Reply => {
  const { id, domain, displayName } = simulator.state.tenant
  return {
    status: 200,
    body: {
      value: [
        {
          id: `/tenants/${id}`,
          tenantId: id,
          countryCode: 'US',
          displayName,
          domains: [domain],
          tenantCategory: 'Home',
          defaultDomain: domain,
          tenantType: 'AAD',
        },
      ],
    },
  }
}

export const subscriptionRoutes: ArmRoute[] = [
  { method: 'GET', path: '/subscriptions', action: 'none', handler: list },
  {
    method: 'GET',
    path: '/subscriptions/:subscription',
    action: 'Microsoft.Resources/subscriptions/read',
    handler: ({ simulator }) => ({ status: 200, body: subscriptionBody(simulator) }),
  },
  {
    method: 'GET',
    path: '/subscriptions/:subscription/locations',
    action: 'Microsoft.Resources/subscriptions/locations/read',
    handler: locations,
  },
  { method: 'GET', path: '/tenants', action: 'none', handler: tenants },
]
