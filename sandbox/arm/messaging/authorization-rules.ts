import type { Reply } from '../../http.ts'
import { label } from '../../messaging/namespaces.ts'
import { rootRule, sharedKey } from '../../messaging/shared-keys.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import type { Resource } from '../state.ts'
import { entityNotFound } from './errors.ts'
import type { MessagingProvider } from './messaging-provider.ts'
import { requireNamespace } from './namespaces.ts'

const view = (provider: MessagingProvider, { body }: Resource) => ({
  id: `${body.id}/AuthorizationRules/${rootRule}`,
  name: rootRule,
  type: `${provider.namespace}/Namespaces/AuthorizationRules`,
  location: body.location,
  properties: { rights: ['Listen', 'Manage', 'Send'] },
})

function requireRule(request: ArmRequest): Resource {
  const namespace = requireNamespace(request)
  if (request.params.rule!.toLowerCase() !== rootRule.toLowerCase())
    throw entityNotFound(request.params.rule!)
  return namespace
}

function listKeys(request: ArmRequest): Reply {
  const { simulator } = request
  const { body } = requireRule(request)
  const [primaryKey, secondaryKey] = (['primary', 'secondary'] as const).map((which) =>
    sharedKey(simulator, body.id, which),
  )
  const endpoint = `sb://${body.name.toLowerCase()}.${simulator.hostSuffix(label)}/`
  const connectionString = (key: string | undefined) =>
    `Endpoint=${endpoint};SharedAccessKeyName=${rootRule};SharedAccessKey=${key}`
  return {
    status: 200,
    body: {
      primaryConnectionString: connectionString(primaryKey),
      secondaryConnectionString: connectionString(secondaryKey),
      primaryKey,
      secondaryKey,
      keyName: rootRule,
    },
  }
}

/** Returns the routes of the shared access keys. A namespace has the rule that Azure creates with it, and no others. */
export function authorizationRuleRoutes(provider: MessagingProvider): ArmRoute[] {
  const path = `/subscriptions/:subscription/resourceGroups/:group/providers/${provider.namespace}/namespaces/:name/authorizationRules`
  return [
    {
      method: 'GET',
      path,
      handler: (request) => ({ status: 200, body: { value: [view(provider, requireNamespace(request))] } }),
    },
    {
      method: 'GET',
      path: `${path}/:rule`,
      handler: (request) => ({ status: 200, body: view(provider, requireRule(request)) }),
    },
    { method: 'POST', path: `${path}/:rule/listKeys`, handler: listKeys },
  ]
}
