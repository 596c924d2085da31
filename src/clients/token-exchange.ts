import type { Cloud } from './cloud.ts'
import type { Entra } from './entra.ts'
import { parseEntraError } from './entra-error.ts'
import { guard, responseError, retryAfterOf } from './errors.ts'
import type { Http } from './http.ts'
import { sendHttpRequest } from './http-request.ts'
import { ServiceError } from './service-error.ts'

const timeout = 30_000

export function makeEntra(of: { cloud: Cloud; http: Http; signal: AbortSignal }): Entra {
  return {
    exchange: ({ tenantId, clientId, assertion, scope }) =>
      guard(
        'entra',
        of.signal,
      )(async () => {
        const answer = await sendHttpRequest(of.http, {
          method: 'POST',
          url: `${of.cloud.login}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
          headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
          body: new URLSearchParams({
            client_id: clientId,
            grant_type: 'client_credentials',
            scope,
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            client_assertion: assertion,
          }).toString(),
          signal: of.signal,
          timeout,
        })
        const body = read(answer.text)
        if (answer.status === 200 && body?.access_token) return body.access_token
        const said = parseEntraError(body?.error_description ?? '')
        if (!said)
          throw responseError('entra', {
            status: answer.status,
            text: undefined,
            header: answer.header,
            fallback: {
              ...(body?.error ? { code: body.error } : {}),
              ...(body?.error_description ? { message: body.error_description } : {}),
            },
          })
        throw new ServiceError({
          service: 'entra',
          ...said,
          status: answer.status,
          requestId: body?.trace_id ?? said.requestId,
          retryAfterMs: retryAfterOf(answer.header),
        })
      }),
  }
}

interface TokenAnswer {
  access_token?: string
  error?: string
  error_description?: string
  trace_id?: string
}

function read(text: string): TokenAnswer | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
