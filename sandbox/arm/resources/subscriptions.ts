import type { Reply } from '../../http.ts'
import type { SandboxState } from '../../sandbox-state.ts'
import type { Simulator } from '../../simulator.ts'
import { assignmentsOf, covers } from '../authorization/permissions.ts'
import { listBody } from '../lists.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { findSubscription, subscriptionPath, subscriptionsOf } from '../subscription-path.ts'
import { geographies, regions } from './regions.ts'

const subscriptionBody = ({ state }: Simulator, { id, displayName }: SandboxState['subscription']) => ({
  id: `/subscriptions/${id}`,
  authorizationSource: 'RoleBased',
  managedByTenants: [],
  subscriptionId: id,
  tenantId: state.tenant.id,
  displayName,
  state: 'Enabled',
  subscriptionPolicies: {
    locationPlacementId: 'Public_2014-09-01',
    quotaId: 'PayAsYouGo_2014-09-01',
    spendingLimit: 'Off',
  },
})

/** Lists the subscriptions in which the caller has a role. */
function list(request: ArmRequest): Reply {
  const { simulator, caller } = request
  const scopes = assignmentsOf(simulator, caller.oid).map(({ scope }) => scope)
  const visible = subscriptionsOf(simulator.state).filter(({ id }) => {
    const path = `/subscriptions/${id}`
    return scopes.some((scope) => covers(scope, path) || covers(path, scope))
  })
  return {
    status: 200,
    body: {
      ...listBody(
        request,
        visible.map((each) => subscriptionBody(simulator, each)),
      ),
      count: { type: 'Total', value: visible.length },
    },
  }
}

const get = ({ simulator, params }: ArmRequest): Reply => ({
  status: 200,
  body: subscriptionBody(simulator, findSubscription(simulator.state, params.subscription!)!),
})

const locations = (request: ArmRequest): Reply => {
  const id = (name: string) => `${subscriptionPath(request.id)}/locations/${name}`
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
    handler: get,
  },
  {
    method: 'GET',
    path: '/subscriptions/:subscription/locations',
    action: 'Microsoft.Resources/subscriptions/locations/read',
    handler: locations,
  },
  { method: 'GET', path: '/tenants', action: 'none', handler: tenants },
]
