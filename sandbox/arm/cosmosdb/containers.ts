import type { ProxyType } from '../accounts/proxy-resources.ts'
import { accountTypeName } from './accounts.ts'
import { absent, badRequest } from './bad-request.ts'

const enqueued = { acceptedBody: () => ({ status: 'Enqueued' }), operations: 'operationsStatus' } as const

/** Returns the properties that the service adds to a database or container, the same after each write. */
const generated = (id: string, now: number, current: Record<string, unknown> | undefined) => ({
  _rid: current?._rid ?? Buffer.from(id).toString('base64').slice(0, 8),
  _ts: Math.floor(now / 1000),
  _etag: crypto.randomUUID(),
})

const resourceOf = (properties: Record<string, unknown> | undefined) =>
  properties?.resource as Record<string, unknown> | undefined

function requireResource(properties: Record<string, unknown> | undefined, name: string) {
  const resource = resourceOf(properties)
  if (resource?.id !== name)
    throw badRequest(`The resource id in the body must be '${name}', the name in the URL.`)
  return resource
}

export const sqlDatabase: ProxyType = {
  ...enqueued,
  type: `${accountTypeName}/sqlDatabases`,
  shape: { properties: { resource: { id: 'string' }, options: 'object' } },
  duration: 'partWrite',
  absent,
  members({ simulator, params }, { properties }, current) {
    const resource = requireResource(properties, params.name1!)
    const old = resourceOf(current?.body.properties)
    return { properties: { resource: { ...resource, ...generated(params.name1!, simulator.now(), old) } } }
  },
  onDelete(simulator, { body }) {
    const [account = '', , database = ''] = body.id.split('/').slice(8)
    delete simulator.state.cosmos[account.toLowerCase()]?.[database]
  },
}

export const sqlContainer: ProxyType = {
  ...enqueued,
  type: `${accountTypeName}/sqlDatabases/containers`,
  shape: {
    properties: { resource: { id: 'string', partitionKey: { paths: ['string'], kind: 'string' } } },
  },
  duration: 'partWrite',
  absent,
  members({ simulator, params }, { properties }, current) {
    const resource = requireResource(properties, params.name2!)
    const old = resourceOf(current?.body.properties)
    const key = resource.partitionKey as { paths?: string[] } | undefined
    if (!key?.paths?.length) throw badRequest('The partition key of a container must have a path.')
    if (old && JSON.stringify((old.partitionKey as typeof key).paths) !== JSON.stringify(key.paths))
      throw badRequest('Document collection partition key cannot be changed.')
    return {
      properties: {
        resource: {
          indexingPolicy: { indexingMode: 'consistent', automatic: true },
          conflictResolutionPolicy: { mode: 'LastWriterWins', conflictResolutionPath: '/_ts' },
          ...resource,
          partitionKey: { kind: 'Hash', version: 2, ...key },
          ...generated(`${params.name1}/${params.name2}`, simulator.now(), old),
        },
      },
    }
  },
  onDelete(simulator, { body }) {
    const [account = '', , database = '', , container = ''] = body.id.split('/').slice(8)
    delete simulator.state.cosmos[account.toLowerCase()]?.[database]?.[container]
  },
}
