import type { Call } from '../../http.ts'
import { storageEndpoint } from '../accounts.ts'
import { headerOf } from '../headers.ts'
import type { StorageRequest } from '../request.ts'
import type { Entity } from '../state.ts'

/** Returns how much metadata the client wants: `nometadata`, `minimalmetadata` or `fullmetadata`. */
const levelOf = (call: Call): string =>
  /odata=(\w+)/i.exec(headerOf(call, 'accept') ?? '')?.[1]?.toLowerCase() ?? 'minimalmetadata'

export const jsonHeaders = ({ call }: StorageRequest) => ({
  'content-type': `application/json;odata=${levelOf(call)};streaming=true;charset=utf-8`,
})

/** Returns `odata.metadata`, unless the client wants no metadata. */
export const metadataOf = ({ call, simulator, account }: StorageRequest, what: string) =>
  levelOf(call) === 'nometadata'
    ? {}
    : { 'odata.metadata': `${storageEndpoint(simulator, account.name, 'table')}/$metadata#${what}` }

/** Returns all properties of an entity by name, as filters see them. */
export const propertiesOf = ({
  partitionKey,
  rowKey,
  changedAt,
  properties,
}: Entity): Record<string, unknown> => ({
  PartitionKey: partitionKey,
  RowKey: rowKey,
  Timestamp: new Date(changedAt).toISOString().replace('Z', '0000Z'),
  ...properties,
})

export const etagOf = ({ etag }: Entity) => `W/"datetime'${encodeURIComponent(etag)}'"`

/** Returns an entity with the properties that `$select` names, or with all. */
export function entityView({ call }: StorageRequest, entity: Entity): Record<string, unknown> {
  const all = Object.entries(propertiesOf(entity))
  const selected = call.query('$select')?.split(',')
  const shown = selected ? all.filter(([name]) => selected.includes(name.replace(/@odata\.type$/, ''))) : all
  const withMetadata = levelOf(call) !== 'nometadata'
  return {
    ...(withMetadata && { 'odata.etag': etagOf(entity) }),
    ...Object.fromEntries(shown.filter(([name]) => withMetadata || !name.endsWith('@odata.type'))),
  }
}

export const newEntityTag = (ms: number) => new Date(ms).toISOString().replace('Z', '0000Z')
