import { recipientOf, signInRecipient } from './audiences.ts'
import type { Cloud } from './cloud.ts'
import type { Entra } from './entra.ts'
import { parseEntraError } from './entra-error.ts'
import { guard } from './errors.ts'
import type { Http } from './http.ts'
import { type HttpResponse, sendHttpRequest } from './http-request.ts'
import { responseError, retryAfterOf } from './response-error.ts'
import { ServiceError } from './service-error.ts'

const timeout = 30_000

export function makeEntra(options: { cloud: Cloud; http: Http; signal: AbortSignal }): Entra {
  const { cloud, http, signal } = options
  const guarded = guard('entra', signal)
  http.credentials.bindSignIn(signInRecipient(cloud))
  return {
    exchange: ({ tenantId, clientId, assertion, scope }) =>
      guarded(async () => {
        const recipient = recipientOf(cloud, [scope])
        const response = await sendHttpRequest(http, {
          method: 'POST',
          url: `${cloud.login}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
          headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
          body: new URLSearchParams({
            client_id: clientId,
            grant_type: 'client_credentials',
            scope,
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            client_assertion: assertion,
          }).toString(),
          signal,
          timeout,
          isDocument: true,
        })
        const body = parse(response.text)
        if (response.status === 200 && body?.access_token) {
          http.credentials.bind(`Bearer ${body.access_token}`, recipient)
          return body.access_token
        }
        throw tokenError(response, body)
      }),
  }
}

interface TokenResponse {
  access_token?: string
  error?: string
  error_description?: string
  trace_id?: string
}

function parse(text: string): TokenResponse | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function tokenError(response: HttpResponse, body: TokenResponse | undefined): ServiceError {
  const error = parseEntraError(body?.error_description ?? '')
  if (error)
    return new ServiceError({
      service: 'entra',
      ...error,
      status: response.status,
      requestId: body?.trace_id ?? error.requestId,
      retryAfterMs: retryAfterOf(response.header),
    })
  return responseError(
    'entra',
    { status: response.status, text: undefined, header: response.header },
    { code: body?.error, message: body?.error_description },
  )
}
