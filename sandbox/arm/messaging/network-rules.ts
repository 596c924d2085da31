import type { Reply } from '../../http.ts'
import { accessModes, oneOf } from '../accounts/input.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody } from '../request-body.ts'
import type { Resource } from '../state.ts'
import { entityNotFound } from './errors.ts'
import type { MessagingProvider } from './messaging-provider.ts'
import { requireNamespace } from './namespaces.ts'

interface Rules extends Record<string, unknown> {
  defaultAction?: string
  publicNetworkAccess?: string
  ipRules?: { ipMask?: string; action?: string }[]
}

const defaults: Rules = {
  defaultAction: 'Allow',
  trustedServiceAccessEnabled: false,
  virtualNetworkRules: [],
  ipRules: [],
}

const keyOf = (namespace: Resource) => `${namespace.body.id}/networkRuleSets/default`.toLowerCase()

function view({ simulator }: ArmRequest, provider: MessagingProvider, namespace: Resource) {
  const stored = simulator.state.arm.proxyResources?.[keyOf(namespace)]?.body.properties
  return {
    id: `${namespace.body.id}/networkRuleSets/default`,
    name: 'default',
    type: `${provider.namespace}/Namespaces/NetworkRuleSets`,
    location: namespace.body.location,
    properties: {
      publicNetworkAccess: namespace.body.properties.publicNetworkAccess,
      ...defaults,
      ...stored,
    },
  }
}

function put(request: ArmRequest, provider: MessagingProvider, namespace: Resource): Reply {
  const { call, simulator } = request
  const { properties = {} } = parseBody<{ properties?: Rules }>(call, {
    properties: {
      defaultAction: 'string',
      publicNetworkAccess: 'string',
      trustedServiceAccessEnabled: 'boolean',
      ipRules: [{ ipMask: 'string', action: 'string' }],
      virtualNetworkRules: ['object'],
    },
  })
  const { publicNetworkAccess, ...rules } = properties
  if (publicNetworkAccess !== undefined)
    namespace.body.properties.publicNetworkAccess = oneOf(
      'publicNetworkAccess',
      publicNetworkAccess,
      accessModes,
      'Enabled',
    )
  const stored = {
    ...defaults,
    ...rules,
    defaultAction: oneOf('defaultAction', rules.defaultAction, ['Allow', 'Deny'], 'Allow'),
    ipRules: (rules.ipRules ?? []).map(({ ipMask, action = 'Allow' }) => ({ ipMask, action })),
  }
  simulator.state.arm.proxyResources ??= {}
  const all = simulator.state.arm.proxyResources
  const now = simulator.now()
  const { id, name, type } = view(request, provider, namespace)
  all[keyOf(namespace)] = { body: { id, name, type, properties: stored }, createdAt: now, changedAt: now }
  return { status: 200, body: view(request, provider, namespace) }
}

/** Returns the routes of the firewall, of which a namespace has one. */
export function networkRuleRoutes(provider: MessagingProvider): ArmRoute[] {
  const path = `/subscriptions/:subscription/resourceGroups/:group/providers/${provider.namespace}/namespaces/:name/networkRuleSets`
  const requireDefault = (request: ArmRequest) => {
    const namespace = requireNamespace(request)
    if (request.params.ruleSet!.toLowerCase() !== 'default') throw entityNotFound(request.params.ruleSet!)
    return namespace
  }
  return [
    {
      method: 'GET',
      path,
      handler: (request) => ({
        status: 200,
        body: { value: [view(request, provider, requireNamespace(request))] },
      }),
    },
    {
      method: 'GET',
      path: `${path}/:ruleSet`,
      handler: (request) => ({ status: 200, body: view(request, provider, requireDefault(request)) }),
    },
    {
      method: 'PUT',
      path: `${path}/:ruleSet`,
      handler: (request) => put(request, provider, requireDefault(request)),
    },
  ]
}
