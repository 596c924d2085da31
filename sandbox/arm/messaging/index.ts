import { nameCheckRoute } from '../accounts/account-names.ts'
import { accountOperations, accountRoutes, deleteAccount } from '../accounts/accounts.ts'
import { proxyRoutes } from '../accounts/proxy-resources.ts'
import type { ResourceProvider } from '../provider.ts'
import { authorizationRuleRoutes } from './authorization-rules.ts'
import { entityProxy } from './entities.ts'
import { eventHubs } from './event-hubs.ts'
import type { MessagingProvider } from './messaging-provider.ts'
import { nameRule, namespaceType } from './namespaces.ts'
import { networkRuleRoutes } from './network-rules.ts'
import { serviceBus } from './service-bus.ts'

function resourceProvider(provider: MessagingProvider): ResourceProvider {
  const { namespace, versions, entities } = provider
  const type = namespaceType(provider)
  const parts = ['networkRuleSets', 'authorizationRules', ...entities.map(({ path }) => path)]
  return {
    namespace,
    types: [
      { name: 'namespaces', versions },
      ...parts.map((part) => ({ name: `namespaces/${part}`, versions })),
      { name: 'checkNameAvailability', versions, global: true },
      { name: 'locations', versions, global: true },
      { name: 'operations', versions, global: true },
    ],
    routes: [
      nameCheckRoute(nameRule(provider)),
      ...accountRoutes(type),
      ...networkRuleRoutes(provider),
      ...authorizationRuleRoutes(provider),
      ...entities.flatMap((entity) => proxyRoutes(entityProxy(provider, entity))),
    ],
    deleteResource: (simulator, resource) => deleteAccount(simulator, type, resource),
    operations: accountOperations(type),
  }
}

export const serviceBusProvider = resourceProvider(serviceBus)
export const eventHubProvider = resourceProvider(eventHubs)
