import { randomUUID } from 'node:crypto'
import type { Cloud } from '../cloud.ts'
import type { Caller } from '../entra/access-tokens.ts'
import type { Call } from '../http.ts'
import { seconds } from './clock-text.ts'

/** The headers that every answer of Resource Manager carries. */
export function answerHeaders(call: Call, cloud: Cloud, caller: Caller | undefined): Record<string, string> {
  const [request, routing] = [randomUUID(), randomUUID()]
  const client = call.headers['x-ms-client-request-id']
  const correlation = call.headers['x-ms-correlation-request-id']
  const echo = String(call.headers['x-ms-return-client-request-id']).toLowerCase() === 'true'
  const time = seconds(cloud.now())
  return {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    expires: '-1',
    'x-ms-request-id': request,
    'x-ms-correlation-request-id': typeof correlation === 'string' ? correlation : request,
    'x-ms-routing-request-id': `EASTUS:${time.replace(/[-:]/g, '')}:${routing}`,
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-cache': 'CONFIG_NOCACHE',
    'x-msedge-ref': `Ref A: ${routing.replaceAll('-', '').toUpperCase()} Ref B: SANDBOX Ref C: ${time}`,
    ...(caller && {
      'x-ms-operation-identifier': `tenantId=${caller.tid},objectId=${caller.oid}/eastus/${request}`,
    }),
    ...(echo && typeof client === 'string' && { 'x-ms-client-request-id': client }),
  }
}
