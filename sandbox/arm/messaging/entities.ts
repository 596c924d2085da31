import { deleteStores } from '../../messaging/message-store.ts'
import type { Simulator } from '../../simulator.ts'
import type { AccountBody } from '../accounts/account-type.ts'
import type { ProxyType } from '../accounts/proxy-resources.ts'
import { covers } from '../authorization/permissions.ts'
import type { ArmRequest } from '../request.ts'
import type { Resource } from '../state.ts'
import { dotNetTimestamp } from '../timestamps.ts'
import { badRequest, entityNotFound } from './errors.ts'
import type { EntityType, MessagingProvider } from './messaging-provider.ts'
import { requireNamespace } from './namespaces.ts'

const nameIn = (id: string) => id.split('/').at(-1)!

function members(type: EntityType, request: ArmRequest, input: AccountBody, current: Resource | undefined) {
  const { simulator, id } = request
  const namespace = requireNamespace(request)
  if (!type.name.test(nameIn(id))) throw badRequest(`The specified name '${nameIn(id)}' is invalid.`)
  const before = current?.body.properties
  const properties: Record<string, unknown> = { ...type.defaults, ...before, ...input.properties }
  const changed = before && type.fixed?.find((name) => before[name] !== properties[name])
  if (changed)
    throw badRequest(`SubCode=40000. The value of '${changed}' can't be changed for an existing entity.`)
  const problem = type.problem?.(properties, namespace)
  if (problem) throw badRequest(problem)
  const now = dotNetTimestamp(simulator.now())
  return {
    location: namespace.body.location,
    properties: {
      ...properties,
      ...type.computed?.(properties),
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
    },
  }
}

/** Returns the built-in ones in each resource of the type that contains them. */
function builtIns(simulator: Simulator, { id }: Resource['body'], type: string, name: string): Resource[] {
  const parents = Object.values(simulator.state.arm.proxyResources ?? {}).filter(
    ({ body }) => covers(id, body.id) && `${body.type}/${nameIn(type)}` === type,
  )
  return parents.map(({ body, ...times }) => ({
    ...times,
    body: { id: `${body.id}/${nameIn(type)}/${name}`, name, type, properties: {} },
  }))
}

/** Returns the key of an entity's messages: the names in its path, and `subscriptions` as in its address. */
function storeKey(id: string): string {
  const [, , ...parts] = id.toLowerCase().split('/').slice(7)
  return parts.filter((part, index) => index % 2 === 1 || part === 'subscriptions').join('/')
}

export function entityProxy({ namespace }: MessagingProvider, entity: EntityType): ProxyType {
  const type = `${namespace}/namespaces/${entity.path}`
  const { builtIn } = entity
  return {
    type,
    shape: { properties: entity.shape },
    createdStatus: 200,
    members: (request, input, current) => members(entity, request, input, current),
    absent: ({ id }) => entityNotFound(nameIn(id)),
    ...(builtIn && { builtIn: ({ body }, simulator) => builtIns(simulator, body, type, builtIn) }),
    onDelete: (simulator, { body }) =>
      deleteStores(simulator, body.id.split('/').slice(0, 9).join('/'), storeKey(body.id)),
  }
}
