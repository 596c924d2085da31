import type { Reply } from '../http.ts'
import { type StorageServiceName, storageEndpoint } from './accounts.ts'
import type { StorageRequest } from './request.ts'
import { element, type Xml, xmlDocument } from './xml.ts'

export const xmlReply = (root: Xml, headers: Reply['headers'] = {}): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/xml', ...headers },
  body: xmlDocument(root),
})

/** Returns one page of a list, with the parameters of the request. */
export function enumeration(
  { call, simulator, account, collection }: StorageRequest,
  service: StorageServiceName,
  items: Xml,
  nextMarker: string | undefined,
): Xml {
  const parameters = { Prefix: 'prefix', Marker: 'marker', MaxResults: 'maxresults', Delimiter: 'delimiter' }
  return element(
    'EnumerationResults',
    [
      ...Object.entries(parameters).flatMap(([name, parameter]) => {
        const value = call.query(parameter)
        return value ? [element(name, value)] : []
      }),
      items,
      element('NextMarker', nextMarker),
    ],
    {
      ServiceEndpoint: `${storageEndpoint(simulator, account.name, service)}/`,
      ContainerName: collection || undefined,
    },
  )
}
