import { createTarget } from '../support/target-resources.ts'
import type { JsonObject } from './apis.ts'
import { type Fixture, sandboxOf } from './fault.ts'

/** A service of a grant, and what the faults change in it. */
export interface Service {
  /** As in `--grant`. */
  target: string
  grant: string
  /** Below `…/providers/`. */
  resource: string
  /** The scope of its role, below the resource. */
  part: string
  /** Role that the grant assigns; undefined: the service has roles of its own. */
  role?: string
  /** A body that closes the firewall, and one that opens it; none: the service has no address rules. */
  firewall?: { path?: string; closed: JsonObject; open: JsonObject }
  /** What the grant names in the resource, and the body that creates it. */
  entity?: { path: string; body: JsonObject }
}

const bus = 'Microsoft.ServiceBus/namespaces/sb-shop'
const hubs = 'Microsoft.EventHub/namespaces/eh-shop'
const cosmos = 'Microsoft.DocumentDB/databaseAccounts/shop-cosmos'
const orders = { properties: { resource: { id: 'orders', partitionKey: { paths: ['/customer'] } } } }

const messagingFirewall = {
  path: '/networkRuleSets/default',
  closed: { properties: { defaultAction: 'Deny', ipRules: [] } },
  open: { properties: { defaultAction: 'Allow' } },
}
const acls = (name: string) => ({
  closed: { properties: { [name]: { defaultAction: 'Deny' } } },
  open: { properties: { [name]: { defaultAction: 'Allow' } } },
})

export const services: readonly Service[] = [
  {
    target: 'servicebus',
    grant: 'servicebus:sb-shop/queue/orders=receiver',
    resource: bus,
    part: '/queues/orders',
    role: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0',
    firewall: messagingFirewall,
    entity: { path: '/queues/orders', body: {} },
  },
  {
    target: 'eventhub',
    grant: 'eventhub:eh-shop/clicks=receiver',
    resource: hubs,
    part: '/eventhubs/clicks',
    role: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde',
    firewall: messagingFirewall,
    entity: { path: '/eventhubs/clicks', body: { properties: { partitionCount: 2 } } },
  },
  {
    target: 'appconfig',
    grant: 'appconfig:shop-config=reader',
    resource: 'Microsoft.AppConfiguration/configurationStores/shop-config',
    part: '',
    role: '516239f1-63e1-4d78-a4de-a74fb236a071',
  },
  {
    target: 'cosmos',
    grant: 'cosmos:shop-cosmos/shop/orders=reader',
    resource: cosmos,
    part: '',
    firewall: {
      closed: { properties: { ipRules: [{ ipAddressOrRange: '198.51.100.7' }] } },
      open: { properties: { ipRules: [] } },
    },
    entity: { path: '/sqlDatabases/shop/containers/orders', body: orders },
  },
  {
    target: 'openai',
    grant: 'openai:shop-ai=user',
    resource: 'Microsoft.CognitiveServices/accounts/shop-ai',
    part: '',
    role: '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd',
    firewall: acls('networkAcls'),
  },
  {
    target: 'acr',
    grant: 'acr:shopregistry=reader',
    resource: 'Microsoft.ContainerRegistry/registries/shopregistry',
    part: '',
    role: '7f951dda-4ed3-4680-a7ca-43fe172d538d',
    firewall: acls('networkRuleSet'),
  },
]

export const serviceGrants = services.flatMap(({ grant }) => ['--grant', grant])

/** Creates the resources of all services. */
export async function createServices(fixture: Pick<Fixture, 'apis' | 'environment'>): Promise<void> {
  const environment = sandboxOf(fixture as Fixture)
  for (const { resource, target } of services) {
    await fixture.apis.arm('POST', `/providers/${resource.split('/')[0]}/register`)
    await createTarget(target, environment, fixture.apis)
  }
}

export const resourcePath = ({ resource }: Service) => `/resourceGroups/rg-shop/providers/${resource}`
