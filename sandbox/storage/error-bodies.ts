import { randomUUID } from 'node:crypto'
import { dotNetTimestamp } from '../arm/timestamps.ts'
import type { Simulator } from '../simulator.ts'
import type { StorageError } from './errors.ts'
import { element, xmlDocument } from './xml.ts'

/** Returns the message with the ID and the time of the request, as Storage ends it. */
export const fullMessage = ({ message }: StorageError, simulator: Simulator) =>
  `${message}\nRequestId:${randomUUID()}\nTime:${dotNetTimestamp(simulator.now())}`

/** The format of blob and queue. */
export const xmlError = (error: StorageError, simulator: Simulator) => ({
  type: 'application/xml',
  body: xmlDocument(
    element('Error', [
      element('Code', error.code),
      element('Message', fullMessage(error, simulator)),
      ...(error.detail === undefined ? [] : [element('AuthenticationErrorDetail', error.detail)]),
    ]),
  ),
})

/** The format of tables: JSON if the client accepts it. */
export function tableError(error: StorageError, simulator: Simulator, accept: string | undefined) {
  const value = fullMessage(error, simulator)
  if (accept?.includes('json'))
    return {
      type: 'application/json;odata=minimalmetadata;streaming=true;charset=utf-8',
      body: JSON.stringify({ 'odata.error': { code: error.code, message: { lang: 'en-US', value } } }),
    }
  return {
    type: 'application/xml',
    body: xmlDocument(
      element(
        'm:error',
        [element('m:code', error.code), element('m:message', value, { 'xml:lang': 'en-US' })],
        { 'xmlns:m': 'http://schemas.microsoft.com/ado/2007/08/dataservices/metadata' },
      ),
    ),
  }
}

/** The format of Data Lake. */
export const dfsError = (error: StorageError, simulator: Simulator) => ({
  type: 'application/json;charset=utf-8',
  body: JSON.stringify({
    error: {
      code: error.code,
      message: fullMessage(error, simulator),
      ...(error.detail === undefined ? {} : { detail: { AuthenticationErrorDetail: error.detail } }),
    },
  }),
})

/** The format of static websites. */
export const websiteError = (error: StorageError, simulator: Simulator) => ({
  type: 'text/html',
  body: `<!DOCTYPE html><html><head><title>${error.code}</title></head><body><h1>${error.message}</h1><p><ul><li>HttpStatusCode: ${error.status}</li><li>ErrorCode: ${error.code}</li><li>RequestId : ${randomUUID()}</li><li>TimeStamp : ${dotNetTimestamp(simulator.now())}</li></ul></p></body></html>`,
})
